import { join } from 'node:path';
import type { PipewrightClient } from '../../client/client.ts';
import { streamInside } from '../../kernel/open-inside.ts';
import type { ReportExport } from '../../services/pipewright/api.gen.ts';
import { pack } from '../artifacts/pack.ts';
import type { SelectedFile } from '../artifacts/select.ts';
import { insist } from '../client.ts';

const INSIST_MS = 60_000;

export interface ExportTools {
  readonly s3: PipewrightClient['s3'];
  readonly scratch: string;
  readonly signal: AbortSignal;
}

async function put({ s3, signal }: ExportTools, Bucket: string, Key: string, file: Pick<SelectedFile, 'source' | 'within' | 'size'>) {
  const stream = () => streamInside(file.source, file.within);
  await insist(() => s3.putObject({ Bucket, Key, Body: stream(), ContentLength: file.size }), signal, INSIST_MS);
}

/** Copies a report's raw files to where its group wants them, as the build's role: each by itself, or as one zip beside its folder. */
export async function exportRaw(
  { bucket, key, packaging }: ReportExport,
  files: readonly SelectedFile[],
  tools: ExportTools,
): Promise<void> {
  if (packaging === 'ZIP') {
    const id = key.slice(key.lastIndexOf('/') + 1);
    const { path: source, size } = await pack(files, join(tools.scratch, `report-${id}.zip`));
    return put(tools, bucket, `${key}.zip`, { source, size, within: tools.scratch });
  }
  for (const file of files) await put(tools, bucket, `${key}/${file.path}`, file);
}
