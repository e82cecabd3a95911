import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, existsSync, fchownSync, openSync, unlinkSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { WorkloadSpec } from '../runtime.ts';
import { startLines } from '../start-file.ts';
import type { Account } from './isolation/account.ts';
import type { BuildRoom } from './isolation/rooms.ts';

export interface Launch {
  readonly spec: Pick<WorkloadSpec, 'command' | 'args' | 'env' | 'cwd'>;
  /** Where it starts when its own folder is gone. */
  readonly otherwise: string;
  /** Takes standard output and error. */
  readonly output: number;
  /** Absent: the workload's own user; there is no other but in a room. */
  readonly user: Account | undefined;
}

/** On the host itself. */
export function launchOnHost({ spec, otherwise, output }: Launch): ChildProcess {
  return spawn(spec.command, [...spec.args], {
    env: spec.env,
    cwd: existsSync(spec.cwd) ? spec.cwd : otherwise,
    detached: true,
    stdio: ['ignore', output, output, 'pipe'],
  });
}

let counter = 0;

/** A file that is open and nowhere else, to be read from its beginning. */
function unnamed(folder: string, text: string): number {
  const path = join(folder, `start-${process.pid}-${++counter}`);
  const fd = openSync(path, 'wx+', 0o600);
  unlinkSync(path);
  // With a position, which leaves the file's own where it is.
  writeSync(fd, Buffer.from(text), 0, undefined, 0);
  return fd;
}

/**
 * In a room of its own. What leads there runs with our rights, so that nothing of the build's (its PATH, LD_PRELOAD, BASH_ENV) may be in
 * its environment: a shell that is there already takes that from its input, and becomes the program.
 */
export async function launchInRoom(
  room: BuildRoom,
  { scratch, mark }: { readonly scratch: string; readonly mark: Readonly<Record<string, string>> },
  launch: Launch,
): Promise<ChildProcess> {
  const { spec, otherwise, output, user } = launch;
  const [command, ...args] = await room.entrance(user);
  const lines = startLines(spec, otherwise);
  const text = [...lines.slice(0, -1), 'unset OLDPWD', `${lines.at(-1)} </dev/null`].join('\n');
  const input = unnamed(scratch, `${text}\n`);
  try {
    const stdio = [input, output, output, 'pipe'] as const;
    return spawn(command, [...args, '/bin/sh'], { env: { ...mark }, cwd: '/', detached: true, stdio: [...stdio] });
  } finally {
    closeSync(input);
  }
}

/** Programs open /dev/stdout by name: the pipe behind it must be their user's. */
export function giveOutput(output: number, user: Account | undefined): void {
  if (user && process.getuid?.() === 0) fchownSync(output, user.uid, user.gid);
}
