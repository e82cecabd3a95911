import { homedir } from 'node:os';
import { join, resolve } from 'node:path';

/** The absolute path of a data folder; `~` is the home folder, as in a shell. */
export function dataPath(path: string): string {
  return resolve(path === '~' || path.startsWith('~/') ? join(homedir(), path.slice(1)) : path);
}
