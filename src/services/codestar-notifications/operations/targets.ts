import { write } from '../../../ports/database.ts';
import { decodePageToken } from '../../../protocol/page-token.ts';
import { errors, type Api, type ListTargetsFilters } from '../api.gen.ts';
import { RULES_TOPIC, sql, type TargetRow } from '../tables.ts';
import { findRule, findTarget, invalidToken, pageOf, requireRule, targetWrites, type OperationTools } from '../tools.ts';
import { targetSummary } from './rules.ts';

type Operations = Pick<Api, 'subscribe' | 'unsubscribe' | 'listTargets' | 'deleteTarget'>;

const PAGE = 100;
const MOST_TARGETS = 10;

function fits({ type, status, hash }: TargetRow, filters: ListTargetsFilters, named: ReadonlySet<string>): boolean {
  return filters.every(({ Name, Value }) => {
    if (Name === 'TARGET_TYPE') return type === Value;
    return Name === 'TARGET_STATUS' ? status === Value : named.has(hash);
  });
}

export function targetOperations(tools: OperationTools): Operations {
  const { db, commits, clock } = tools;
  return {
    async subscribe({ Arn, Target }, ctx) {
      const rule = await requireRule(tools, ctx, Arn);
      const { account, region } = ctx;
      const there = await db.all<TargetRow>(sql.targetsOfRule, account, region, rule.id);
      if (there.length >= MOST_TARGETS) throw errors.ValidationException(`A notification rule has at most ${MOST_TARGETS} targets.`);
      const writes = await targetWrites(tools, ctx, rule.id, [Target]);
      await commits.commit([...writes, write(sql.touchRule, [clock.now(), account, region, rule.id]), ...tools.markCursor()]);
      return { Arn };
    },

    async unsubscribe({ Arn, TargetAddress }, ctx) {
      const rule = await findRule(tools, ctx, Arn);
      const target = await findTarget(tools, ctx, TargetAddress);
      const { account, region } = ctx;
      if (!rule || !target) return { Arn };
      const deletion = write(sql.deleteRuleTarget, [account, region, rule.id, target.hash], { topic: RULES_TOPIC });
      await commits.commit([deletion, ...tools.markCursor()]);
      return { Arn };
    },

    async listTargets({ Filters = [], NextToken, MaxResults = PAGE }, ctx) {
      const after = String(decodePageToken('targets', NextToken, invalidToken) ?? '');
      const addresses = Filters.filter(({ Name }) => Name === 'TARGET_ADDRESS').map(({ Value }) => findTarget(tools, ctx, Value));
      const named = new Set((await Promise.all(addresses)).flatMap((target) => target?.hash ?? []));
      const rows = await db.all<TargetRow>(sql.targetsAfter, ctx.account, ctx.region, after);
      const found = rows.filter((row) => fits(row, Filters, named));
      const { page, ...more } = pageOf('targets', found, MaxResults, ({ hash }) => hash);
      return { Targets: page.map(targetSummary), ...more };
    },

    async deleteTarget({ TargetAddress, ForceUnsubscribeAll = false }, ctx) {
      const target = await findTarget(tools, ctx, TargetAddress);
      if (!target) return;
      const key = [ctx.account, ctx.region, target.hash];
      const rules = await db.all<{ rule: string }>(sql.rulesOfTarget, ...key);
      if (rules.length > 0 && !ForceUnsubscribeAll)
        throw errors.ValidationException('The target is that of notification rules. Unsubscribe it from them first, or force it.');
      await commits.commit([
        write(sql.deleteTargetRules, key, { topic: RULES_TOPIC }),
        write(sql.deleteTarget, key),
        ...tools.markCursor(),
      ]);
    },
  };
}
