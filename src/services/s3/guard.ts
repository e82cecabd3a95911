import type { Principal } from '../../ports/authorise.ts';
import type { CallContext } from '../../protocol/context.ts';
import type { Api } from './api.gen.ts';
import { s3Errors } from './errors.ts';
import { findRow } from './lookup.ts';
import { isPublicBucket, isPublicObject } from './public-access.ts';
import type { S3Tools } from './tools.ts';

type Operation = (input: never, ctx: CallContext) => Promise<unknown>;
type Input = { readonly SSECustomerAlgorithm?: string; readonly CopySourceSSECustomerAlgorithm?: string };
type Request = { readonly Bucket?: string; readonly Key?: string; readonly VersionId?: string };

const READS_OBJECT = new Set(['getObject', 'headObject']);
const READS_BUCKET = new Set(['listObjects', 'listObjectsV2', 'headBucket']);

async function mayAnybody(tools: S3Tools, name: string, { Bucket, Key, VersionId }: Request): Promise<boolean> {
  if (Bucket === undefined) return false;
  if (READS_BUCKET.has(name)) return isPublicBucket(tools, Bucket);
  if (!READS_OBJECT.has(name) || Key === undefined) return false;
  const row = await findRow(tools, { Bucket, Key, VersionId });
  // Whether there is such an object is for those to know who may list.
  return row === undefined ? isPublicBucket(tools, Bucket) : isPublicObject(tools, row);
}

/** Answering a customer's key with an object that is not encrypted under it would be a lie. */
function refuseCustomerKeys({ SSECustomerAlgorithm, CopySourceSSECustomerAlgorithm }: Input): void {
  if (SSECustomerAlgorithm !== undefined || CopySourceSSECustomerAlgorithm !== undefined) throw s3Errors.customerKeys();
}

/** A session that is for certain objects reaches no others. */
function mayReach({ objects }: Principal, name: string, { Bucket, Key }: Request): boolean {
  if (!objects) return true;
  const object = `${Bucket ?? ''}/${Key ?? ''}`;
  return objects.write.includes(object) || (READS_OBJECT.has(name) && objects.read.includes(object));
}

/** Operations with what goes before each of them: requests without a signature do only what is open to everybody, whoever is asked before. */
export function guard(tools: S3Tools, operations: Partial<Api>): Partial<Api> {
  const guarded = Object.entries(operations as Readonly<Record<string, Operation>>).map(([name, operation]) => {
    const guardedOperation: Operation = async (input, ctx) => {
      refuseCustomerKeys(input);
      if (ctx.principal.kind === 'anonymous' && !(await mayAnybody(tools, name, input))) throw s3Errors.accessDenied();
      if (!mayReach(ctx.principal, name, input)) throw s3Errors.accessDenied();
      return operation(input, ctx);
    };
    return [name, guardedOperation] as const;
  });
  return Object.fromEntries(guarded) as Partial<Api>;
}
