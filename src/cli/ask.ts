import { createInterface } from 'node:readline/promises';
import type { CliTools } from './tools.ts';

/**
 * Asks a question that yes answers, on one line of the terminal; undefined where the signal ended it first. Ctrl-C and Ctrl-D interrupt
 * the program as they do elsewhere.
 */
export async function ask(
  { stdin, stdout }: Pick<CliTools, 'stdin' | 'stdout'>,
  question: string,
  signal: AbortSignal,
): Promise<boolean | undefined> {
  const readline = createInterface({ input: stdin, output: stdout });
  const interrupt = () => void process.kill(process.pid, 'SIGINT');
  readline.once('SIGINT', interrupt);
  readline.once('close', interrupt);
  try {
    const answer = (await readline.question(question, { signal })).trim();
    return !/^no?$/i.test(answer);
  } catch (error) {
    if (!signal.aborted) throw error;
    stdout.write('\n');
    return undefined;
  } finally {
    readline.removeListener('close', interrupt);
    readline.close();
  }
}
