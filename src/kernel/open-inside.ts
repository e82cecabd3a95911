import {
  closeSync,
  constants,
  createReadStream,
  fstatSync,
  openSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  type ReadStream,
  type Stats,
} from 'node:fs';
import { PipewrightError } from './errors.ts';

export interface OpenFile {
  readonly fd: number;
  readonly stats: Stats;
}

/** Where an open file really is. Elsewhere than on Linux the path is asked once more, which somebody quick could have changed meanwhile. */
function realPlace(fd: number, path: string): string {
  return process.platform === 'linux' ? readlinkSync(`/proc/self/fd/${fd}`) : realpathSync(path);
}

const outside = (path: string, why: string): Error => new PipewrightError('OutsideWorkspace', `${path} ${why}`);

/**
 * Opens files for reading that somebody else may put links in place of: each must be a file within `folder` once all links are followed.
 * It is looked at after it was opened, so that nobody changes it in between. Throws (OutsideWorkspace) for anything else; ENOENT as it is.
 */
export function openerInside(folder: string): (path: string) => OpenFile {
  const root = realpathSync(folder);
  return (path) => {
    // Without waiting: a pipe that nobody writes to would hold us up for ever.
    const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
    try {
      const stats = fstatSync(fd);
      if (!stats.isFile()) throw outside(path, 'is no file');
      if (root !== '/' && !realPlace(fd, path).startsWith(`${root}/`)) throw outside(path, 'leads out of the workspace');
      return { fd, stats };
    } catch (error) {
      closeSync(fd);
      throw error;
    }
  };
}

/** One such file. */
export function openInside(path: string, folder: string): OpenFile {
  return openerInside(folder)(path);
}

/** Such a file as a stream, which closes it. */
export function streamInside(path: string, folder: string): ReadStream {
  return createReadStream(path, { fd: openInside(path, folder).fd, highWaterMark: 256 * 1024 });
}

/** All of such a file. */
export function readInside(path: string, folder: string): Buffer {
  const { fd } = openInside(path, folder);
  try {
    return readFileSync(fd);
  } finally {
    closeSync(fd);
  }
}
