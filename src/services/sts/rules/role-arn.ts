import { parseArn } from '../../../kernel/arn.ts';

/** Account and name of the role that an ARN names; undefined for the ARN of anything else. */
export function roleOf(arn: string): { readonly account: string; readonly name: string } | undefined {
  const parts = parseArn(arn);
  if (parts?.service !== 'iam' || !/^role\/(.+\/)?[^/]+$/.test(parts.resource)) return undefined;
  return { account: parts.account, name: parts.resource.slice(parts.resource.lastIndexOf('/') + 1) };
}
