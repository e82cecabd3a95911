import { parseArn } from '../../../kernel/arn.ts';
import { isObject } from '../../../kernel/json.ts';
import { errors } from '../api.gen.ts';

const invalid = (message: string) => errors.InvalidInputException(message);

export interface PolicyResource {
  readonly kind: 'project' | 'report-group';
  readonly name: string;
  /** `project/NAME`, `report-group/NAME`. */
  readonly resource: string;
}

/** What has policies; throws InvalidInputException for other ARNs and for those of other accounts. */
export function policyResource(arn: string, place: { readonly account: string; readonly region: string }): PolicyResource {
  const parts = parseArn(arn);
  const match = /^(project|report-group)\/([^/]+)$/.exec(parts?.resource ?? '');
  if (parts?.service !== 'codebuild' || parts.account !== place.account || parts.region !== place.region || !match)
    throw invalid(`Invalid resource ARN: ${arn}`);
  return { kind: match[1] as PolicyResource['kind'], name: match[2]!, resource: match[0] };
}

/** Throws InvalidInputException unless the text is a policy that grants something to somebody. */
export function validatePolicy(text: string): void {
  const policy = parsed(text);
  const statements: unknown = isObject(policy) ? policy['Statement'] : undefined;
  const listed: readonly unknown[] = Array.isArray(statements) ? (statements as unknown[]) : [statements];
  const whole = (each: unknown) =>
    isObject(each) && ['Effect', 'Principal', 'Action', 'Resource'].every((member) => each[member] !== undefined);
  if (listed.length === 0 || !listed.every(whole))
    throw invalid('Invalid resource policy: statements with Effect, Principal, Action and Resource are needed');
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw invalid('Invalid resource policy: it is not JSON');
  }
}
