import { isObject } from '../../../kernel/json.ts';
import { errors } from '../api.gen.ts';
import { overQuota } from './errors.ts';

/** RFC 3986, as IAM returns documents: https://docs.aws.amazon.com/IAM/latest/APIReference/API_PolicyVersion.html */
export function encodeDocument(document: string): string {
  return encodeURIComponent(document).replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);
}

function parse(document: string): unknown {
  try {
    return JSON.parse(document);
  } catch {
    return undefined;
  }
}

function statementsOf(document: string): readonly Record<string, unknown>[] | undefined {
  const parsed = parse(document);
  if (!isObject(parsed) || parsed.Statement === undefined) return undefined;
  const list: readonly unknown[] = Array.isArray(parsed.Statement) ? parsed.Statement : [parsed.Statement];
  return list.every(isObject) ? list : undefined;
}

const has = (statement: Record<string, unknown>, field: string): boolean =>
  statement[field] !== undefined || statement[`Not${field}`] !== undefined;

function faultOfBoth(statement: Record<string, unknown>): string | undefined {
  if (statement.Effect === undefined) return 'Missing required field Effect';
  return statement.Effect === 'Allow' || statement.Effect === 'Deny' ? undefined : `Invalid effect: ${JSON.stringify(statement.Effect)}`;
}

function faultOfIdentity(statement: Record<string, unknown>): string | undefined {
  if (has(statement, 'Principal')) return 'Policy document should not specify a principal.';
  if (!has(statement, 'Action')) return 'Policy statement must contain actions.';
  return has(statement, 'Resource') ? undefined : 'Policy statement must contain resources.';
}

function faultOfTrust(statement: Record<string, unknown>): string | undefined {
  if (has(statement, 'Resource')) return 'Has prohibited field Resource';
  if (!has(statement, 'Principal')) return 'Missing required field Principal';
  return has(statement, 'Action') ? undefined : 'Missing required field Action';
}

/** Throws MalformedPolicyDocument for what is no policy of this use. What its statements mean is not looked at here. */
export function checkDocument(use: 'identity' | 'trust', document: string): void {
  const statements = statementsOf(document);
  if (!statements) {
    throw errors.MalformedPolicyDocumentException(use === 'trust' ? 'This policy contains invalid Json' : 'Syntax errors in policy.');
  }
  for (const statement of statements) {
    const fault = faultOfBoth(statement) ?? (use === 'trust' ? faultOfTrust(statement) : faultOfIdentity(statement));
    if (fault !== undefined) throw errors.MalformedPolicyDocumentException(fault);
  }
}

/** Characters of a managed policy, white space not counted: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html */
const MANAGED_SIZE = 6144;

/** Throws MalformedPolicyDocument, or LimitExceeded for one that is too long. */
export function checkManagedDocument(document: string): void {
  checkDocument('identity', document);
  if (document.replace(/\s/g, '').length > MANAGED_SIZE) throw overQuota('PolicySize', MANAGED_SIZE);
}
