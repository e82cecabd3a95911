import { lstatSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { invalidArchive, normalisePath } from '../../kernel/zip/paths.ts';

/**
 * Makes the folders on the way to a file below `root` and answers its path. The archive's own rules refuse entries below links;
 * this looks at the disk, once a folder, so that not even a link that was there before leads outside.
 */
export function placer(root: string): (path: string) => string {
  const known = new Set<string>(['.']);
  const makeFolder = (folder: string): void => {
    if (known.has(folder)) return;
    makeFolder(dirname(folder));
    const full = join(root, folder);
    mkdirSync(full, { recursive: true, mode: 0o755 });
    if (!lstatSync(full).isDirectory()) throw invalidArchive(`${JSON.stringify(folder)} is no folder`);
    known.add(folder);
  };
  return (path) => {
    const safe = normalisePath(path);
    makeFolder(dirname(safe));
    return join(root, safe);
  };
}
