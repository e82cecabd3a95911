import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { PipewrightClient } from '../../client/client.ts';
import { normalisePath } from '../../kernel/zip/paths.ts';

async function save(client: PipewrightClient, place: { readonly Bucket: string; readonly Key: string }, path: string): Promise<void> {
  const { Body } = await client.s3.getObject(place);
  await mkdir(dirname(path), { recursive: true });
  await pipeline(Readable.from(Body ?? [], { objectMode: false }), createWriteStream(path));
}

/** What was deployed to a bucket, as files in a folder; how many there are. */
export async function saveBucket(client: PipewrightClient, Bucket: string, folder: string): Promise<number> {
  let count = 0;
  let ContinuationToken: string | undefined;
  do {
    const page = await client.s3.listObjectsV2({ Bucket, ...(ContinuationToken !== undefined && { ContinuationToken }) });
    for (const { Key = '' } of page.Contents ?? []) {
      if (Key.endsWith('/')) continue;
      await save(client, { Bucket, Key }, join(folder, normalisePath(Key)));
      count++;
    }
    ContinuationToken = page.NextContinuationToken;
  } while (ContinuationToken !== undefined);
  return count;
}

/** The output artifacts of an execution as zips, named for their actions; their paths. Those of sources are the work tree. */
export async function saveArtifacts(
  client: PipewrightClient,
  {
    pipelineName,
    pipelineExecutionId,
    folder,
  }: { readonly pipelineName: string; readonly pipelineExecutionId: string; readonly folder: string },
): Promise<readonly string[]> {
  const { actionExecutionDetails = [] } = await client.codepipeline.listActionExecutions({ pipelineName, filter: { pipelineExecutionId } });
  const paths: string[] = [];
  for (const { stageName = '', actionName = '', input, output } of actionExecutionDetails) {
    if (input?.actionTypeId?.category === 'Source') continue;
    for (const { name = '', s3location } of output?.outputArtifacts ?? []) {
      if (s3location?.bucket === undefined || s3location.key === undefined) continue;
      const path = join(folder, normalisePath(`${stageName}-${actionName}-${name}.zip`));
      await save(client, { Bucket: s3location.bucket, Key: s3location.key }, path);
      paths.push(path);
    }
  }
  return paths;
}
