import { WriteConflict, write } from '../../../ports/database.ts';
import type { Api, CreateBucketRequest } from '../api.gen.ts';
import { s3Errors } from '../errors.ts';
import { findBucket } from '../lookup.ts';
import { grantsOfHeaders, ownerOf } from '../rules/acl.ts';
import { isBucketName, locate } from '../rules/bucket-name.ts';
import { bucketSql } from '../tables.ts';
import type { BucketRow } from '../tables.ts';
import type { Call, S3Tools } from '../tools.ts';

type BucketOperations = Pick<
  Api,
  'createBucket' | 'headBucket' | 'deleteBucket' | 'listBuckets' | 'getBucketLocation' | 'getBucketVersioning' | 'putBucketVersioning'
>;

const PAGE = 10_000;

function regionFor({ ctx }: Call, input: CreateBucketRequest): string {
  const constraint = input.CreateBucketConfiguration?.LocationConstraint;
  const location = locate(ctx.region, constraint);
  if ('region' in location) return location.region;
  throw location.refused === 'invalid' ? s3Errors.invalidLocation(constraint ?? '') : s3Errors.illegalLocation(constraint ?? 'unspecified');
}

/** Configurations that CreateBucket can set itself. */
function initialConfigs({ ctx }: Call, input: CreateBucketRequest) {
  const grants = grantsOfHeaders(input, ownerOf(ctx.account));
  if (grants === 'malformed') throw s3Errors.invalidArgument('Specifying both Canned ACLs and Header Grants is not allowed');
  const tags = input.CreateBucketConfiguration?.Tags;
  const ownership = input.ObjectOwnership && { Rules: [{ ObjectOwnership: input.ObjectOwnership }] };
  const given: readonly (readonly [kind: string, body: unknown])[] = [
    ['acl', grants],
    ['tagging', tags],
    ['ownershipControls', ownership],
  ];
  return given
    .filter(([, body]) => body !== undefined)
    .map(([kind, body]) => write(bucketSql.putConfig, [input.Bucket, kind, JSON.stringify(body)]));
}

/** Somebody has the name. In us-east-1 alone, making one's own bucket again succeeds (API_CreateBucket, BucketAlreadyOwnedByYou). */
async function alreadyThere({ tools, ctx }: Call, name: string): Promise<void> {
  const bucket = await tools.db.get<BucketRow>(bucketSql.find, name);
  // Deleted again in between.
  if (!bucket) throw s3Errors.busy();
  if (bucket.account !== ctx.account) {
    throw s3Errors.BucketAlreadyExists(
      'The requested bucket name is not available. The bucket namespace is shared by all users of the system. Please select a different name and try again.',
    );
  }
  if (ctx.region !== 'us-east-1') {
    throw s3Errors.BucketAlreadyOwnedByYou('Your previous request to create the named bucket succeeded and you already own it.');
  }
}

async function createBucket(call: Call, input: CreateBucketRequest): Promise<void> {
  const { tools, ctx } = call;
  if (!isBucketName(input.Bucket)) throw s3Errors.invalidBucketName(input.Bucket);
  const region = regionFor(call, input);
  const row = write(bucketSql.insert, [input.Bucket, ctx.account, region, tools.clock.now()]);
  try {
    await tools.commits.commit([row, ...initialConfigs(call, input)]);
  } catch (error) {
    if (!(error instanceof WriteConflict)) throw error;
    await alreadyThere(call, input.Bucket);
  }
}

async function deleteBucket({ tools }: Call, bucket: BucketRow): Promise<void> {
  try {
    await tools.commits.commit([write(bucketSql.delete, [bucket.name], { expect: 1, label: 'bucket' })]);
  } catch (error) {
    if (!(error instanceof WriteConflict)) throw error;
    // Objects and unfinished uploads refer to the bucket: the database refuses while there are any.
    if ((await tools.db.get(bucketSql.find, bucket.name)) === undefined) throw s3Errors.noSuchBucket(bucket.name);
    throw s3Errors.bucketNotEmpty(bucket.name);
  }
}

export function bucketOperations(tools: S3Tools): BucketOperations {
  return {
    async createBucket(input, ctx) {
      await createBucket({ tools, ctx }, input);
      return { Location: `/${input.Bucket}`, BucketArn: `arn:aws:s3:::${input.Bucket}` };
    },
    async headBucket(input, ctx) {
      const bucket = await findBucket({ tools, ctx }, input.Bucket, input.ExpectedBucketOwner);
      return { BucketRegion: bucket.region, BucketArn: `arn:aws:s3:::${bucket.name}`, AccessPointAlias: false };
    },
    async deleteBucket(input, ctx) {
      const call = { tools, ctx };
      await deleteBucket(call, await findBucket(call, input.Bucket, input.ExpectedBucketOwner));
    },
    async listBuckets(input, ctx) {
      const rows = await tools.db.all<BucketRow>(bucketSql.list, ctx.account, input.ContinuationToken ?? '', PAGE);
      const found = rows.filter(({ name, region }) => name.startsWith(input.Prefix ?? '') && region === (input.BucketRegion ?? region));
      const shown = found.slice(0, input.MaxBuckets ?? PAGE);
      return {
        Owner: ownerOf(ctx.account),
        Buckets: shown.map(({ name, created, region }) => ({ Name: name, CreationDate: created, BucketRegion: region })),
        ...(input.Prefix !== undefined && { Prefix: input.Prefix }),
        ...(shown.length < found.length && { ContinuationToken: shown.at(-1)!.name }),
      };
    },
    async getBucketLocation(input, ctx) {
      const { region } = await findBucket({ tools, ctx }, input.Bucket, input.ExpectedBucketOwner);
      // us-east-1 is shown as an empty constraint.
      return region === 'us-east-1' ? {} : { LocationConstraint: region as 'eu-west-1' };
    },
    async getBucketVersioning(input, ctx) {
      const { versioning } = await findBucket({ tools, ctx }, input.Bucket, input.ExpectedBucketOwner);
      return versioning === '' ? {} : { Status: versioning };
    },
    async putBucketVersioning(input, ctx) {
      const bucket = await findBucket({ tools, ctx }, input.Bucket, input.ExpectedBucketOwner);
      const status = input.VersioningConfiguration.Status;
      if (status === undefined) throw s3Errors.malformedXml();
      await tools.commits.commit([write(bucketSql.setVersioning, [status, bucket.name], { expect: 1 })]);
    },
  };
}
