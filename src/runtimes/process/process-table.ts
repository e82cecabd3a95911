import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { promisify } from 'node:util';

const run = promisify(execFile);

/**
 * When a process was started, as text to compare: a pid alone may have been given to somebody else since.
 * Undefined where there is no such process.
 */
export async function startOf(pid: number): Promise<string | undefined> {
  if (process.platform === 'linux') return statStart(pid);
  try {
    return (await run('ps', ['-o', 'lstart=', '-p', String(pid)])).stdout.trim() || undefined;
  } catch {
    // ps exits with 1 where the pid is free.
    return undefined;
  }
}

function statStart(pid: number): string | undefined {
  const stat = readText(`/proc/${pid}/stat`);
  // The second field is the program's name in brackets and may hold anything, brackets too; start time is field 22.
  return stat?.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    // Gone meanwhile, or another user's.
    return undefined;
  }
}

/** The processes whose environment holds `NAME=value…` with this beginning: they may have left their process group, not their environment. */
export function pidsWithEnvironment(beginning: string): readonly number[] {
  if (process.platform !== 'linux') return [];
  const wanted = Buffer.from(beginning, 'utf8').toString('latin1');
  const found: number[] = [];
  for (const name of readdirSync('/proc')) {
    if (name < '0' || name > '9~') continue;
    const pid = Number(name);
    if (pid === process.pid) continue;
    const environment = readText(`/proc/${name}/environ`);
    if (environment && (environment.startsWith(wanted) || environment.includes(`\0${wanted}`))) found.push(pid);
  }
  return found;
}

/** The processes of a group; on Linux only. */
export function pidsOfGroup(group: number): readonly number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((name) => {
      const stat = readText(`/proc/${name}/stat`);
      return stat?.slice(stat.lastIndexOf(')') + 2).split(' ')[2] === String(group);
    })
    .map(Number);
}

/** Signals a process, or with a negative pid a group; false where there is none. */
export function signalPid(pid: number, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, signal);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ESRCH' || code === 'EPERM') return false;
    throw error;
  }
}
