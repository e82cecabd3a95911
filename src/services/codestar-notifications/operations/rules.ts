import { parseArn } from '../../../kernel/arn.ts';
import { write, WriteConflict, type Write } from '../../../ports/database.ts';
import type { CallContext } from '../../../protocol/context.ts';
import { decodePageToken, encodePageToken } from '../../../protocol/page-token.ts';
import { errors, type Api, type CreateNotificationRuleRequest, type EventTypeSummary, type TargetSummary } from '../api.gen.ts';
import { eventType, type EventType } from '../rules/event-types.ts';
import { RULES_TOPIC, sql, type RuleRow, type TargetRow } from '../tables.ts';
import {
  findRule,
  findTarget,
  invalidToken,
  requireRule,
  ruleArn,
  tagsOf,
  tagWrites,
  targetWrites,
  type NotificationTools,
  type OperationTools,
  type Place,
} from '../tools.ts';

type Operations = Pick<
  Api,
  'createNotificationRule' | 'updateNotificationRule' | 'deleteNotificationRule' | 'describeNotificationRule' | 'listNotificationRules'
>;

const PAGE = 100;
const MOST_TAGS = 50;

/** Kinds of resources by the service of their ARN. */
const RESOURCES: Readonly<Record<string, EventType['resource']>> = {
  codepipeline: 'Pipeline',
  codebuild: 'Project',
  codecommit: 'Repository',
};

function resourceKind(arn: string, { account, region }: Place): EventType['resource'] {
  const parts = parseArn(arn);
  const kind = parts && RESOURCES[parts.service];
  if (!kind) throw errors.ValidationException('Pipewright notifies of pipelines, build projects and repositories only.');
  if (parts.account !== account || parts.region !== region)
    throw errors.ValidationException('The resource belongs to another account or region.');
  return kind;
}

/** Lower case, each once. Throws ValidationException for types that there are not, or not for this kind of resource. */
function checkEventTypes(ids: readonly string[], kind: EventType['resource']): string {
  if (ids.length === 0) throw errors.ValidationException('A notification rule needs at least one event type.');
  const types = ids.map((id) => {
    const type = eventType(id);
    if (!type) throw errors.ValidationException(`Pipewright raises no event of the type ${id}; ListEventTypes has those there are.`);
    if (type.resource !== kind) throw errors.ValidationException(`The event type ${id} is not one of a ${kind}.`);
    return type.id;
  });
  return JSON.stringify([...new Set(types)]);
}

export function summaryOf({ id, service, name, resource }: EventType): EventTypeSummary {
  return { EventTypeId: id, ServiceName: service, EventTypeName: name, ResourceType: resource };
}

export function targetSummary({ shown, type, status }: TargetRow): TargetSummary {
  return { TargetAddress: shown, TargetType: type, TargetStatus: status };
}

function insertion(row: RuleRow): Write {
  const { account, region, id, name, resource, detail_type: detail, status, event_types: types, created_by: by, created, token } = row;
  const params = [account, region, id, name, resource, detail, status, types, by, created, created, token];
  return write(sql.insertRule, params, { label: 'rule', topic: RULES_TOPIC });
}

function nameTaken(error: unknown, name: string): never {
  if (error instanceof WriteConflict)
    throw errors.ResourceAlreadyExistsException(`There is a notification rule of the name ${name} already.`);
  throw error;
}

function newRule(tools: NotificationTools, ctx: CallContext, input: CreateNotificationRuleRequest): RuleRow {
  const { Name: name, Resource: resource, DetailType, Status = 'ENABLED', EventTypeIds, ClientRequestToken } = input;
  const { account, region } = ctx;
  const now = tools.clock.now();
  const types = checkEventTypes(EventTypeIds, resourceKind(resource, ctx));
  const said = { detail_type: DetailType, status: Status, event_types: types, token: ClientRequestToken ?? null };
  return { account, region, id: tools.ids.hex(20), name, resource, ...said, created_by: ctx.principal.arn, created: now, modified: now };
}

/** Which of an account's rules a listing is about. */
async function fits(
  tools: NotificationTools,
  row: RuleRow,
  filters: readonly { readonly Name: string; readonly Value: string }[],
): Promise<boolean> {
  for (const { Name, Value } of filters) {
    if (Name === 'RESOURCE' && row.resource !== Value) return false;
    if (Name === 'CREATED_BY' && row.created_by !== Value) return false;
    if (Name === 'EVENT_TYPE_ID' && !(JSON.parse(row.event_types) as string[]).includes(Value.toLowerCase())) return false;
    if (Name !== 'TARGET_ADDRESS') continue;
    const target = await findTarget(tools, row, Value);
    const targets = await tools.db.all<TargetRow>(sql.targetsOfRule, row.account, row.region, row.id);
    if (!target || !targets.some(({ hash }) => hash === target.hash)) return false;
  }
  return true;
}

