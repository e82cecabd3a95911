import { messageOf } from '../../../kernel/errors.ts';
import { parsePattern } from '../../../kernel/patterns/parse.ts';
import { InvalidPattern } from '../../../kernel/patterns/pattern.ts';
import { nextAfter, parseSchedule } from '../../../kernel/schedule/schedule.ts';
import { write, WriteConflict } from '../../../ports/database.ts';
import type { CallContext } from '../../../protocol/context.ts';
import { validationError } from '../../../protocol/errors.ts';
import { decodePageToken, encodePageToken } from '../../../protocol/page-token.ts';
import { errors, type Api, type PutRuleRequest, type Rule } from '../api.gen.ts';
import { RULES_TOPIC, sql, type RuleRow } from '../tables.ts';
import {
  busName,
  checkRole,
  DEFAULT_BUS,
  invalidToken,
  requireBus,
  requireRule,
  ruleArn,
  tagWrites,
  type OperationTools,
} from '../tools.ts';

type Operations = Pick<Api, 'putRule' | 'describeRule' | 'listRules' | 'deleteRule' | 'enableRule' | 'disableRule'>;

const PAGE = 100;

/** Throws InvalidEventPatternException. */
export function checkPattern(text: string): void {
  try {
    parsePattern(text);
  } catch (error) {
    if (error instanceof InvalidPattern) throw errors.InvalidEventPatternException(error.message);
    throw error;
  }
}

function checkSchedule(expression: string, bus: string): void {
  if (bus !== DEFAULT_BUS) throw validationError('ScheduleExpression is supported only on the default event bus.');
  try {
    parseSchedule(expression);
  } catch (error) {
    throw validationError(messageOf(error));
  }
}

function check({ EventPattern: pattern, ScheduleExpression: schedule }: PutRuleRequest, bus: string): void {
  if (!pattern && !schedule) throw validationError('Parameter(s) EventPattern or ScheduleExpression must be specified.');
  if (pattern) checkPattern(pattern);
  if (schedule) checkSchedule(schedule, bus);
}

/** A rule put again with the schedule it has keeps its rhythm. */
function dueOf(schedule: string | undefined, state: string, before: RuleRow | undefined, now: number): number | null {
  if (!schedule || state === 'DISABLED') return null;
  if (before?.schedule === schedule && before.next_due !== null) return before.next_due;
  return nextAfter(schedule, now) ?? null;
}

function view(row: RuleRow): Rule {
  return {
    Name: row.name,
    Arn: ruleArn(row, row.bus, row.name),
    ...(row.pattern !== null && { EventPattern: row.pattern }),
    ...(row.schedule !== null && { ScheduleExpression: row.schedule }),
    State: row.state as NonNullable<Rule['State']>,
    ...(row.description !== null && { Description: row.description }),
    ...(row.role !== null && { RoleArn: row.role }),
    EventBusName: row.bus,
  };
}

export function ruleOperations(tools: OperationTools): Operations {
  const { db, commits, clock, ids } = tools;

  async function setState(
    input: { readonly Name: string; readonly EventBusName?: string },
    state: string,
    ctx: CallContext,
  ): Promise<void> {
    const bus = busName(input.EventBusName);
    const row = await requireRule(tools, ctx, bus, input.Name);
    const due = dueOf(row.schedule ?? undefined, state, row, clock.now());
    const change = write(sql.setState, [state, due, ctx.account, ctx.region, bus, input.Name], { topic: RULES_TOPIC });
    await commits.commit([change, ...tools.markCursor()]);
  }

  return {
    async putRule(input, ctx) {
      const bus = busName(input.EventBusName);
      const { Name: name, EventPattern, ScheduleExpression, State: state = 'ENABLED', Description, RoleArn } = input;
      check(input, bus);
      checkRole(ctx, RoleArn);
      await requireBus(tools, ctx, bus);
      const before = await db.get<RuleRow>(sql.rule, ctx.account, ctx.region, bus, name);
      const due = dueOf(ScheduleExpression, state, before, clock.now());
      const arn = ruleArn(ctx, bus, name);
      const facts = [EventPattern || null, ScheduleExpression || null, state, Description ?? null, RoleArn ?? null, due];
      const put = write(sql.putRule, [ctx.account, ctx.region, bus, name, ids.uuid(), ...facts], { topic: RULES_TOPIC });
      // AWS takes the tags of a new rule only.
      await commits.commit([put, ...tools.markCursor(), ...tagWrites(arn, before ? [] : (input.Tags ?? []))]);
      return { RuleArn: arn };
    },

    async describeRule({ Name, EventBusName }, ctx) {
      return { ...view(await requireRule(tools, ctx, busName(EventBusName), Name)), CreatedBy: ctx.account };
    },

    async listRules({ NamePrefix: prefix = '', EventBusName, NextToken, Limit = PAGE }, ctx) {
      const bus = busName(EventBusName);
      await requireBus(tools, ctx, bus);
      const scope = `events:rules:${bus}:${prefix}`;
      const after = String(decodePageToken(scope, NextToken, invalidToken) ?? '');
      const rows = await db.all<RuleRow>(sql.rulesAfter, ctx.account, ctx.region, bus, after);
      const found = rows.filter(({ name }) => name.startsWith(prefix));
      const page = found.slice(0, Limit);
      return { Rules: page.map(view), ...(found.length > page.length && { NextToken: encodePageToken(scope, page.at(-1)!.name) }) };
    },

    async deleteRule({ Name: name, EventBusName }, ctx) {
      const bus = busName(EventBusName);
      const row = await db.get<RuleRow>(sql.rule, ctx.account, ctx.region, bus, name);
      // AWS answers the deletion of what is not there with success.
      if (!row) return void (await requireBus(tools, ctx, bus));
      const deletion = write(sql.deleteRule, [ctx.account, ctx.region, bus, name], { expect: 1, topic: RULES_TOPIC });
      try {
        await commits.commit([deletion, write(sql.deleteTags, [ruleArn(ctx, bus, name)]), ...tools.markCursor()]);
      } catch (error) {
        if (!(error instanceof WriteConflict)) throw error;
        throw validationError("Rule can't be deleted since it has targets.");
      }
    },

    enableRule: (input, ctx) => setState(input, 'ENABLED', ctx),
    disableRule: (input, ctx) => setState(input, 'DISABLED', ctx),
  };
}
