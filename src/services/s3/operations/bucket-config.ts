import { write } from '../../../ports/database.ts';
import { isObject } from '../../../kernel/json.ts';
import type { CallContext } from '../../../protocol/context.ts';
import type { Api } from '../api.gen.ts';
import { s3Errors } from '../errors.ts';
import { findBucket, findConfig } from '../lookup.ts';
import { allowsEverybody } from '../rules/public-policy.ts';
import { tagProblem } from '../rules/tags.ts';
import { bucketSql } from '../tables.ts';
import type { S3Tools } from '../tools.ts';

interface OnBucket {
  readonly Bucket: string;
  readonly ExpectedBucketOwner?: string | undefined;
}

/** Operations on a configuration that is stored as it comes and given back as it was. */
function stored(tools: S3Tools) {
  return {
    /** `pick` takes the configuration from the input, or throws. */
    put:
      <Input extends OnBucket>(kind: string, pick: (input: Input) => unknown) =>
      async (input: Input, ctx: CallContext): Promise<object> => {
        const bucket = await findBucket({ tools, ctx }, input.Bucket, input.ExpectedBucketOwner);
        await tools.commits.commit([write(bucketSql.putConfig, [bucket.name, kind, JSON.stringify(pick(input))])]);
        return {};
      },
    /** `absent` is the answer, or the error, where nothing is stored. */
    get:
      <Output extends object>(kind: string, absent: (bucket: string) => object, show: (body: never) => object) =>
      async (input: OnBucket, ctx: CallContext): Promise<Output> => {
        const bucket = await findBucket({ tools, ctx }, input.Bucket, input.ExpectedBucketOwner);
        const body = await findConfig<never>(tools, bucket.name, kind);
        if (body !== undefined) return show(body) as Output;
        const answer = absent(bucket.name);
        if (answer instanceof Error) throw answer;
        return answer as Output;
      },
    delete:
      (kind: string) =>
      async (input: OnBucket, ctx: CallContext): Promise<void> => {
        const bucket = await findBucket({ tools, ctx }, input.Bucket, input.ExpectedBucketOwner);
        await tools.commits.commit([write(bucketSql.deleteConfig, [bucket.name, kind])]);
      },
  };
}

const missing = (code: string, message: string) => (bucket: string) => s3Errors.missing(code, message, bucket);
const asIs = <T>(body: T): T => body;
const nothing = (): object => ({});

function checkedPolicy(policy: string): string {
  let parsed: unknown;
  try {
    parsed = JSON.parse(policy);
  } catch {
    throw s3Errors.malformedPolicy("Policies must be valid JSON and the first byte must be '{'");
  }
  if (!isObject(parsed) || parsed.Statement === undefined) throw s3Errors.malformedPolicy('Missing required field Statement');
  return policy;
}

function checkedTags(tags: readonly { readonly Key: string; readonly Value: string }[]): unknown {
  const problem = tagProblem(tags, 50);
  if (problem !== undefined) throw s3Errors.invalidTag(problem);
  return tags;
}

type Documents = Pick<
  Api,
  | 'putBucketPolicy'
  | 'getBucketPolicy'
  | 'deleteBucketPolicy'
  | 'getBucketPolicyStatus'
  | 'putBucketCors'
  | 'getBucketCors'
  | 'deleteBucketCors'
  | 'putBucketWebsite'
  | 'getBucketWebsite'
  | 'deleteBucketWebsite'
  | 'putBucketTagging'
  | 'getBucketTagging'
  | 'deleteBucketTagging'
>;