async function describe(tools: NotificationTools, row: RuleRow) {
  const arn = ruleArn(row, row.id);
  const targets = await tools.db.all<TargetRow>(sql.targetsOfRule, row.account, row.region, row.id);
  return {
    Arn: arn,
    Name: row.name,
    EventTypes: (JSON.parse(row.event_types) as string[]).flatMap((id) => eventType(id) ?? []).map(summaryOf),
    Resource: row.resource,
    Targets: targets.map(targetSummary),
    DetailType: row.detail_type,
    CreatedBy: row.created_by,
    Status: row.status,
    CreatedTimestamp: row.created,
    LastModifiedTimestamp: row.modified,
    Tags: await tagsOf(tools, arn),
  };
}

export function ruleOperations(tools: OperationTools): Operations {
  const { db, commits, clock } = tools;

  /** The answer to a request that is made again. */
  async function made(
    { account, region }: Place,
    { Name, ClientRequestToken }: CreateNotificationRuleRequest,
  ): Promise<string | undefined> {
    const row = ClientRequestToken === undefined ? undefined : await db.get<RuleRow>(sql.ruleNamed, account, region, Name);
    return row && row.token === ClientRequestToken ? ruleArn(row, row.id) : undefined;
  }

  return {
    async createNotificationRule(input, ctx) {
      const again = await made(ctx, input);
      if (again !== undefined) return { Arn: again };
      const { Tags = {} } = input;
      if (Object.keys(Tags).length > MOST_TAGS) throw errors.LimitExceededException(`A rule has at most ${MOST_TAGS} tags.`);
      const row = newRule(tools, ctx, input);
      const arn = ruleArn(row, row.id);
      const targets = await targetWrites(tools, ctx, row.id, input.Targets);
      await commits
        .commit([insertion(row), ...targets, ...tagWrites(arn, Tags), ...tools.markCursor()])
        .catch((error: unknown) => nameTaken(error, row.name));
      return { Arn: arn };
    },

    async updateNotificationRule({ Arn, Name, Status, EventTypeIds, Targets, DetailType }, ctx) {
      const row = await requireRule(tools, ctx, Arn);
      const types = EventTypeIds ? checkEventTypes(EventTypeIds, resourceKind(row.resource, ctx)) : row.event_types;
      const key = [ctx.account, ctx.region, row.id];
      const values = [Name ?? row.name, DetailType ?? row.detail_type, Status ?? row.status, types, clock.now()];
      const change = write(sql.updateRule, [...values, ...key], { topic: RULES_TOPIC });
      const targets = Targets ? [write(sql.deleteRuleTargets, key), ...(await targetWrites(tools, ctx, row.id, Targets))] : [];
      await commits.commit([change, ...targets, ...tools.markCursor()]).catch((error: unknown) => nameTaken(error, Name ?? row.name));
    },

    async deleteNotificationRule({ Arn }, ctx) {
      const row = await findRule(tools, ctx, Arn);
      // The deletion of what is not there succeeds.
      if (!row) return { Arn };
      const key = [ctx.account, ctx.region, row.id];
      const deletion = write(sql.deleteRule, key, { topic: RULES_TOPIC });
      await commits.commit([deletion, write(sql.deleteRuleTargets, key), write(sql.deleteTags, [Arn]), ...tools.markCursor()]);
      return { Arn };
    },

    async describeNotificationRule({ Arn }, ctx) {
      return describe(tools, await requireRule(tools, ctx, Arn));
    },

    async listNotificationRules({ Filters = [], NextToken, MaxResults = PAGE }, ctx) {
      const after = String(decodePageToken('rules', NextToken, invalidToken) ?? '');
      const page: RuleRow[] = [];
      for (const row of await db.all<RuleRow>(sql.rulesAfter, ctx.account, ctx.region, after)) {
        if (!(await fits(tools, row, Filters))) continue;
        if (page.length === MaxResults)
          return { NotificationRules: page.map(listed), NextToken: encodePageToken('rules', page.at(-1)!.id) };
        page.push(row);
      }
      return { NotificationRules: page.map(listed) };
    },
  };
}

const listed = (row: RuleRow) => ({ Id: row.id, Arn: ruleArn(row, row.id) });
