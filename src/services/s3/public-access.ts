import type { Grant, PublicAccessBlockConfiguration } from './api.gen.ts';
import { findConfig } from './lookup.ts';
import { isPublic } from './rules/acl.ts';
import { allowsEverybody } from './rules/public-policy.ts';
import type { VersionRow } from './tables.ts';
import type { S3Tools } from './tools.ts';

interface Access {
  readonly bucket: string;
  readonly action: string;
  readonly resource: string;
  /** JSON: the grants that speak for this resource. */
  readonly acl: string | null;
}

/** Whether everybody may: by the bucket's policy or by the ACL, unless the public access block rules them out. */
async function isOpen(tools: S3Tools, { bucket, action, resource, acl }: Access): Promise<boolean> {
  const block = await findConfig<PublicAccessBlockConfiguration>(tools, bucket, 'publicAccessBlock');
  const byAcl = acl !== null && block?.IgnorePublicAcls !== true && isPublic(JSON.parse(acl) as Grant[]);
  if (byAcl) return true;
  const policy = block?.RestrictPublicBuckets === true ? undefined : await findConfig<string>(tools, bucket, 'policy');
  return policy !== undefined && allowsEverybody(policy, action, resource);
}

export function isPublicObject(tools: S3Tools, row: Pick<VersionRow, 'bucket' | 'key' | 'acl'>): Promise<boolean> {
  const resource = `arn:aws:s3:::${row.bucket}/${row.key}`;
  return isOpen(tools, { bucket: row.bucket, action: 's3:GetObject', resource, acl: row.acl });
}

export async function isPublicBucket(tools: S3Tools, bucket: string): Promise<boolean> {
  const grants = await findConfig<Grant[]>(tools, bucket, 'acl');
  const acl = grants === undefined ? null : JSON.stringify(grants);
  return isOpen(tools, { bucket, action: 's3:ListBucket', resource: `arn:aws:s3:::${bucket}`, acl });
}
