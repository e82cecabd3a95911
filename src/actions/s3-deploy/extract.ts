import type { ArtifactEntry, Artifacts } from '../../ports/artifacts.ts';
import { SliceBody, type BlobRef, type Blobs, type ByteStream } from '../../ports/blobs.ts';
import type { ActionJob, ActionTools } from '../../services/codepipeline/provider.ts';
import { contentType } from './content-type.ts';

/** Objects put at a time: enough to share fsyncs, little enough to leave others room. */
const AT_ONCE = 32;

/** Puts every file of the input artifact as an object; answers how many. Stored files go by reference, nothing is copied. */
export async function extract(stores: { artifacts: Artifacts; blobs: Blobs }, job: ActionJob, tools: ActionTools): Promise<number> {
  const blob = await artifactBlob(stores.blobs, job, tools);
  const files = (await stores.artifacts.entries(blob)).filter((entry) => entry.kind === 'file');
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let index = next++; index < files.length; index = next++) {
      if (tools.signal.aborted) throw new Error('the deployment was stopped');
      await put(stores, job, tools, blob, files[index]!);
    }
  };
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, files.length) }, worker));
  return files.length;
}

/** The blob of the artifact: the one the object lies in, where it is whole; else the object's bytes are stored as one. */
async function artifactBlob(blobs: Blobs, job: ActionJob, { aws }: ActionTools): Promise<BlobRef> {
  const { bucket, key } = job.inputs[0]!;
  const { Body } = await aws.s3.getObject({ Bucket: bucket, Key: key });
  const slice = Body instanceof SliceBody && Body.slices.length === 1 ? Body.slices[0] : undefined;
  if (slice && slice.offset === 0) return { sha256: slice.sha256, size: slice.length };
  return blobs.put(Body as ByteStream);
}

async function put(
  stores: { artifacts: Artifacts; blobs: Blobs },
  job: ActionJob,
  { aws }: ActionTools,
  blob: BlobRef,
  entry: ArtifactEntry,
): Promise<void> {
  const { BucketName = '', ObjectKey = '', CannedACL, CacheControl } = job.configuration;
  const folder = ObjectKey === '' || ObjectKey.endsWith('/') ? ObjectKey : `${ObjectKey}/`;
  const stored = entry.offset !== undefined && [{ sha256: blob.sha256, offset: entry.offset, length: entry.size }];
  await aws.s3.putObject({
    Bucket: BucketName,
    Key: folder + entry.path,
    Body: stored ? new SliceBody(stores.blobs, stored) : stores.artifacts.read(blob, entry),
    ContentType: contentType(entry.path),
    ...(CannedACL !== undefined && { ACL: CannedACL as 'private' }),
    ...(CacheControl !== undefined && { CacheControl }),
  });
}
