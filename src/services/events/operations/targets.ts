import { parseArn } from '../../../kernel/arn.ts';
import { inputComplaint } from '../../../kernel/transform/target-input.ts';
import { write } from '../../../ports/database.ts';
import { validationError } from '../../../protocol/errors.ts';
import { decodePageToken, encodePageToken } from '../../../protocol/page-token.ts';
import { errors, type Api, type Target } from '../api.gen.ts';
import { RULES_TOPIC, sql, type RuleRow, type TargetRow } from '../tables.ts';
import { targetKind } from '../targets/registry.ts';
import { busArn, busName, checkRole, invalidToken, requireBus, requireRule, type OperationTools } from '../tools.ts';

type Operations = Pick<Api, 'putTargets' | 'removeTargets' | 'listTargetsByRule' | 'listRuleNamesByTarget'>;

/** https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html */
const MOST_TARGETS = 5;
const PAGE = 100;

function check(target: Target, rule: RuleRow): void {
  const arn = parseArn(target.Arn);
  if (!arn) throw validationError(`Parameter ${target.Arn} is not valid. Reason: Provided Arn is not in correct format.`);
  checkRole(rule, target.RoleArn);
  const complaint = inputComplaint(target.Id, target);
  if (complaint !== undefined) throw validationError(complaint);
  if (targetKind(arn)?.needsRole && target.RoleArn === undefined && rule.role === null)
    throw validationError(`RoleArn is required for target ${target.Arn}.`);
  if (target.Arn === busArn(rule, rule.bus)) throw validationError(`The event bus ${rule.bus} cannot be a target of its own rule.`);
}

export function targetOperations(tools: OperationTools): Operations {
  const { db, commits } = tools;
  return {
    async putTargets({ Rule: name, EventBusName, Targets: targets }, ctx) {
      const bus = busName(EventBusName);
      const rule = await requireRule(tools, ctx, bus, name);
      for (const target of targets) check(target, rule);
      const before = await db.all<TargetRow>(sql.targets, ctx.account, ctx.region, bus, name);
      if (new Set([...before.map(({ id }) => id), ...targets.map(({ Id }) => Id)]).size > MOST_TARGETS)
        throw errors.LimitExceededException('The requested resource exceeds the maximum number allowed.');
      const puts = targets.map((target) => {
        const params = [target.Id, target.Arn, JSON.stringify(target), ctx.account, ctx.region, bus, name];
        return write(sql.putTarget, params, { expect: 1, label: 'rule', topic: RULES_TOPIC });
      });
      await commits.commit([...puts, ...tools.markCursor()]);
      return { FailedEntryCount: 0, FailedEntries: [] };
    },

    async removeTargets({ Rule: name, EventBusName, Ids }, ctx) {
      const bus = busName(EventBusName);
      await requireRule(tools, ctx, bus, name);
      const rows = await db.all<TargetRow>(sql.targets, ctx.account, ctx.region, bus, name);
      const there = new Set(rows.map(({ id }) => id));
      const deletions = Ids.filter((id) => there.has(id)).map((id) =>
        write(sql.deleteTarget, [ctx.account, ctx.region, bus, name, id], { topic: RULES_TOPIC }),
      );
      await commits.commit([...deletions, ...tools.markCursor()]);
      const failed = Ids.filter((id) => !there.has(id)).map((id) => ({
        TargetId: id,
        ErrorCode: 'ResourceNotFoundException',
        ErrorMessage: `Rule '${name}' does not have a target with the Id '${id}'.`,
      }));
      return { FailedEntryCount: failed.length, FailedEntries: failed };
    },

    async listTargetsByRule({ Rule: name, EventBusName, NextToken, Limit = PAGE }, ctx) {
      const bus = busName(EventBusName);
      await requireRule(tools, ctx, bus, name);
      const scope = `events:targets:${bus}:${name}`;
      const after = String(decodePageToken(scope, NextToken, invalidToken) ?? '');
      const rows = (await db.all<TargetRow>(sql.targets, ctx.account, ctx.region, bus, name)).filter(({ id }) => id > after);
      const page = rows.slice(0, Limit);
      const next = rows.length > page.length && { NextToken: encodePageToken(scope, page.at(-1)!.id) };
      return { Targets: page.map(({ target }) => JSON.parse(target) as Target), ...next };
    },

    async listRuleNamesByTarget({ TargetArn, EventBusName, NextToken, Limit = PAGE }, ctx) {
      const bus = busName(EventBusName);
      await requireBus(tools, ctx, bus);
      const scope = `events:rules-of:${bus}:${TargetArn}`;
      const after = String(decodePageToken(scope, NextToken, invalidToken) ?? '');
      const rows = await db.all<{ rule: string }>(sql.rulesOfTarget, ctx.account, ctx.region, bus, TargetArn, after);
      const names = rows.slice(0, Limit).map(({ rule }) => rule);
      return { RuleNames: names, ...(rows.length > names.length && { NextToken: encodePageToken(scope, names.at(-1)!) }) };
    },
  };
}
