import type { BuildServer } from './builds.ts';
import { ProgramRun } from './server.ts';

/** The program's environment for this server. */
export function environmentFor({ endpoint, credentials }: BuildServer): Record<string, string> {
  const { accessKeyId, secretAccessKey } = credentials;
  return { AWS_ENDPOINT_URL: endpoint, AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey, AWS_REGION: 'us-east-1' };
}

/** A run of `pipewright …` whose standard input the test writes. */
export function typing(world: BuildServer, ...args: string[]): ProgramRun & { type(text: string): void } {
  const run = new ProgramRun(args, environmentFor(world), 'pipe');
  return Object.assign(run, { type: (text: string) => void run.child.stdin!.write(text) });
}

/** A run of `pipewright …`, to its end. */
export async function cli(world: BuildServer, ...args: string[]): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const run = new ProgramRun(args, environmentFor(world));
  const { code } = await run.closed;
  return { code, stdout: run.stdout, stderr: run.stderr };
}
