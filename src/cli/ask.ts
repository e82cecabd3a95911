import { createInterface } from 'node:readline/promises';
import type { CliTools } from './tools.ts';

type Terminal = Pick<CliTools, 'stdin' | 'stdout'>;

/**
 * Asks for one line of the terminal; undefined where the signal ended it first. Ctrl-C and Ctrl-D interrupt the program as they do
 * elsewhere.
 */
export async function askLine({ stdin, stdout }: Terminal, question: string, signal: AbortSignal): Promise<string | undefined> {
  const readline = createInterface({ input: stdin, output: stdout });
  const interrupt = () => void process.kill(process.pid, 'SIGINT');
  readline.once('SIGINT', interrupt);
  readline.once('close', interrupt);
  try {
    return (await readline.question(question, { signal })).trim();
  } catch (error) {
    if (!signal.aborted) throw error;
    stdout.write('\n');
    return undefined;
  } finally {
    readline.removeListener('close', interrupt);
    readline.close();
  }
}

/** Asks a question that yes answers; undefined where the signal ended it first. */
export async function ask(terminal: Terminal, question: string, signal: AbortSignal): Promise<boolean | undefined> {
  const answer = await askLine(terminal, question, signal);
  return answer === undefined ? undefined : !/^no?$/i.test(answer);
}
