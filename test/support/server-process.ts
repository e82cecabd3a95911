import { spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';

const root = join(import.meta.dirname, '../..');
// Not below node_modules, which may be a link: the program finds the runner by its own place.
const program = join(root, 'test', '.serve', `serve-${process.pid}.mjs`);
let bundled: Promise<unknown> | undefined;

function bundle(): Promise<unknown> {
  mkdirSync(join(root, 'test', '.serve'), { recursive: true });
  const entryPoints = [join(root, 'test/support/serve.ts')];
  return (bundled ??= build({
    entryPoints,
    outfile: program,
    bundle: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    target: 'node20',
  }));
}

export interface ServerProcess {
  readonly endpoint: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
  /** kill -9; resolves when it is gone. */
  kill(): Promise<void>;
}

/** Starts a server in a process of its own, on this data folder and port (0: any). */
export async function serverProcess(data: string, port: number): Promise<ServerProcess> {
  await bundle();
  const child: ChildProcess = spawn(process.execPath, [program, data, String(port)], { stdio: ['ignore', 'pipe', 'inherit'] });
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const line = await new Promise<string>((resolve, reject) => {
    child.stdout!.once('data', (chunk: Buffer) => resolve(chunk.toString()));
    child.once('exit', () => reject(new Error('the server ended at once')));
  });
  const { endpoint, credentials } = JSON.parse(line) as Omit<ServerProcess, 'kill'>;
  return {
    endpoint,
    credentials,
    async kill() {
      child.kill('SIGKILL');
      await gone;
    },
  };
}
