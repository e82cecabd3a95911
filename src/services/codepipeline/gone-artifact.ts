import type { ActionJob, ActionTools, Progress } from './provider.ts';

const GONE: ReadonlySet<string> = new Set(['NoSuchKey', 'NoSuchBucket', 'NotFound']);

/** A failure that names the first input artifact that is no longer in its bucket; undefined where all are there. */
export async function goneArtifact({ inputs }: ActionJob, { aws }: ActionTools): Promise<Progress | undefined> {
  for (const { name, bucket, key } of inputs) {
    try {
      await aws.s3.headObject({ Bucket: bucket, Key: key });
    } catch (error) {
      // Whatever else is wrong with the bucket the action itself will tell.
      if (!GONE.has((error as { code?: string }).code ?? '')) continue;
      const message = `The input artifact ${name} is gone: there is no object ${key} in the bucket ${bucket} any more.`;
      return { kind: 'failed', reason: 'ConfigurationError', message };
    }
  }
  return undefined;
}
