import { WriteConflict, write } from '../../ports/database.ts';
import type { Content } from './content.ts';
import { s3Errors } from './errors.ts';
import type { Checksums } from './rules/attributes.ts';
import { sliceSql, uploadSql } from './tables.ts';
import type { UploadRow } from './tables.ts';
import type { S3Tools } from './tools.ts';

/** The unfinished upload that a request names, which must be of the key it names, too. */
export async function findUpload(
  tools: S3Tools,
  input: { readonly Bucket: string; readonly Key: string; readonly UploadId: string },
): Promise<UploadRow> {
  const upload = await tools.db.get<UploadRow>(uploadSql.find, input.UploadId);
  if (!upload || upload.bucket !== input.Bucket || upload.key !== input.Key) throw s3Errors.noSuchUpload(input.UploadId);
  return upload;
}

export function checkPartNumber(number: number): void {
  if (number >= 1 && number <= 10_000) return;
  throw s3Errors.invalidArgument('Part number must be an integer between 1 and 10000, inclusive', 'partNumber', String(number));
}

/** Stores a part in place of an earlier one of its number. Answers its time of modification, epoch ms. */
export async function putPart(tools: S3Tools, upload: string, number: number, content: Content, checksums: Checksums): Promise<number> {
  const id = tools.ids.uuid();
  const now = tools.clock.now();
  const slices = content.slices.map(({ sha256, offset, length }, i) => write(sliceSql.insert, [id, i, sha256, offset, length]));
  const unit = [
    write(uploadSql.dropPartSlices, [upload, number]),
    write(uploadSql.putPart, [upload, number, id, content.md5, content.size, now, JSON.stringify(checksums)]),
    ...slices,
  ];
  await tools.commits.commit(unit).catch((error: unknown) => {
    // The upload was completed or aborted while the part came in.
    throw error instanceof WriteConflict ? s3Errors.noSuchUpload(upload) : error;
  });
  return now;
}
