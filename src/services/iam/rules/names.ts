import { formatArn, parseArn, type Arn } from '../../../kernel/arn.ts';

export type Kind = 'root' | 'user' | 'role' | 'group' | 'policy' | 'instance-profile';

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-prefixes */
export const ID_PREFIX: Readonly<Record<Exclude<Kind, 'root'>, string>> = {
  user: 'AIDA',
  role: 'AROA',
  group: 'AGPA',
  policy: 'ANPA',
  'instance-profile': 'AIPA',
};

/** Random characters after a prefix of four. */
export const ENTITY_ID_LENGTH = 17;
export const KEY_ID_LENGTH = 16;

export interface Named {
  readonly account: string;
  readonly kind: Kind;
  readonly path: string;
  readonly name: string;
}

export function arnOf({ account, kind, path, name }: Named): Arn {
  return formatArn('iam', '', account, kind === 'root' ? 'root' : `${kind}${path}${name}`);
}

/** IAM tells names apart regardless of case. */
export function folded(name: string): string {
  return name.toLowerCase();
}

/** Path and name of the ARN of one kind in one account; undefined for any other text. */
export function namedBy(arn: string, account: string, kind: Kind): { readonly path: string; readonly name: string } | undefined {
  const parts = parseArn(arn);
  if (parts?.service !== 'iam' || parts.account !== account || !parts.resource.startsWith(`${kind}/`)) return undefined;
  const slash = parts.resource.lastIndexOf('/');
  return { path: parts.resource.slice(kind.length, slash + 1), name: parts.resource.slice(slash + 1) };
}
