import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { ProcessRuntime } from '../../src/runtimes/process/runtime.ts';

const PATH = process.env['PATH'] ?? '';

/** A folder with all programs of the PATH, and of root's, but these. */
export function pathWithout(folder: string, ...names: readonly string[]): string {
  mkdirSync(folder, { recursive: true });
  const there = new Set<string>(names);
  for (const place of [...PATH.split(delimiter), '/usr/sbin', '/sbin'])
    for (const name of programs(place)) {
      if (there.has(name)) continue;
      there.add(name);
      symlinkSync(join(place, name), join(folder, name));
    }
  return folder;
}

function programs(place: string): readonly string[] {
  try {
    return readdirSync(place);
  } catch {
    return [];
  }
}

export interface Way {
  readonly name: string;
  /** For the server's environment. */
  readonly path: string;
  /** Why this machine cannot. */
  readonly missing?: string;
}

/** The ways to isolate builds, each tried on this machine. `folder`: for what they need, as long as they are used. */
export async function waysToIsolate(folder: string): Promise<readonly Way[]> {
  const paths = { bubblewrap: PATH, unshare: pathWithout(join(folder, 'without-bwrap'), 'bwrap') };
  const ways: Way[] = [];
  for (const [name, path] of Object.entries(paths)) {
    const trial = mkdtempSync(join(tmpdir(), 'trial-'));
    const found = await new ProcessRuntime(trial, { isolation: 'auto', path }).isolation();
    rmSync(trial, { recursive: true });
    const missing = 'missing' in found ? found.missing : found.method === name ? undefined : `${found.method} is used instead`;
    if (missing !== undefined) console.warn(`isolation by ${name}: skipped: ${missing}`);
    ways.push({ name, path, ...(missing !== undefined && { missing }) });
  }
  return ways;
}
