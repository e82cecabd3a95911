import { statement, type Migration } from '../../ports/database.ts';

/**
 * `csn_targets.address` is a topic's ARN, or a webhook's URL, sealed: who knows it can write there. `shown` is the ARN, or the URL
 * with stars. `csn_cursor` says up to where the event log has been looked at: it moves in the same unit as what that gave rise to.
 */
export const migrations: readonly Migration[] = [
  {
    id: '0001',
    sql: [
      `CREATE TABLE csn_rules (account TEXT NOT NULL, region TEXT NOT NULL, id TEXT NOT NULL, name TEXT NOT NULL, resource TEXT NOT NULL,
         detail_type TEXT NOT NULL, status TEXT NOT NULL, event_types TEXT NOT NULL, created_by TEXT NOT NULL, created BIGINT NOT NULL,
         modified BIGINT NOT NULL, token TEXT, PRIMARY KEY (account, region, id))`,
      `CREATE UNIQUE INDEX csn_rules_name ON csn_rules (account, region, name)`,
      `CREATE TABLE csn_targets (account TEXT NOT NULL, region TEXT NOT NULL, hash TEXT NOT NULL, type TEXT NOT NULL, shown TEXT NOT NULL,
         address TEXT NOT NULL, status TEXT NOT NULL, PRIMARY KEY (account, region, hash))`,
      `CREATE TABLE csn_rule_targets (account TEXT NOT NULL, region TEXT NOT NULL, rule TEXT NOT NULL, target TEXT NOT NULL,
         PRIMARY KEY (account, region, rule, target))`,
      `CREATE INDEX csn_rule_targets_target ON csn_rule_targets (account, region, target)`,
      `CREATE TABLE csn_tags (arn TEXT NOT NULL, name TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (arn, name))`,
      `CREATE TABLE csn_cursor (one INTEGER NOT NULL PRIMARY KEY, position BIGINT NOT NULL)`,
    ],
  },
];

export interface RuleRow {
  readonly account: string;
  readonly region: string;
  readonly id: string;
  readonly name: string;
  readonly resource: string;
  readonly detail_type: 'BASIC' | 'FULL';
  readonly status: 'ENABLED' | 'DISABLED';
  /** A JSON list. */
  readonly event_types: string;
  readonly created_by: string;
  readonly created: number;
  readonly modified: number;
  readonly token: string | null;
}

export interface TargetRow {
  readonly account: string;
  readonly region: string;
  /** Of its type and address. */
  readonly hash: string;
  readonly type: string;
  readonly shown: string;
  readonly address: string;
  readonly status: 'ACTIVE' | 'UNREACHABLE';
}

const PLACE = 'account = ? AND region = ?';
const RULE = 'account, region, id, name, resource, detail_type, status, event_types, created_by, created, modified, token';
const TARGET = 'account, region, hash, type, shown, address, status';
const T = 't.account, t.region, t.hash, t.type, t.shown, t.address, t.status';

export const sql = {
  insertRule: statement(`INSERT INTO csn_rules (${RULE}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`),
  rule: statement(`SELECT ${RULE} FROM csn_rules WHERE ${PLACE} AND id = ?`),
  ruleNamed: statement(`SELECT ${RULE} FROM csn_rules WHERE ${PLACE} AND name = ?`),
  rulesAfter: statement(`SELECT ${RULE} FROM csn_rules WHERE ${PLACE} AND id > ? ORDER BY id`),
  enabledRules: statement(`SELECT ${RULE} FROM csn_rules WHERE status = 'ENABLED' ORDER BY id`),
  updateRule: statement(
    `UPDATE csn_rules SET name = ?, detail_type = ?, status = ?, event_types = ?, modified = ? WHERE ${PLACE} AND id = ?`,
  ),
  touchRule: statement(`UPDATE csn_rules SET modified = ? WHERE ${PLACE} AND id = ?`),
  deleteRule: statement(`DELETE FROM csn_rules WHERE ${PLACE} AND id = ?`),

  insertTarget: statement(
    `INSERT INTO csn_targets (${TARGET}) VALUES (?, ?, ?, ?, ?, ?, 'ACTIVE') ON CONFLICT (account, region, hash) DO NOTHING`,
  ),
  target: statement(`SELECT ${TARGET} FROM csn_targets WHERE ${PLACE} AND hash = ?`),
  targetShown: statement(`SELECT ${TARGET} FROM csn_targets WHERE ${PLACE} AND shown = ?`),
  targetsAfter: statement(`SELECT ${TARGET} FROM csn_targets WHERE ${PLACE} AND hash > ? ORDER BY hash`),
  setTargetStatus: statement(`UPDATE csn_targets SET status = ? WHERE ${PLACE} AND hash = ? AND status <> ?`),
  deleteTarget: statement(`DELETE FROM csn_targets WHERE ${PLACE} AND hash = ?`),

  insertRuleTarget: statement(`INSERT INTO csn_rule_targets (account, region, rule, target) VALUES (?, ?, ?, ?)
    ON CONFLICT (account, region, rule, target) DO NOTHING`),
  targetsOfRule:
    statement(`SELECT ${T} FROM csn_targets t JOIN csn_rule_targets r ON r.account = t.account AND r.region = t.region AND r.target = t.hash
    WHERE r.account = ? AND r.region = ? AND r.rule = ? ORDER BY t.shown`),
  rulesOfTarget: statement(`SELECT rule FROM csn_rule_targets WHERE ${PLACE} AND target = ? ORDER BY rule`),
  deleteRuleTarget: statement(`DELETE FROM csn_rule_targets WHERE ${PLACE} AND rule = ? AND target = ?`),
  deleteRuleTargets: statement(`DELETE FROM csn_rule_targets WHERE ${PLACE} AND rule = ?`),
  deleteTargetRules: statement(`DELETE FROM csn_rule_targets WHERE ${PLACE} AND target = ?`),

  tags: statement(`SELECT name, value FROM csn_tags WHERE arn = ? ORDER BY name`),
  putTag: statement(
    `INSERT INTO csn_tags (arn, name, value) VALUES (?, ?, ?) ON CONFLICT (arn, name) DO UPDATE SET value = excluded.value`,
  ),
  deleteTag: statement(`DELETE FROM csn_tags WHERE arn = ? AND name = ?`),
  deleteTags: statement(`DELETE FROM csn_tags WHERE arn = ?`),

  cursor: statement(`SELECT position FROM csn_cursor WHERE one = 1`),
  /** Only ever forward. */
  moveCursor: statement(`INSERT INTO csn_cursor (one, position) VALUES (1, ?)
    ON CONFLICT (one) DO UPDATE SET position = excluded.position WHERE csn_cursor.position < excluded.position`),
};

/** Whoever keeps rules in memory reads them again. */
export const RULES_TOPIC = 'codestar-notifications-rules';
