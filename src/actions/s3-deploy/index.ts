import type { Artifacts } from '../../ports/artifacts.ts';
import type { Blobs } from '../../ports/blobs.ts';
import type { ActionJob, ActionProvider, ActionTools, Progress } from '../../services/codepipeline/provider.ts';
import { errorCode } from '../error-code.ts';
import { extract } from './extract.ts';

const settings = {
  BucketName: { required: true, type: 'String', description: 'The bucket that is deployed to.' },
  Extract: {
    required: true,
    type: 'Boolean',
    description: 'true puts each file of the artifact; false puts the artifact itself.',
    values: ['true', 'false'],
  },
  ObjectKey: {
    required: false,
    type: 'String',
    description: 'With Extract false the key; with Extract true a folder that is put before each key.',
  },
  KMSEncryptionKeyARN: { required: false, type: 'String', description: 'Kept for AWS; objects here are not encrypted with KMS.' },
  CannedACL: {
    required: false,
    type: 'String',
    description: 'The canned ACL of each object.',
    values: [
      'private',
      'public-read',
      'public-read-write',
      'authenticated-read',
      'aws-exec-read',
      'bucket-owner-read',
      'bucket-owner-full-control',
      'log-delivery-write',
    ],
  },
  CacheControl: { required: false, type: 'String', description: 'The Cache-Control header of each object.' },
} as const;

/** Errors that only another configuration or another artifact mends. */
const USERS = new Set(['NoSuchBucket', 'NoSuchKey', 'InvalidArchive', 'AccessDenied', 'KeyTooLongError']);

async function deploy(stores: { artifacts: Artifacts; blobs: Blobs }, job: ActionJob, tools: ActionTools): Promise<Progress> {
  const { Extract, ObjectKey, BucketName = '' } = job.configuration;
  const input = job.inputs[0]!;
  if (Extract === 'true') {
    const count = await extract(stores, job, tools);
    return { kind: 'succeeded', variables: {}, summary: `Deployed ${count} files to ${BucketName}`, ref: { id: job.id } };
  }
  if (ObjectKey === undefined || ObjectKey === '') {
    return { kind: 'failed', reason: 'ConfigurationError', message: 'ObjectKey is required where Extract is false.' };
  }
  await tools.aws.s3.copyObject({
    Bucket: BucketName,
    Key: ObjectKey,
    CopySource: `${input.bucket}/${input.key.split('/').map(encodeURIComponent).join('/')}`,
    MetadataDirective: 'REPLACE',
    ContentType: 'application/zip',
    ...(job.configuration.CannedACL !== undefined && { ACL: job.configuration.CannedACL as 'private' }),
    ...(job.configuration.CacheControl !== undefined && { CacheControl: job.configuration.CacheControl }),
  });
  return { kind: 'succeeded', variables: {}, summary: `Deployed ${ObjectKey} to ${BucketName}`, ref: { id: job.id } };
}

/** https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-S3Deploy.html */
export function s3Deploy(stores: { readonly artifacts: Artifacts; readonly blobs: Blobs }): ActionProvider {
  const start = async (job: ActionJob, tools: ActionTools): Promise<Progress> => {
    try {
      return await deploy(stores, job, tools);
    } catch (error) {
      if (!USERS.has(errorCode(error) ?? '')) throw error;
      return { kind: 'failed', reason: 'JobFailed', message: (error as Error).message };
    }
  };
  return {
    type: { category: 'Deploy', owner: 'AWS', provider: 'S3', version: '1' },
    settings,
    artifacts: { inputs: { min: 1, max: 1 }, outputs: { min: 0, max: 0 } },
    timeoutMinutes: 90,
    start,
    poll: (job, _ref, tools) => start(job, tools),
    async stop() {},
  };
}