/** Policy, CORS, website, tags. */
export function documentOperations(tools: S3Tools): Documents {
  const { put, get, delete: remove } = stored(tools);
  const noPolicy = missing('NoSuchBucketPolicy', 'The bucket policy does not exist');
  return {
    putBucketPolicy: put('policy', (input) => checkedPolicy(input.Policy)),
    getBucketPolicy: get('policy', noPolicy, (policy: never) => ({ Policy: policy })),
    deleteBucketPolicy: remove('policy'),
    async getBucketPolicyStatus(input, ctx) {
      const bucket = await findBucket({ tools, ctx }, input.Bucket, input.ExpectedBucketOwner);
      const policy = await findConfig<string>(tools, bucket.name, 'policy');
      if (policy === undefined) throw noPolicy(bucket.name);
      return { PolicyStatus: { IsPublic: allowsEverybody(policy, 's3:GetObject', `arn:aws:s3:::${bucket.name}/key`) } };
    },
    putBucketCors: put('cors', (input) => input.CORSConfiguration),
    getBucketCors: get('cors', missing('NoSuchCORSConfiguration', 'The CORS configuration does not exist'), asIs),
    deleteBucketCors: remove('cors'),
    putBucketWebsite: put('website', (input) => input.WebsiteConfiguration),
    getBucketWebsite: get(
      'website',
      missing('NoSuchWebsiteConfiguration', 'The specified bucket does not have a website configuration'),
      asIs,
    ),
    deleteBucketWebsite: remove('website'),
    putBucketTagging: put('tagging', (input) => checkedTags(input.Tagging.TagSet)),
    getBucketTagging: get('tagging', missing('NoSuchTagSet', 'The TagSet does not exist'), (TagSet: never) => ({ TagSet })),
    deleteBucketTagging: remove('tagging'),
  };
}

type Settings = Pick<
  Api,
  | 'putBucketEncryption'
  | 'getBucketEncryption'
  | 'deleteBucketEncryption'
  | 'putPublicAccessBlock'
  | 'getPublicAccessBlock'
  | 'deletePublicAccessBlock'
  | 'putBucketOwnershipControls'
  | 'getBucketOwnershipControls'
  | 'deleteBucketOwnershipControls'
  | 'putBucketNotificationConfiguration'
  | 'getBucketNotificationConfiguration'
  | 'putBucketLifecycleConfiguration'
  | 'getBucketLifecycleConfiguration'
  | 'deleteBucketLifecycle'
  | 'putBucketLogging'
  | 'getBucketLogging'
  | 'putBucketAccelerateConfiguration'
  | 'getBucketAccelerateConfiguration'
  | 'putBucketRequestPayment'
  | 'getBucketRequestPayment'
>;

/** Settings that templates make and read back. We keep them; README.md says which of them have no effect yet. */
export function settingOperations(tools: S3Tools): Settings {
  const { put, get, delete: remove } = stored(tools);
  const encryption = { Rules: [{ ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' as const }, BucketKeyEnabled: false }] };
  return {
    putBucketEncryption: put('encryption', (input) => input.ServerSideEncryptionConfiguration),
    getBucketEncryption: get(
      'encryption',
      () => ({ ServerSideEncryptionConfiguration: encryption }),
      (body: never) => ({ ServerSideEncryptionConfiguration: body }),
    ),
    deleteBucketEncryption: remove('encryption'),
    putPublicAccessBlock: put('publicAccessBlock', (input) => input.PublicAccessBlockConfiguration),
    getPublicAccessBlock: get(
      'publicAccessBlock',
      missing('NoSuchPublicAccessBlockConfiguration', 'The public access block configuration was not found'),
      (body: never) => ({ PublicAccessBlockConfiguration: body }),
    ),
    deletePublicAccessBlock: remove('publicAccessBlock'),
    putBucketOwnershipControls: put('ownershipControls', (input) => input.OwnershipControls),
    getBucketOwnershipControls: get(
      'ownershipControls',
      missing('OwnershipControlsNotFoundError', 'The bucket ownership controls were not found'),
      (body: never) => ({ OwnershipControls: body }),
    ),
    deleteBucketOwnershipControls: remove('ownershipControls'),
    putBucketNotificationConfiguration: put('notification', (input) => input.NotificationConfiguration),
    getBucketNotificationConfiguration: get('notification', nothing, asIs),
    putBucketLifecycleConfiguration: put('lifecycle', (input) => input.LifecycleConfiguration ?? { Rules: [] }),
    getBucketLifecycleConfiguration: get(
      'lifecycle',
      missing('NoSuchLifecycleConfiguration', 'The lifecycle configuration does not exist'),
      asIs,
    ),
    deleteBucketLifecycle: remove('lifecycle'),
    putBucketLogging: put('logging', (input) => input.BucketLoggingStatus),
    getBucketLogging: get('logging', nothing, asIs),
    putBucketAccelerateConfiguration: put('accelerate', (input) => input.AccelerateConfiguration),
    getBucketAccelerateConfiguration: get('accelerate', nothing, asIs),
    putBucketRequestPayment: put('requestPayment', (input) => input.RequestPaymentConfiguration),
    getBucketRequestPayment: get('requestPayment', () => ({ Payer: 'BucketOwner' as const }), asIs),
  };
}
