import { statement, type Migration } from '../../ports/database.ts';

/**
 * `events_deliveries` holds what has to reach a target and has not yet, or never did (`state` = failed); it pins the target as it was
 * when the rule matched. `events_cursor` says up to where the event log has been looked at: it moves in the same unit as the
 * deliveries it gave rise to. `events_forwarded` keeps an event from reaching the same bus twice through rules.
 */
export const migrations: readonly Migration[] = [
  {
    id: '0001',
    sql: [
      `CREATE TABLE events_buses (account TEXT NOT NULL, region TEXT NOT NULL, name TEXT NOT NULL, description TEXT, kms_key TEXT, dead_letter TEXT,
         log_config TEXT, created BIGINT NOT NULL, modified BIGINT NOT NULL, PRIMARY KEY (account, region, name))`,
      `CREATE TABLE events_rules (account TEXT NOT NULL, region TEXT NOT NULL, bus TEXT NOT NULL, name TEXT NOT NULL, id TEXT NOT NULL, pattern TEXT,
         schedule TEXT, state TEXT NOT NULL, description TEXT, role TEXT, next_due BIGINT, PRIMARY KEY (account, region, bus, name))`,
      `CREATE INDEX events_rules_due ON events_rules (next_due)`,
      `CREATE TABLE events_targets (account TEXT NOT NULL, region TEXT NOT NULL, bus TEXT NOT NULL, rule TEXT NOT NULL, id TEXT NOT NULL,
         arn TEXT NOT NULL, target TEXT NOT NULL, PRIMARY KEY (account, region, bus, rule, id))`,
      `CREATE INDEX events_targets_arn ON events_targets (account, region, bus, arn)`,
      `CREATE TABLE events_tags (arn TEXT NOT NULL, name TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (arn, name))`,
      `CREATE TABLE events_cursor (one INTEGER NOT NULL PRIMARY KEY, position BIGINT NOT NULL)`,
      `CREATE TABLE events_deliveries (id TEXT NOT NULL PRIMARY KEY, account TEXT NOT NULL, region TEXT NOT NULL, rule_id TEXT NOT NULL,
         rule_arn TEXT NOT NULL, target_arn TEXT NOT NULL, target TEXT NOT NULL, event TEXT NOT NULL, ingested BIGINT NOT NULL,
         attempt INTEGER NOT NULL, due BIGINT NOT NULL, state TEXT NOT NULL, error TEXT)`,
      `CREATE INDEX events_deliveries_due ON events_deliveries (state, target_arn, due)`,
      `CREATE TABLE events_forwarded (event TEXT NOT NULL, bus_arn TEXT NOT NULL, time BIGINT NOT NULL, PRIMARY KEY (event, bus_arn))`,
    ],
  },
];

export interface BusRow {
  readonly name: string;
  readonly description: string | null;
  readonly kms_key: string | null;
  readonly dead_letter: string | null;
  readonly log_config: string | null;
  readonly created: number;
  readonly modified: number;
}

export interface RuleRow {
  readonly account: string;
  readonly region: string;
  readonly bus: string;
  readonly name: string;
  /** Never given to another rule, even one of the same name. */
  readonly id: string;
  readonly pattern: string | null;
  readonly schedule: string | null;
  readonly state: string;
  readonly description: string | null;
  readonly role: string | null;
  /** Epoch ms at which the schedule is due next; null where there is none or the rule is disabled. */
  readonly next_due: number | null;
}

export interface TargetRow {
  readonly rule: string;
  readonly id: string;
  /** The Target of the API as JSON. */
  readonly target: string;
}

export interface DeliveryRow {
  readonly id: string;
  readonly account: string;
  readonly region: string;
  readonly rule_id: string;
  readonly rule_arn: string;
  readonly target_arn: string;
  readonly target: string;
  readonly event: string;
  readonly ingested: number;
  readonly attempt: number;
  readonly due: number;
}

const KEY = 'account = ? AND region = ?';
const BUS = 'name, description, kms_key, dead_letter, log_config, created, modified';
const RULE = 'account, region, bus, name, id, pattern, schedule, state, description, role, next_due';
const DELIVERY = 'id, account, region, rule_id, rule_arn, target_arn, target, event, ingested, attempt, due';

