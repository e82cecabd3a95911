import { WriteConflict, write } from '../../../ports/database.ts';
import type { CallContext } from '../../../protocol/context.ts';
import { decodePageToken, encodePageToken } from '../../../protocol/page-token.ts';
import { errors, type Api, type LogGroup } from '../api.gen.ts';
import { sql, type GroupRow, type StreamRow } from '../tables.ts';
import { groupArn, groupName, requireGroup, type LogsTools } from '../tools.ts';

type Operations = Pick<Api, 'createLogGroup' | 'deleteLogGroup' | 'describeLogGroups' | 'listLogGroups'>;

/** https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html */
const RETENTIONS = [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653];
const PAGE = 50;

async function storedBytes(tools: LogsTools, streams: readonly StreamRow[]): Promise<number> {
  const infos = await Promise.all(streams.map(({ id }) => tools.infos.get(id)));
  return infos.reduce((sum, info) => sum + info.bytes, 0);
}

async function view(tools: LogsTools, ctx: CallContext, row: GroupRow): Promise<LogGroup> {
  return {
    logGroupName: row.name,
    creationTime: row.created,
    ...(row.retention !== null && { retentionInDays: row.retention }),
    metricFilterCount: 0,
    arn: `${groupArn(ctx, row.name)}:*`,
    logGroupArn: groupArn(ctx, row.name),
    storedBytes: await storedBytes(tools, await tools.db.all<StreamRow>(sql.streams, ctx.account, ctx.region, row.name)),
    logGroupClass: row.class as LogGroup['logGroupClass'],
  };
}

const invalidToken = (): Error => errors.InvalidParameterException('The specified nextToken is invalid.');

export function groupOperations(tools: LogsTools): Operations {
  const { db, commits, clock } = tools;
  return {
    async createLogGroup({ logGroupName: name, tags = {}, logGroupClass = 'STANDARD' }, ctx) {
      const row = write(sql.insertGroup, [ctx.account, ctx.region, name, clock.now(), logGroupClass], { label: 'group' });
      const tagged = Object.entries(tags).map(([key, value]) => write(sql.putTag, [groupArn(ctx, name), key, value]));
      try {
        await commits.commit([row, ...tagged]);
      } catch (error) {
        if (!(error instanceof WriteConflict)) throw error;
        throw errors.ResourceAlreadyExistsException('The specified log group already exists');
      }
    },

    async deleteLogGroup({ logGroupName: name }, ctx) {
      await requireGroup(tools, ctx, name);
      const streams = await db.all<StreamRow>(sql.streams, ctx.account, ctx.region, name);
      const key = [ctx.account, ctx.region, name];
      await commits.commit([write(sql.deleteGroup, key), write(sql.deleteStreams, key), write(sql.deleteTags, [groupArn(ctx, name)])]);
      for (const { id } of streams) {
        await tools.logs.delete(id);
        tools.infos.forget(id);
      }
    },

    async describeLogGroups({ logGroupNamePrefix, logGroupNamePattern, nextToken, limit = PAGE }, ctx) {
      if (logGroupNamePrefix !== undefined && logGroupNamePattern !== undefined)
        throw errors.InvalidParameterException('LogGroup name prefix and LogGroup name pattern are mutually exclusive parameters.');
      const scope = `logs:groups:${logGroupNamePrefix ?? ''}:${logGroupNamePattern ?? ''}`;
      const after = decodePageToken(scope, nextToken, invalidToken) ?? '';
      const wanted = ({ name }: GroupRow) =>
        name.startsWith(logGroupNamePrefix ?? '') && name.toLowerCase().includes((logGroupNamePattern ?? '').toLowerCase());
      const rows = (await db.all<GroupRow>(sql.groupsAfter, ctx.account, ctx.region, String(after))).filter(wanted);
      const page = rows.slice(0, limit);
      const logGroups = await Promise.all(page.map((row) => view(tools, ctx, row)));
      return { logGroups, ...(rows.length > limit && { nextToken: encodePageToken(scope, page.at(-1)!.name) }) };
    },

    async listLogGroups({ logGroupNamePattern = '', nextToken, limit = PAGE }, ctx) {
      const scope = `logs:list:${logGroupNamePattern}`;
      const after = decodePageToken(scope, nextToken, invalidToken) ?? '';
      const matches = ({ name }: GroupRow) =>
        logGroupNamePattern.startsWith('^') ? name.startsWith(logGroupNamePattern.slice(1)) : name.includes(logGroupNamePattern);
      const rows = (await db.all<GroupRow>(sql.groupsAfter, ctx.account, ctx.region, String(after))).filter(matches);
      const page = rows.slice(0, limit);
      const logGroups = page.map((row) => ({
        logGroupName: row.name,
        logGroupArn: groupArn(ctx, row.name),
        logGroupClass: row.class as LogGroup['logGroupClass'],
      }));
      return { logGroups, ...(rows.length > limit && { nextToken: encodePageToken(scope, page.at(-1)!.name) }) };
    },
  };
}

/** How long a group keeps its events. What is older is no longer shown. */
export function retentionOperations(tools: LogsTools): Pick<Api, 'putRetentionPolicy' | 'deleteRetentionPolicy'> {
  const setRetention = async (ctx: { account: string; region: string }, name: string, days: number | null) => {
    await tools.commits.commit([write(sql.setRetention, [days, ctx.account, ctx.region, name])]);
  };
  return {
    async putRetentionPolicy({ logGroupName, retentionInDays }, ctx) {
      await requireGroup(tools, ctx, groupName({ logGroupName }));
      if (!RETENTIONS.includes(retentionInDays)) {
        throw errors.InvalidParameterException(`Invalid retentionInDays ${retentionInDays}. Valid values: ${RETENTIONS.join(', ')}`);
      }
      await setRetention(ctx, groupName({ logGroupName }), retentionInDays);
    },

    async deleteRetentionPolicy({ logGroupName }, ctx) {
      await requireGroup(tools, ctx, groupName({ logGroupName }));
      await setRetention(ctx, groupName({ logGroupName }), null);
    },
  };
}
