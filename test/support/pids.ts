import { readdirSync, readFileSync } from 'node:fs';

/** The processes that were started with this argument. */
export function pidsWithArguments(argument: string): readonly number[] {
  return readdirSync('/proc').flatMap((name) => {
    if (!/^\d+$/.test(name)) return [];
    try {
      return readFileSync(`/proc/${name}/cmdline`, 'utf8').split('\0').includes(argument) ? [Number(name)] : [];
    } catch {
      // It ended meanwhile.
      return [];
    }
  });
}
