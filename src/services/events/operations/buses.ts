import { write, WriteConflict } from '../../../ports/database.ts';
import { validationError } from '../../../protocol/errors.ts';
import { decodePageToken, encodePageToken } from '../../../protocol/page-token.ts';
import { errors, type Api, type DeadLetterConfig, type DescribeEventBusResponse, type EventBus, type LogConfig } from '../api.gen.ts';
import { sql, type BusRow } from '../tables.ts';
import { busArn, busName, DEFAULT_BUS, invalidToken, requireBus, tagWrites, type OperationTools, type Place } from '../tools.ts';

type Operations = Pick<Api, 'createEventBus' | 'deleteEventBus' | 'describeEventBus' | 'listEventBuses'>;

const PAGE = 100;

function listed(ctx: Place, row: BusRow): EventBus {
  return {
    Name: row.name,
    Arn: busArn(ctx, row.name),
    ...(row.description !== null && { Description: row.description }),
    CreationTime: row.created,
    LastModifiedTime: row.modified,
  };
}

function described(ctx: Place, row: BusRow): DescribeEventBusResponse {
  return {
    ...listed(ctx, row),
    ...(row.kms_key !== null && { KmsKeyIdentifier: row.kms_key }),
    ...(row.dead_letter !== null && { DeadLetterConfig: JSON.parse(row.dead_letter) as DeadLetterConfig }),
    ...(row.log_config !== null && { LogConfig: JSON.parse(row.log_config) as LogConfig }),
  };
}

const json = (value: object | undefined): string | null => (value === undefined ? null : JSON.stringify(value));

export function busOperations(tools: OperationTools): Operations {
  const { db, commits, clock } = tools;
  return {
    async createEventBus(input, ctx) {
      const { Name: name, Description, KmsKeyIdentifier, DeadLetterConfig, LogConfig } = input;
      const now = clock.now();
      const row = [name, Description ?? null, KmsKeyIdentifier ?? null, json(DeadLetterConfig), json(LogConfig), now, now];
      const arn = busArn(ctx, name);
      try {
        if (name === DEFAULT_BUS) throw new WriteConflict(0, 'bus', 'the default bus is always there');
        await commits.commit([write(sql.insertBus, [ctx.account, ctx.region, ...row]), ...tagWrites(arn, input.Tags ?? [])]);
      } catch (error) {
        if (!(error instanceof WriteConflict)) throw error;
        throw errors.ResourceAlreadyExistsException(`Event bus ${name} already exists.`);
      }
      const stored = await requireBus(tools, ctx, name);
      const { Name: _name, Arn: _arn, CreationTime: _created, LastModifiedTime: _modified, ...rest } = described(ctx, stored!);
      return { EventBusArn: arn, ...rest };
    },

    async deleteEventBus({ Name: name }, ctx) {
      if (name === DEFAULT_BUS) throw validationError('Cannot delete event bus default.');
      await requireBus(tools, ctx, name);
      const deletion = write(sql.deleteBus, [ctx.account, ctx.region, name], { expect: 1 });
      try {
        await commits.commit([deletion, write(sql.deleteTags, [busArn(ctx, name)])]);
      } catch (error) {
        if (!(error instanceof WriteConflict)) throw error;
        throw validationError(`Event bus ${name} can't be deleted since it has rules.`);
      }
    },

    async describeEventBus({ Name }, ctx) {
      const name = busName(Name);
      const row = await requireBus(tools, ctx, name);
      return row ? described(ctx, row) : { Name: name, Arn: busArn(ctx, name) };
    },

    async listEventBuses({ NamePrefix: prefix = '', NextToken, Limit = PAGE }, ctx) {
      const scope = `events:buses:${prefix}`;
      const after = String(decodePageToken(scope, NextToken, invalidToken) ?? '');
      const rows = await db.all<BusRow>(sql.buses, ctx.account, ctx.region);
      const all: EventBus[] = [{ Name: DEFAULT_BUS, Arn: busArn(ctx, DEFAULT_BUS) }, ...rows.map((row) => listed(ctx, row))];
      const found = all.filter(({ Name = '' }) => Name.startsWith(prefix) && Name > after).toSorted((a, b) => (a.Name! < b.Name! ? -1 : 1));
      const page = found.slice(0, Limit);
      return { EventBuses: page, ...(found.length > page.length && { NextToken: encodePageToken(scope, page.at(-1)!.Name!) }) };
    },
  };
}
