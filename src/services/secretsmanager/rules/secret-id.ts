import { parseArn } from '../../../kernel/arn.ts';
import { errors } from '../api.gen.ts';

const NAME = /^[A-Za-z0-9/_+=.@-]{1,512}$/;
/** What AWS puts behind a name: six random characters, so that a secret made anew has another ARN. */
const SUFFIX = /^(.+)-[A-Za-z0-9]{6}$/;

export function checkName(name: string): void {
  if (NAME.test(name)) return;
  throw errors.ValidationException(
    'Invalid name. Must be a valid name containing alphanumeric characters, or any of the following: -/_+=.@!',
  );
}

/** What to look for: a secret of this name, and of this ARN where the caller gave a full one. */
export interface Candidate {
  readonly name: string;
  readonly arn?: string;
}

/**
 * What a SecretId may mean, best first: a name, a full ARN, or an ARN without its random end (which looks like a full one where the
 * name itself ends in a hyphen and six characters). Nothing for ARNs of others.
 */
export function candidates(id: string, place: { readonly account: string; readonly region: string }): readonly Candidate[] {
  if (!id.startsWith('arn:')) return [{ name: id }];
  const parts = parseArn(id);
  if (parts?.service !== 'secretsmanager' || parts.account !== place.account || parts.region !== place.region) return [];
  if (!parts.resource.startsWith('secret:')) return [];
  const rest = parts.resource.slice('secret:'.length);
  const full = SUFFIX.exec(rest);
  return [...(full ? [{ name: full[1]!, arn: id }] : []), { name: rest }];
}
