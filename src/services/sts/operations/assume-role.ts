import { formatArn } from '../../../kernel/arn.ts';
import type { Principal } from '../../../ports/authorise.ts';
import type { CallContext } from '../../../protocol/context.ts';
import { ApiError } from '../../../protocol/errors.ts';
import { errors, type Api, type AssumeRoleRequest } from '../api.gen.ts';
import { sessionDuration } from '../rules/duration.ts';
import { roleOf } from '../rules/role-arn.ts';
import type { AssumableRole, StsTools } from '../tools.ts';
import { credentialsView } from './credentials-view.ts';
import { refuseMfa } from './mfa.ts';

/** AWS answers a role that does not exist, and one that does not trust the caller, alike. */
function notAuthorized(ctx: CallContext, arn: string): ApiError {
  return new ApiError('AccessDenied', `User: ${ctx.principal.arn} is not authorized to perform: sts:AssumeRole on resource: ${arn}`, 403);
}

async function assumable(tools: StsTools, ctx: CallContext, arn: string): Promise<AssumableRole & { readonly name: string }> {
  const named = roleOf(arn);
  if (!named) throw new ApiError('ValidationError', `${arn} is invalid`, 400);
  const role = named.account === ctx.account ? await tools.findRole(named.account, named.name) : undefined;
  if (role?.arn !== arn) throw notAuthorized(ctx, arn);
  return { ...role, name: named.name };
}

/** They would narrow what the session may do; nothing is evaluated yet, and whoever relies on it must be able to find out. */
function checkSessionPolicies(tools: StsTools, { Policy, PolicyArns, RoleArn }: AssumeRoleRequest): void {
  if (Policy === undefined && !PolicyArns?.length) return;
  try {
    if (Policy !== undefined) JSON.parse(Policy);
  } catch {
    throw errors.MalformedPolicyDocumentException('This policy contains invalid Json');
  }
  tools.log.warn('a session policy was given; policies are not evaluated yet', { role: RoleArn });
}

export function assumeRoleOperation(tools: StsTools): Pick<Api, 'assumeRole'> {
  return {
    async assumeRole(input, ctx) {
      refuseMfa(input);
      checkSessionPolicies(tools, input);
      const { name, id, maxSessionSeconds } = await assumable(tools, ctx, input.RoleArn);
      const duration = sessionDuration(input.DurationSeconds, { chained: ctx.principal.kind === 'role', max: maxSessionSeconds });
      if ('refused' in duration) throw new ApiError('ValidationError', duration.refused, 400);
      const session = input.RoleSessionName;
      const arn = formatArn('sts', '', ctx.account, `assumed-role/${name}/${session}`);
      const principal: Principal = { kind: 'role', account: ctx.account, arn, id: `${id}:${session}`, session: 'user' };
      const issued = await tools.sessions.issue(principal, duration.seconds);
      return {
        Credentials: credentialsView(issued),
        AssumedRoleUser: { AssumedRoleId: principal.id, Arn: arn },
        ...(input.SourceIdentity !== undefined && { SourceIdentity: input.SourceIdentity }),
      };
    },
  };
}
