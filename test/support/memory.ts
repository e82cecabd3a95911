import { readdirSync, readFileSync } from 'node:fs';

function read(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    // It ended meanwhile.
    return '';
  }
}

/** The Node programs that were called with this folder: its server, and the server's runner. */
export function programsOn(folder: string): readonly number[] {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid);
  return pids.filter((pid) => /^\S*node\0/.test(read(`/proc/${pid}/cmdline`)) && read(`/proc/${pid}/cmdline`).includes(folder)).map(Number);
}

/** The most memory that a process ever had, in MB. */
export function peakMegabytes(pid: number): number {
  return Math.round(Number(/^VmHWM:\s+(\d+) kB$/m.exec(read(`/proc/${pid}/status`))?.[1] ?? NaN) / 1024);
}
