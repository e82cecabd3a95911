import { formatArn, parseArn } from '../../kernel/arn.ts';
import type { LogStore } from '../../ports/logs.ts';
import type { CallContext } from '../../protocol/context.ts';
import type { ServiceTools } from '../../protocol/service.ts';
import { errors } from './api.gen.ts';
import type { StreamInfos } from './stream-infos.ts';
import { sql, type GroupRow, type StreamRow } from './tables.ts';

export type LogsTools = ServiceTools & { readonly logs: LogStore; readonly infos: StreamInfos };

export function groupArn(ctx: Pick<CallContext, 'account' | 'region'>, name: string): string {
  return formatArn('logs', ctx.region, ctx.account, `log-group:${name}`);
}

/** A group is named by its name or its ARN, the latter with or without `:*` at its end. */
export function groupName(input: { readonly logGroupName?: string; readonly logGroupIdentifier?: string }): string {
  const { logGroupName, logGroupIdentifier } = input;
  if (logGroupName !== undefined && logGroupIdentifier !== undefined) {
    throw errors.InvalidParameterException('You must specify either logGroupName or logGroupIdentifier, but not both.');
  }
  const given = logGroupName ?? logGroupIdentifier;
  if (given === undefined) throw errors.InvalidParameterException('Either logGroupName or logGroupIdentifier is required.');
  return nameOfArn(given) ?? given;
}

export function nameOfArn(arn: string): string | undefined {
  const resource = parseArn(arn)?.resource;
  return resource?.startsWith('log-group:') ? resource.slice('log-group:'.length).replace(/:\*$/, '') : undefined;
}

export async function requireGroup(tools: LogsTools, ctx: CallContext, name: string): Promise<GroupRow> {
  const row = await tools.db.get<GroupRow>(sql.group, ctx.account, ctx.region, name);
  if (!row) throw errors.ResourceNotFoundException('The specified log group does not exist.');
  return row;
}

export async function requireStream(tools: LogsTools, ctx: CallContext, group: string, name: string): Promise<StreamRow> {
  const row = await tools.db.get<StreamRow>(sql.stream, ctx.account, ctx.region, group, name);
  if (row) return row;
  await requireGroup(tools, ctx, group);
  throw errors.ResourceNotFoundException('The specified log stream does not exist.');
}

/** What is older than this is no longer shown. Epoch ms. */
export function expiry(group: Pick<GroupRow, 'retention'>, now: number): number {
  return group.retention === null ? 0 : now - group.retention * 86_400_000;
}