export const sql = {
  insertBus: statement(`INSERT INTO events_buses (account, region, ${BUS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`),
  bus: statement(`SELECT ${BUS} FROM events_buses WHERE ${KEY} AND name = ?`),
  buses: statement(`SELECT ${BUS} FROM events_buses WHERE ${KEY} ORDER BY name`),
  /** Only one without rules: no row otherwise. */
  deleteBus: statement(`DELETE FROM events_buses WHERE ${KEY} AND name = ? AND NOT EXISTS
    (SELECT 1 FROM events_rules r WHERE r.account = events_buses.account AND r.region = events_buses.region AND r.bus = events_buses.name)`),

  putRule: statement(`INSERT INTO events_rules (${RULE}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (account, region, bus, name) DO UPDATE SET pattern = excluded.pattern, schedule = excluded.schedule, state = excluded.state,
      description = excluded.description, role = excluded.role, next_due = excluded.next_due`),
  rule: statement(`SELECT ${RULE} FROM events_rules WHERE ${KEY} AND bus = ? AND name = ?`),
  rulesAfter: statement(`SELECT ${RULE} FROM events_rules WHERE ${KEY} AND bus = ? AND name > ? ORDER BY name`),
  setState: statement(`UPDATE events_rules SET state = ?, next_due = ? WHERE ${KEY} AND bus = ? AND name = ?`),
  /** Only one without targets: no row otherwise. */
  deleteRule: statement(`DELETE FROM events_rules WHERE ${KEY} AND bus = ? AND name = ? AND NOT EXISTS
    (SELECT 1 FROM events_targets t WHERE t.account = events_rules.account AND t.region = events_rules.region AND t.bus = events_rules.bus
      AND t.rule = events_rules.name)`),
  dueRules: statement(`SELECT ${RULE} FROM events_rules WHERE next_due <= ? ORDER BY next_due LIMIT 200`),
  nextDueRule: statement(`SELECT MIN(next_due) AS due FROM events_rules`),
  moveDue: statement(`UPDATE events_rules SET next_due = ? WHERE ${KEY} AND bus = ? AND name = ? AND next_due = ?`),

  /** Only of a rule that is there: no row otherwise. */
  putTarget: statement(`INSERT INTO events_targets (account, region, bus, rule, id, arn, target)
    SELECT account, region, bus, name, ?, ?, ? FROM events_rules WHERE ${KEY} AND bus = ? AND name = ?
    ON CONFLICT (account, region, bus, rule, id) DO UPDATE SET arn = excluded.arn, target = excluded.target`),
  targets: statement(`SELECT rule, id, target FROM events_targets WHERE ${KEY} AND bus = ? AND rule = ? ORDER BY id`),
  targetsOfBus: statement(`SELECT rule, id, target FROM events_targets WHERE ${KEY} AND bus = ? ORDER BY rule, id`),
  rulesOfTarget: statement(`SELECT DISTINCT rule FROM events_targets WHERE ${KEY} AND bus = ? AND arn = ? AND rule > ? ORDER BY rule`),
  deleteTarget: statement(`DELETE FROM events_targets WHERE ${KEY} AND bus = ? AND rule = ? AND id = ?`),

  tags: statement(`SELECT name, value FROM events_tags WHERE arn = ? ORDER BY name`),
  putTag: statement(
    `INSERT INTO events_tags (arn, name, value) VALUES (?, ?, ?) ON CONFLICT (arn, name) DO UPDATE SET value = excluded.value`,
  ),
  deleteTag: statement(`DELETE FROM events_tags WHERE arn = ? AND name = ?`),
  deleteTags: statement(`DELETE FROM events_tags WHERE arn = ?`),

  cursor: statement(`SELECT position FROM events_cursor WHERE one = 1`),
  /** Only ever forward. */
  moveCursor: statement(`INSERT INTO events_cursor (one, position) VALUES (1, ?)
    ON CONFLICT (one) DO UPDATE SET position = excluded.position WHERE events_cursor.position < excluded.position`),

  insertDelivery:
    statement(`INSERT INTO events_deliveries (${DELIVERY}, state, error) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'waiting', NULL)
    ON CONFLICT (id) DO NOTHING`),
  deleteDelivery: statement(`DELETE FROM events_deliveries WHERE id = ?`),
  retryDelivery: statement(`UPDATE events_deliveries SET attempt = ?, due = ?, error = ? WHERE id = ?`),
  failDelivery: statement(`UPDATE events_deliveries SET state = 'failed', due = ?, error = ? WHERE id = ?`),
  dueTargets: statement(`SELECT DISTINCT target_arn FROM events_deliveries WHERE state = 'waiting' AND due <= ?`),
  dueDeliveries: statement(`SELECT ${DELIVERY} FROM events_deliveries WHERE state = 'waiting' AND target_arn = ? AND due <= ?
    ORDER BY due, id LIMIT ?`),
  nextDueDelivery: statement(`SELECT MIN(due) AS due FROM events_deliveries WHERE state = 'waiting' AND due > ?`),
  failedDeliveries: statement(`SELECT id, rule_arn, target_arn, due, error FROM events_deliveries WHERE state = 'failed' ORDER BY due, id`),
  pruneFailed: statement(`DELETE FROM events_deliveries WHERE state = 'failed' AND due < ?`),

  insertForwarded: statement(`INSERT INTO events_forwarded (event, bus_arn, time) VALUES (?, ?, ?)`),
  /** The bus that an event was put on: rules do not bring it there again. */
  rememberBus: statement(`INSERT INTO events_forwarded (event, bus_arn, time) VALUES (?, ?, ?) ON CONFLICT (event, bus_arn) DO NOTHING`),
  pruneForwarded: statement(`DELETE FROM events_forwarded WHERE time < ?`),
};

/** Whoever keeps rules in memory reads them again. */
export const RULES_TOPIC = 'events-rules';
