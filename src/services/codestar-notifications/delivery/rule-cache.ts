import type { Reader, Commits } from '../../../ports/database.ts';
import { RULES_TOPIC, sql, type RuleRow, type TargetRow } from '../tables.ts';

/** A rule that is enabled, ready to be asked. */
export interface ActiveRule extends Pick<RuleRow, 'account' | 'region' | 'id'> {
  readonly eventTypes: readonly string[];
  /** What its targets are known by. */
  readonly targets: readonly string[];
}

type Rules = ReadonlyMap<string, readonly ActiveRule[]>;

/** The enabled rules by their resource, in memory: every event of the installation asks for them. Read again when rules change. */
export class RuleCache {
  readonly #db: Reader;
  #rules: Promise<Rules> | undefined;
  readonly #unsubscribe: () => void;

  constructor(db: Reader, commits: Commits) {
    this.#db = db;
    this.#unsubscribe = commits.onTopic(RULES_TOPIC, () => (this.#rules = undefined));
  }

  close(): void {
    this.#unsubscribe();
  }

  async of(resource: string): Promise<readonly ActiveRule[]> {
    this.#rules ??= this.#read().catch((error: unknown) => {
      this.#rules = undefined;
      throw error;
    });
    return (await this.#rules).get(resource) ?? [];
  }

  async #read(): Promise<Rules> {
    const rules = new Map<string, ActiveRule[]>();
    for (const { account, region, id, resource, event_types: types } of await this.#db.all<RuleRow>(sql.enabledRules)) {
      const targets = await this.#db.all<TargetRow>(sql.targetsOfRule, account, region, id);
      const rule = { account, region, id, eventTypes: JSON.parse(types) as string[], targets: targets.map(({ hash }) => hash) };
      rules.set(resource, [...(rules.get(resource) ?? []), rule]);
    }
    return rules;
  }
}
