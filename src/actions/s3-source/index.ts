import type { ActionJob, ActionProvider, ActionTools, Progress, Variables } from '../../services/codepipeline/provider.ts';
import { errorCode } from '../error-code.ts';
import { REVISION_METADATA } from '../source-artifact.ts';

const settings = {
  S3Bucket: { required: true, type: 'String', description: 'The bucket, versioned, that holds the source.' },
  S3ObjectKey: { required: true, type: 'String', description: 'The key of the zip whose changes are watched.' },
  PollForSourceChanges: {
    required: false,
    type: 'Boolean',
    description: 'Whether the pipeline watches the object by itself; true where it is not set.',
    values: ['true', 'false'],
  },
  AllowOverrideForS3ObjectKey: {
    required: false,
    type: 'Boolean',
    description: 'Whether a start may name another key; false where it is not set.',
    values: ['true', 'false'],
  },
} as const;

const ABSENT = new Set(['NotFound', 'NoSuchKey', 'NoSuchVersion', 'NoSuchBucket']);

interface Place {
  readonly Bucket: string;
  readonly Key: string;
}

/** Where the source lies; a start may have named another key than the configured one. */
function placeOf({ S3Bucket = '', S3ObjectKey = '' }: Variables, objectKey?: string): Place {
  return { Bucket: S3Bucket, Key: objectKey ?? S3ObjectKey };
}

interface Head {
  readonly VersionId?: string;
  readonly ETag?: string;
  readonly Metadata?: Readonly<Record<string, string>>;
}

/** The object as it is now, or the version the execution was started for; undefined where there is none. */
async function head({ Bucket, Key }: Place, { aws }: ActionTools, version?: string): Promise<Head | undefined> {
  try {
    return await aws.s3.headObject({ Bucket, Key, ...(version !== undefined && { VersionId: version }) });
  } catch (error) {
    if (ABSENT.has(errorCode(error) ?? '')) return undefined;
    throw error;
  }
}

function revisionOf({ VersionId, ETag = '' }: Head): string {
  return VersionId !== undefined && VersionId !== 'null' ? VersionId : ETag.replaceAll('"', '');
}

async function start(job: ActionJob, tools: ActionTools): Promise<Progress> {
  const place = placeOf(job.configuration, job.objectKey);
  const { Bucket: S3Bucket, Key: S3ObjectKey } = place;
  const newest = await head(place, tools);
  // An object that was deleted since keeps its versions.
  const pinned = job.revision !== undefined && (!newest || revisionOf(newest) !== job.revision);
  const found = pinned ? await head(place, tools, job.revision) : newest;
  if (!found) {
    const which = job.revision === undefined ? '' : ` in the version ${job.revision}`;
    const message = `The object with key ${S3ObjectKey} does not exist in the bucket ${S3Bucket}${which}.`;
    return { kind: 'failed', reason: 'ConfigurationError', message };
  }
  const revisionId = revisionOf(found);
  const { bucket, key } = job.outputs[0]!;
  const version = found.VersionId !== undefined && found.VersionId !== 'null' ? `?versionId=${encodeURIComponent(found.VersionId)}` : '';
  await tools.aws.s3.copyObject({
    Bucket: bucket,
    Key: key,
    CopySource: `${S3Bucket}/${S3ObjectKey.split('/').map(encodeURIComponent).join('/')}${version}`,
    MetadataDirective: 'REPLACE',
    Metadata: { [REVISION_METADATA]: revisionId },
    ContentType: 'application/zip',
  });
  const summary = found.Metadata?.['codepipeline-artifact-revision-summary'] ?? `Amazon S3 version id: ${revisionId}`;
  const variables = {
    ETag: (found.ETag ?? '').replaceAll('"', ''),
    VersionId: found.VersionId ?? '',
    BucketName: S3Bucket,
    ObjectKey: S3ObjectKey,
  };
  return { kind: 'succeeded', variables, summary, revision: { revisionId, summary }, ref: { id: revisionId } };
}

/** https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-S3.html */
export const s3Source: ActionProvider = {
  type: { category: 'Source', owner: 'AWS', provider: 'S3', version: '1' },
  settings,
  artifacts: { inputs: { min: 0, max: 0 }, outputs: { min: 1, max: 1 } },
  timeoutMinutes: 60,
  revisionTypes: ['S3_OBJECT_VERSION_ID', 'S3_OBJECT_KEY'],
  start,
  poll: (job, _ref, tools) => start(job, tools),
  async stop() {},
  async latest(configuration, tools) {
    const found = await head(placeOf(configuration), tools);
    return found && { revisionId: revisionOf(found) };
  },
  watches: ({ S3Bucket = '' }) => `arn:aws:s3:::${S3Bucket}`,
};
