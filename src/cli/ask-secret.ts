import type { CliTools } from './tools.ts';

const [CTRL_C, CTRL_D, BACKSPACE, DELETE] = ['\u0003', '\u0004', '\b', '\u007f'];

/** Asks for a secret on the terminal, which shows nothing of it. Ctrl-C interrupts the program as it does elsewhere. */
export function askSecret({ stdin, stderr }: Pick<CliTools, 'stdin' | 'stderr'>, question: string): Promise<string> {
  stderr.write(question);
  stdin.setRawMode(true).setEncoding('utf8').resume();
  return new Promise((resolve) => {
    let secret = '';
    const end = (): void => {
      stdin.off('data', take).setRawMode(false).pause();
      stderr.write('\n');
    };
    const take = (typed: string): void => {
      for (const char of typed.split('')) {
        if (char === '\r' || char === '\n' || char === CTRL_D) {
          end();
          return resolve(secret);
        }
        if (char === CTRL_C) {
          end();
          process.kill(process.pid, 'SIGINT');
          return undefined;
        }
        secret = char === BACKSPACE || char === DELETE ? secret.slice(0, -1) : secret + char;
      }
      return undefined;
    };
    stdin.on('data', take);
  });
}
