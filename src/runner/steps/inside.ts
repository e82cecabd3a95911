import { closeSync, readSync } from 'node:fs';
import { messageOf } from '../../kernel/errors.ts';
import { openInside } from '../../kernel/open-inside.ts';
import { StepError } from './step-error.ts';

/** Longer files are refused, bytes. */
const LONGEST = 16 * 1024 * 1024;

/**
 * A file that the build may have written, as text; undefined where there is none. Nothing outside of `folder` is read, whatever links
 * the build has made, and nothing that would fill the runner's memory.
 */
export function readText(path: string, folder: string): string | undefined {
  try {
    const { fd, stats } = openInside(path, folder);
    try {
      if (stats.size > LONGEST) throw new StepError(`${path} is larger than ${LONGEST} bytes`);
      const bytes = Buffer.alloc(stats.size);
      return bytes.toString('utf8', 0, readSync(fd, bytes, 0, stats.size, 0));
    } finally {
      closeSync(fd);
    }
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (['ENOENT', 'ENOTDIR'].includes(code)) return undefined;
    if (['OutsideWorkspace', 'ELOOP', 'EACCES'].includes(code)) throw new StepError(messageOf(error));
    throw error;
  }
}
