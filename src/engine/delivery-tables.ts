import { statement, type Migration } from '../ports/database.ts';

/**
 * `delivery_bodies` holds what is sent, once for all who get it; it goes with the last delivery that waits for it. `deliveries` holds
 * who has not got it yet, or never will (`state` = failed). `sealed` bodies are sealed by the service that put them there.
 */
export const deliveryMigrations: readonly Migration[] = [
  {
    id: '0001',
    sql: [
      `CREATE TABLE delivery_bodies (id TEXT NOT NULL PRIMARY KEY, body TEXT NOT NULL)`,
      `CREATE TABLE deliveries (id TEXT NOT NULL PRIMARY KEY, queue TEXT NOT NULL, destination TEXT NOT NULL, body TEXT NOT NULL,
       address TEXT NOT NULL, created BIGINT NOT NULL, attempt INTEGER NOT NULL, due BIGINT NOT NULL, state TEXT NOT NULL, error TEXT)`,
      `CREATE INDEX deliveries_due ON deliveries (queue, state, destination, due)`,
      `CREATE INDEX deliveries_body ON deliveries (body, state)`,
    ],
  },
];

export interface DeliveryRow {
  readonly id: string;
  readonly destination: string;
  readonly body: string;
  readonly address: string;
  readonly created: number;
  readonly attempt: number;
}

export const deliverySql = {
  insertBody: statement(`INSERT INTO delivery_bodies (id, body) VALUES (?, ?) ON CONFLICT (id) DO NOTHING`),
  body: statement(`SELECT body FROM delivery_bodies WHERE id = ?`),
  dropBody: statement(`DELETE FROM delivery_bodies WHERE id = ?
    AND NOT EXISTS (SELECT 1 FROM deliveries WHERE deliveries.body = delivery_bodies.id AND deliveries.state = 'waiting')`),

  insert: statement(`INSERT INTO deliveries (id, queue, destination, body, address, created, attempt, due, state, error)
    VALUES (?, ?, ?, ?, ?, ?, 1, ?, 'waiting', NULL) ON CONFLICT (id) DO NOTHING`),
  remove: statement(`DELETE FROM deliveries WHERE id = ?`),
  retry: statement(`UPDATE deliveries SET attempt = attempt + 1, due = ?, error = ? WHERE id = ?`),
  fail: statement(`UPDATE deliveries SET state = 'failed', due = ?, error = ? WHERE id = ?`),

  dueDestinations: statement(`SELECT DISTINCT destination FROM deliveries WHERE queue = ? AND state = 'waiting' AND due <= ?`),
  due: statement(`SELECT id, destination, body, address, created, attempt FROM deliveries
    WHERE queue = ? AND state = 'waiting' AND destination = ? AND due <= ? ORDER BY due, id LIMIT ?`),
  nextDue: statement(`SELECT MIN(due) AS due FROM deliveries WHERE queue = ? AND state = 'waiting' AND due > ?`),
  failed: statement(`SELECT id, destination, due, error FROM deliveries WHERE queue = ? AND state = 'failed' ORDER BY due, id`),
  pruneFailed: statement(`DELETE FROM deliveries WHERE queue = ? AND state = 'failed' AND due < ?`),
};
