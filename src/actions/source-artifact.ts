import type { ByteStream } from '../ports/blobs.ts';
import type { ActionJob, ActionTools } from '../services/codepipeline/provider.ts';

/** The object metadata in which a source artifact carries its revision: builds read it as CODEBUILD_RESOLVED_SOURCE_VERSION. */
export const REVISION_METADATA = 'codepipeline-artifact-revision';

/** Puts a source's zip where the pipeline wants it. The key is the job's own, so a second try writes the same object again. */
export async function putSourceArtifact(job: ActionJob, { aws }: ActionTools, content: ByteStream, revision: string): Promise<void> {
  const output = job.outputs[0]!;
  const Metadata = { [REVISION_METADATA]: revision };
  await aws.s3.putObject({ Bucket: output.bucket, Key: output.key, Body: content, ContentType: 'application/zip', Metadata });
}
