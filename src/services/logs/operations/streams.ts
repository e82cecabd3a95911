import { WriteConflict, write } from '../../../ports/database.ts';
import { decodePageToken, encodePageToken } from '../../../protocol/page-token.ts';
import { errors, type Api, type LogStream } from '../api.gen.ts';
import { sql, type StreamRow } from '../tables.ts';
import { groupArn, groupName, requireGroup, requireStream, type LogsTools } from '../tools.ts';

type Operations = Pick<Api, 'createLogStream' | 'deleteLogStream' | 'describeLogStreams'>;

const PAGE = 50;

async function view(tools: LogsTools, { name, id, created }: StreamRow, arn: string): Promise<LogStream> {
  const { first, last, ingested } = await tools.infos.get(id);
  return {
    logStreamName: name,
    creationTime: created,
    ...(first !== undefined && { firstEventTimestamp: first }),
    ...(last !== undefined && { lastEventTimestamp: last }),
    ...(ingested !== undefined && { lastIngestionTime: ingested }),
    uploadSequenceToken: id,
    arn: `${arn}:log-stream:${name}`,
    // AWS no longer counts bytes of a stream: https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_LogStream.html
    storedBytes: 0,
  };
}

export function streamOperations(tools: LogsTools): Operations {
  const { db, commits, clock, ids } = tools;
  return {
    async createLogStream({ logGroupName, logStreamName }, ctx) {
      const group = groupName({ logGroupName });
      const params = [logStreamName, ids.uuid(), clock.now(), ctx.account, ctx.region, group];
      try {
        await commits.commit([write(sql.insertStream, params, { expect: 1 })]);
      } catch (error) {
        if (!(error instanceof WriteConflict)) throw error;
        await requireGroup(tools, ctx, group);
        throw errors.ResourceAlreadyExistsException('The specified log stream already exists');
      }
    },

    async deleteLogStream({ logGroupName, logStreamName }, ctx) {
      const group = groupName({ logGroupName });
      const { id } = await requireStream(tools, ctx, group, logStreamName);
      await commits.commit([write(sql.deleteStream, [ctx.account, ctx.region, group, logStreamName])]);
      await tools.logs.delete(id);
      tools.infos.forget(id);
    },

    async describeLogStreams(input, ctx) {
      const { logStreamNamePrefix, orderBy = 'LogStreamName', descending = false, nextToken, limit = PAGE } = input;
      const group = groupName(input);
      await requireGroup(tools, ctx, group);
      if (orderBy === 'LastEventTime' && logStreamNamePrefix !== undefined) {
        throw errors.InvalidParameterException('Cannot order by LastEventTime with a logStreamNamePrefix.');
      }
      const scope = `logs:streams:${group}:${orderBy}:${descending}:${logStreamNamePrefix ?? ''}`;
      const from = Number(
        decodePageToken(scope, nextToken, () => errors.InvalidParameterException('The specified nextToken is invalid.')) ?? 0,
      );
      const rows = await db.all<StreamRow>(sql.streams, ctx.account, ctx.region, group);
      const named = rows.filter(({ name }) => name.startsWith(logStreamNamePrefix ?? ''));
      const arn = groupArn(ctx, group);
      const views = orderBy === 'LastEventTime' ? byTime(await Promise.all(named.map((row) => view(tools, row, arn)))) : undefined;
      const ordered = <T>(list: readonly T[]): readonly T[] => (descending ? list.toReversed() : list);
      const page = views
        ? ordered(views).slice(from, from + limit)
        : await Promise.all(
            ordered(named)
              .slice(from, from + limit)
              .map((row) => view(tools, row, arn)),
          );
      return { logStreams: page, ...(named.length > from + limit && { nextToken: encodePageToken(scope, from + limit) }) };
    },
  };
}

function byTime(views: readonly LogStream[]): readonly LogStream[] {
  return views.toSorted((a, b) => (a.lastEventTimestamp ?? 0) - (b.lastEventTimestamp ?? 0));
}
