import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { PipewrightClient } from '../../client/client.ts';
import { PipewrightError } from '../../kernel/errors.ts';
import { normalisePath } from '../../kernel/zip/paths.ts';

/** Where a build without a server puts its artifacts: a folder that takes what S3 would. Everything else of S3 is not there. */
export function folderStore(folder: string): PipewrightClient['s3'] {
  const put: PipewrightClient['s3']['putObject'] = async ({ Key, Body }) => {
    const path = join(folder, normalisePath(Key));
    await mkdir(dirname(path), { recursive: true });
    const content = Body === undefined || typeof Body === 'string' || Body instanceof Uint8Array ? [Buffer.from(Body ?? '')] : Body;
    await pipeline(Readable.from(content, { objectMode: false }), createWriteStream(path));
    return {};
  };
  const absent = (name: string | symbol) => (): never => {
    throw new PipewrightError('NoServer', `a local build has no S3: ${String(name)} is not there`);
  };
  return new Proxy({} as PipewrightClient['s3'], { get: (_, name) => (name === 'putObject' ? put : absent(name)) });
}
