import { statement, type Migration } from '../../ports/database.ts';

/**
 * `sns_subscriptions.token` is sealed: it confirms the subscription. So is `password`, of an endpoint whose URL has one; `endpoint`
 * shows stars in its place. `sns_signing` has one row: the key that messages are signed with (sealed) and its certificate.
 */
export const migrations: readonly Migration[] = [
  {
    id: '0001',
    sql: [
      `CREATE TABLE sns_topics (account TEXT NOT NULL, region TEXT NOT NULL, name TEXT NOT NULL, attributes TEXT NOT NULL, deleted INTEGER NOT NULL,
         created BIGINT NOT NULL, PRIMARY KEY (account, region, name))`,
      `CREATE TABLE sns_subscriptions (account TEXT NOT NULL, region TEXT NOT NULL, topic TEXT NOT NULL, id TEXT NOT NULL, protocol TEXT NOT NULL,
         endpoint TEXT NOT NULL, password TEXT, attributes TEXT NOT NULL, state TEXT NOT NULL, token TEXT, token_expires BIGINT NOT NULL,
         authenticated INTEGER NOT NULL, guarded INTEGER NOT NULL, principal TEXT NOT NULL, PRIMARY KEY (account, region, topic, id))`,
      `CREATE UNIQUE INDEX sns_subscriptions_endpoint ON sns_subscriptions (account, region, topic, protocol, endpoint)`,
      `CREATE TABLE sns_tags (arn TEXT NOT NULL, name TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (arn, name))`,
      `CREATE TABLE sns_signing (one INTEGER NOT NULL PRIMARY KEY, private_key TEXT NOT NULL, certificate TEXT NOT NULL)`,
    ],
  },
];

export interface TopicRow {
  readonly account: string;
  readonly region: string;
  readonly name: string;
  /** What was set, by AWS's attribute names, as JSON. */
  readonly attributes: string;
  /** How many subscriptions it has lost. */
  readonly deleted: number;
}

export interface SubscriptionRow {
  readonly account: string;
  readonly region: string;
  readonly topic: string;
  readonly id: string;
  readonly protocol: string;
  readonly endpoint: string;
  readonly password: string | null;
  readonly attributes: string;
  readonly state: 'pending' | 'confirmed';
  readonly token: string | null;
  readonly token_expires: number;
  /** 1: somebody who signed his request has confirmed it. */
  readonly authenticated: number;
  /** 1: only a signed request ends it (AuthenticateOnUnsubscribe). */
  readonly guarded: number;
  /** Who has subscribed: an ARN. */
  readonly principal: string;
}

const PLACE = 'account = ? AND region = ?';
const TOPIC = 'account, region, name, attributes, deleted';
const SUBSCRIPTION =
  'account, region, topic, id, protocol, endpoint, password, attributes, state, token, token_expires, authenticated, guarded, principal';

export const sql = {
  insertTopic: statement(`INSERT INTO sns_topics (account, region, name, attributes, deleted, created) VALUES (?, ?, ?, ?, 0, ?)`),
  topic: statement(`SELECT ${TOPIC} FROM sns_topics WHERE ${PLACE} AND name = ?`),
  topicsAfter: statement(`SELECT ${TOPIC} FROM sns_topics WHERE ${PLACE} AND name > ? ORDER BY name LIMIT ?`),
  setTopic: statement(`UPDATE sns_topics SET attributes = ? WHERE ${PLACE} AND name = ? AND attributes = ?`),
  countDeleted: statement(`UPDATE sns_topics SET deleted = deleted + 1 WHERE ${PLACE} AND name = ?`),
  deleteTopic: statement(`DELETE FROM sns_topics WHERE ${PLACE} AND name = ?`),

  /** Only of a topic that is there: no row otherwise. */
  insertSubscription: statement(`INSERT INTO sns_subscriptions (${SUBSCRIPTION})
    SELECT account, region, name, ?, ?, ?, ?, ?, 'pending', ?, ?, 0, 0, ? FROM sns_topics WHERE ${PLACE} AND name = ?`),
  subscription: statement(`SELECT ${SUBSCRIPTION} FROM sns_subscriptions WHERE ${PLACE} AND topic = ? AND id = ?`),
  subscriptionOf: statement(`SELECT ${SUBSCRIPTION} FROM sns_subscriptions WHERE ${PLACE} AND topic = ? AND protocol = ? AND endpoint = ?`),
  subscriptionsOfTopic: statement(
    `SELECT ${SUBSCRIPTION} FROM sns_subscriptions WHERE ${PLACE} AND topic = ? AND state = 'confirmed' ORDER BY id`,
  ),
  ofTopicAfter: statement(`SELECT ${SUBSCRIPTION} FROM sns_subscriptions WHERE ${PLACE} AND topic = ? AND id > ? ORDER BY id LIMIT ?`),
  subscriptionsAfter: statement(`SELECT ${SUBSCRIPTION} FROM sns_subscriptions WHERE ${PLACE} AND (topic > ? OR (topic = ? AND id > ?))
    ORDER BY topic, id LIMIT ?`),
  subscriptionCounts: statement(`SELECT state, COUNT(*) AS n FROM sns_subscriptions WHERE ${PLACE} AND topic = ? GROUP BY state`),
  renewSubscription: statement(`UPDATE sns_subscriptions SET attributes = ?, password = ?, token = ?, token_expires = ?, principal = ?
    WHERE ${PLACE} AND topic = ? AND id = ? AND state = 'pending'`),
  confirm:
    statement(`UPDATE sns_subscriptions SET state = 'confirmed', authenticated = ?, guarded = ? WHERE ${PLACE} AND topic = ? AND id = ?
    AND state = 'pending'`),
  setSubscription: statement(`UPDATE sns_subscriptions SET attributes = ? WHERE ${PLACE} AND topic = ? AND id = ? AND attributes = ?`),
  deleteSubscription: statement(`DELETE FROM sns_subscriptions WHERE ${PLACE} AND topic = ? AND id = ?`),
  deleteSubscriptions: statement(`DELETE FROM sns_subscriptions WHERE ${PLACE} AND topic = ?`),

  tags: statement(`SELECT name, value FROM sns_tags WHERE arn = ? ORDER BY name`),
  putTag: statement(
    `INSERT INTO sns_tags (arn, name, value) VALUES (?, ?, ?) ON CONFLICT (arn, name) DO UPDATE SET value = excluded.value`,
  ),
  deleteTag: statement(`DELETE FROM sns_tags WHERE arn = ? AND name = ?`),
  deleteTags: statement(`DELETE FROM sns_tags WHERE arn = ?`),

  signing: statement(`SELECT private_key, certificate FROM sns_signing WHERE one = 1`),
  insertSigning: statement(`INSERT INTO sns_signing (one, private_key, certificate) VALUES (1, ?, ?) ON CONFLICT (one) DO NOTHING`),
};
