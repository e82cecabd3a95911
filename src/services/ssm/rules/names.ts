import { parseArn } from '../../../kernel/arn.ts';
import { errors } from '../api.gen.ts';

const invalid = (message: string) => errors.ValidationException(message);

/** https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_PutParameter.html: of 2048, ARN and all, so many are left for the name. */
const LONGEST = 1011;
const MOST_LEVELS = 15;
const SEGMENTS = /^\/?[A-Za-z0-9._-]+(\/[A-Za-z0-9._-]+)*$/;

const RULES =
  'If formed as a path, it can consist of sub-paths divided by slash symbol; each sub-path can be formed as a mix of letters, numbers and the following 3 symbols .-_';

/** Throws what AWS says to a name that a new parameter cannot have. */
export function checkNewName(name: string): void {
  const bare = name.replace(/^\/+/, '').toLowerCase();
  const isPath = name.includes('/');
  if (bare.startsWith('aws') && isPath) throw errors.AccessDeniedException(`No access to reserved parameter name: ${name}.`);
  if (bare.startsWith('aws') || bare.startsWith('ssm')) {
    if (isPath) throw invalid(`Parameter name: can't be prefixed with "ssm" (case-insensitive). ${RULES}`);
    throw invalid(`Parameter name: can't be prefixed with "aws" or "ssm" (case-insensitive).`);
  }
  if (isPath && !name.startsWith('/')) throw invalid('Parameter name must be a fully qualified name.');
  if (!SEGMENTS.test(name) || name.length > LONGEST)
    throw invalid(`Invalid parameter name. Please use correct syntax for referencing a version/label  <name>:<version/label>`);
  if (name.split('/').filter(Boolean).length > MOST_LEVELS)
    throw errors.HierarchyLevelLimitExceededException(`Parameter name must not exceed ${MOST_LEVELS} levels.`);
}

/** What a name in a request leads to: a parameter, and which of its versions. */
export interface Reference {
  /** Names to look under, in this order: an ARN does not tell whether its parameter's name begins with a slash. */
  readonly names: readonly string[];
  readonly selector?: string;
}

/** `name`, `name:3`, `name:label`, or the same after an ARN (of the caller's account and region: undefined for others). */
export function parseReference(text: string, place: { readonly account: string; readonly region: string }): Reference | undefined {
  const parts = text.startsWith('arn:') ? parseArn(text) : undefined;
  if (text.startsWith('arn:') && !parts) return undefined;
  const [name = '', selector, ...more] = (parts?.resource ?? text).split(':');
  if (more.length > 0) return undefined;
  const selected = selector !== undefined && { selector };
  if (!parts) return { names: [name], ...selected };
  const ours = parts.service === 'ssm' && parts.account === place.account && parts.region === place.region;
  if (!ours || !name.startsWith('parameter/')) return undefined;
  const bare = name.slice('parameter/'.length);
  return { names: [`/${bare}`, bare], ...selected };
}

/** The path of GetParametersByPath with its slash at the end; throws ValidationException. */
export function checkPath(path: string): string {
  if (!/^\/([A-Za-z0-9._-]+(\/[A-Za-z0-9._-]+)*\/?)?$/.test(path)) {
    throw invalid(
      `The parameter doesn't meet the parameter name requirements. The parameter name must begin with a forward slash "/". ` +
        `It can't be prefixed with "aws" or "ssm" (case-insensitive) except for reserved paths. It must use only letters, numbers, or the following ` +
        `symbols: . (period), - (hyphen), _ (underscore). Special characters are not allowed. All sub-paths, if specified, must use the forward ` +
        `slash symbol "/". Valid example: /get/parameters2-/by1./path0_.`,
    );
  }
  return path.endsWith('/') ? path : `${path}/`;
}

/** Whether a parameter lies below a path that ends in a slash; names without any slash lie at the root. */
export function liesBelow(name: string, path: string, recursive: boolean): boolean {
  const full = name.startsWith('/') ? name : `/${name}`;
  return full.startsWith(path) && (recursive || !full.slice(path.length).includes('/'));
}
