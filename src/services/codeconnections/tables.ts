import { statement, type Migration } from '../../ports/database.ts';

/**
 * `codeconnections_secrets` holds what AWS's handshake would leave behind: the token and the webhook secret, sealed. `service` is the
 * spelling under which a resource was made: its ARN keeps it. `codeconnections_deliveries` remembers webhook deliveries that came.
 */
export const migrations: readonly Migration[] = [
  {
    id: '0001',
    sql: [
      `CREATE TABLE codeconnections_connections (account TEXT NOT NULL, region TEXT NOT NULL, id TEXT NOT NULL, service TEXT NOT NULL, name TEXT NOT NULL,
         provider TEXT NOT NULL, host TEXT, status TEXT NOT NULL, created BIGINT NOT NULL, PRIMARY KEY (account, region, id))`,
      `CREATE UNIQUE INDEX codeconnections_connections_id ON codeconnections_connections (id)`,
      `CREATE TABLE codeconnections_secrets (connection TEXT NOT NULL PRIMARY KEY, endpoint TEXT, username TEXT, token TEXT NOT NULL, webhook TEXT)`,
      `CREATE TABLE codeconnections_hosts (account TEXT NOT NULL, region TEXT NOT NULL, id TEXT NOT NULL, service TEXT NOT NULL, name TEXT NOT NULL,
         provider TEXT NOT NULL, endpoint TEXT NOT NULL, vpc TEXT, PRIMARY KEY (account, region, id))`,
      `CREATE TABLE codeconnections_tags (resource TEXT NOT NULL, name TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (resource, name))`,
      `CREATE TABLE codeconnections_deliveries (connection TEXT NOT NULL, id TEXT NOT NULL, at BIGINT NOT NULL, PRIMARY KEY (connection, id))`,
      `CREATE INDEX codeconnections_deliveries_at ON codeconnections_deliveries (at)`,
    ],
  },
];

export interface ConnectionRow {
  readonly account: string;
  readonly region: string;
  readonly id: string;
  readonly service: string;
  readonly name: string;
  readonly provider: string;
  /** The host's id. */
  readonly host: string | null;
  readonly status: string;
}

export interface SecretRow {
  /** Where the server is, when it is not where the provider's is. */
  readonly endpoint: string | null;
  readonly username: string | null;
  /** Sealed. */
  readonly token: string;
  /** Sealed. */
  readonly webhook: string | null;
}

export interface HostRow {
  readonly account: string;
  readonly region: string;
  readonly id: string;
  readonly service: string;
  readonly name: string;
  readonly provider: string;
  readonly endpoint: string;
  /** VpcConfiguration as JSON. */
  readonly vpc: string | null;
}

const KEY = 'account = ? AND region = ?';
const CONNECTION = 'account, region, id, service, name, provider, host, status';
const HOST = 'account, region, id, service, name, provider, endpoint, vpc';

export const sql = {
  insertConnection: statement(`INSERT INTO codeconnections_connections (${CONNECTION}, created) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`),
  connection: statement(`SELECT ${CONNECTION} FROM codeconnections_connections WHERE ${KEY} AND id = ?`),
  connectionById: statement(`SELECT ${CONNECTION} FROM codeconnections_connections WHERE id = ?`),
  connectionsAfter: statement(`SELECT ${CONNECTION} FROM codeconnections_connections WHERE ${KEY} AND id > ? ORDER BY id LIMIT ?`),
  connectionsOfHost: statement(`SELECT id FROM codeconnections_connections WHERE ${KEY} AND host = ? LIMIT 1`),
  complete: statement(`UPDATE codeconnections_connections SET status = 'AVAILABLE' WHERE ${KEY} AND id = ?`),
  deleteConnection: statement(`DELETE FROM codeconnections_connections WHERE ${KEY} AND id = ?`),

  putSecrets: statement(`INSERT INTO codeconnections_secrets (connection, endpoint, username, token, webhook) VALUES (?, ?, ?, ?, ?)
    ON CONFLICT (connection) DO UPDATE SET endpoint = excluded.endpoint, username = excluded.username, token = excluded.token,
      webhook = excluded.webhook`),
  secrets: statement(`SELECT endpoint, username, token, webhook FROM codeconnections_secrets WHERE connection = ?`),
  deleteSecrets: statement(`DELETE FROM codeconnections_secrets WHERE connection = ?`),

  insertHost: statement(`INSERT INTO codeconnections_hosts (${HOST}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`),
  host: statement(`SELECT ${HOST} FROM codeconnections_hosts WHERE ${KEY} AND id = ?`),
  hostsAfter: statement(`SELECT ${HOST} FROM codeconnections_hosts WHERE ${KEY} AND id > ? ORDER BY id LIMIT ?`),
  updateHost: statement(`UPDATE codeconnections_hosts SET endpoint = ?, vpc = ? WHERE ${KEY} AND id = ?`),
  /** Only one without connections: no row otherwise. */
  deleteHost: statement(`DELETE FROM codeconnections_hosts WHERE ${KEY} AND id = ? AND NOT EXISTS
    (SELECT 1 FROM codeconnections_connections c WHERE c.account = codeconnections_hosts.account
      AND c.region = codeconnections_hosts.region AND c.host = codeconnections_hosts.id)`),

  tags: statement(`SELECT name, value FROM codeconnections_tags WHERE resource = ? ORDER BY name`),
  putTag: statement(
    `INSERT INTO codeconnections_tags (resource, name, value) VALUES (?, ?, ?) ON CONFLICT (resource, name) DO UPDATE SET value = excluded.value`,
  ),
  deleteTag: statement(`DELETE FROM codeconnections_tags WHERE resource = ? AND name = ?`),
  deleteTags: statement(`DELETE FROM codeconnections_tags WHERE resource = ?`),

  insertDelivery: statement(`INSERT INTO codeconnections_deliveries (connection, id, at) VALUES (?, ?, ?)`),
  pruneDeliveries: statement(`DELETE FROM codeconnections_deliveries WHERE at < ?`),
  deleteDeliveries: statement(`DELETE FROM codeconnections_deliveries WHERE connection = ?`),
};
