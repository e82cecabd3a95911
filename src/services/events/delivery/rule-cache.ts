import { parsePattern } from '../../../kernel/patterns/parse.ts';
import { RuleIndex } from '../../../kernel/patterns/rule-index.ts';
import type { Commits, Reader } from '../../../ports/database.ts';
import type { Target } from '../api.gen.ts';
import { RULES_TOPIC, sql, type RuleRow, type TargetRow } from '../tables.ts';
import { ruleArn, type Place } from '../tools.ts';
import type { MatchedRule } from './delivery.ts';

function targetOf(row: TargetRow, rule: RuleRow): Target {
  const target = JSON.parse(row.target) as Target;
  return target.RoleArn === undefined && rule.role !== null ? { ...target, RoleArn: rule.role } : target;
}

export function matchedRule(rule: RuleRow, targets: readonly TargetRow[]): MatchedRule {
  const { account, region, bus, name, id } = rule;
  return { account, region, id, arn: ruleArn(rule, bus, name), targets: targets.map((row) => targetOf(row, rule)) };
}

/** The rules of each bus, compiled, until one of them changes. A bus without rules that could match costs a look in a map. */
export class RuleCache {
  readonly #db: Reader;
  readonly #unsubscribe: () => void;
  #indexes = new Map<string, Promise<RuleIndex<MatchedRule> | undefined>>();

  constructor(db: Reader, commits: Commits) {
    this.#db = db;
    // A new map, so that what is being read now, perhaps from before the change, is not kept.
    this.#unsubscribe = commits.onTopic(RULES_TOPIC, () => (this.#indexes = new Map()));
  }

  /** Enabled rules with a pattern and a target; undefined where the bus has none. */
  rulesOf({ account, region }: Place, bus: string): Promise<RuleIndex<MatchedRule> | undefined> {
    const key = JSON.stringify([account, region, bus]);
    const indexes = this.#indexes;
    const found = indexes.get(key) ?? this.#load(account, region, bus);
    indexes.set(key, found);
    found.catch(() => indexes.delete(key));
    return found;
  }

  close(): void {
    this.#unsubscribe();
  }

  async #load(account: string, region: string, bus: string): Promise<RuleIndex<MatchedRule> | undefined> {
    const [rules, targets] = await Promise.all([
      this.#db.all<RuleRow>(sql.rulesAfter, account, region, bus, ''),
      this.#db.all<TargetRow>(sql.targetsOfBus, account, region, bus),
    ]);
    const byRule = new Map<string, TargetRow[]>();
    for (const row of targets) byRule.set(row.rule, [...(byRule.get(row.rule) ?? []), row]);
    const made = rules.flatMap((rule) => {
      const rows = byRule.get(rule.name);
      return rule.pattern !== null && rule.state !== 'DISABLED' && rows
        ? [[matchedRule(rule, rows), parsePattern(rule.pattern)] as const]
        : [];
    });
    return made.length === 0 ? undefined : new RuleIndex(made);
  }
}
