import { statement, type Migration } from '../ports/database.ts';

/**
 * `process_steps` holds the events, one row a step (what one decision made happen, written whole); the primary key is the
 * expected-version check. `process_instances` holds the newest snapshot; older steps are deleted with it.
 */
export const engineMigrations: readonly Migration[] = [
  {
    id: '0001',
    sql: [
      `CREATE TABLE process_instances (type TEXT NOT NULL, id TEXT NOT NULL, open INTEGER NOT NULL, snapshot_version INTEGER NOT NULL,
         snapshot_shape INTEGER NOT NULL, snapshot TEXT, PRIMARY KEY (type, id))`,
      `CREATE INDEX process_instances_open ON process_instances (type, open)`,
      `CREATE TABLE process_steps (type TEXT NOT NULL, id TEXT NOT NULL, version INTEGER NOT NULL, time BIGINT NOT NULL, events TEXT NOT NULL,
         PRIMARY KEY (type, id, version))`,
      `CREATE TABLE effects (id TEXT NOT NULL PRIMARY KEY, type TEXT NOT NULL, aggregate TEXT NOT NULL, kind TEXT NOT NULL, honest TEXT NOT NULL,
         payload TEXT NOT NULL, attempt INTEGER NOT NULL, epoch INTEGER NOT NULL, due BIGINT NOT NULL)`,
      `CREATE INDEX effects_aggregate ON effects (type, aggregate)`,
      `CREATE TABLE engine_epoch (one INTEGER NOT NULL PRIMARY KEY, epoch INTEGER NOT NULL)`,
      `CREATE TABLE bus_events (position BIGINT NOT NULL PRIMARY KEY, id TEXT NOT NULL, account TEXT NOT NULL, region TEXT NOT NULL, bus TEXT NOT NULL,
         time BIGINT NOT NULL, source TEXT NOT NULL, detail_type TEXT NOT NULL, resources TEXT NOT NULL, detail TEXT NOT NULL)`,
    ],
  },
  {
    // Every commit writes here: one tree less for events, and none for looking effects up by aggregate, of which there are ever few.
    id: '0002',
    sql: [
      `CREATE TABLE bus_events_2 (position INTEGER PRIMARY KEY, id TEXT NOT NULL, account TEXT NOT NULL, region TEXT NOT NULL, bus TEXT NOT NULL,
         time BIGINT NOT NULL, source TEXT NOT NULL, detail_type TEXT NOT NULL, resources TEXT NOT NULL, detail TEXT NOT NULL)`,
      `INSERT INTO bus_events_2 SELECT position, id, account, region, bus, time, source, detail_type, resources, detail FROM bus_events`,
      `DROP TABLE bus_events`,
      `ALTER TABLE bus_events_2 RENAME TO bus_events`,
      `DROP INDEX effects_aggregate`,
    ],
  },
];

export const sql = {
  insertInstance: statement(
    `INSERT INTO process_instances (type, id, open, snapshot_version, snapshot_shape, snapshot) VALUES (?, ?, ?, 0, 0, NULL)`,
  ),
  setOpen: statement(`UPDATE process_instances SET open = ? WHERE type = ? AND id = ?`),
  setSnapshot: statement(
    `UPDATE process_instances SET open = ?, snapshot_version = ?, snapshot_shape = ?, snapshot = ? WHERE type = ? AND id = ?`,
  ),
  deleteInstance: statement(`DELETE FROM process_instances WHERE type = ? AND id = ?`),
  instance: statement(`SELECT snapshot_version, snapshot_shape, snapshot FROM process_instances WHERE type = ? AND id = ?`),
  openIds: statement(`SELECT id FROM process_instances WHERE type = ? AND open = 1 ORDER BY id`),

  insertStep: statement(`INSERT INTO process_steps (type, id, version, time, events) VALUES (?, ?, ?, ?, ?)`),
  stepsAfter: statement(`SELECT version, events FROM process_steps WHERE type = ? AND id = ? AND version > ? ORDER BY version`),
  deleteSteps: statement(`DELETE FROM process_steps WHERE type = ? AND id = ? AND version <= ?`),

  insertEffect: statement(
    `INSERT INTO effects (id, type, aggregate, kind, honest, payload, attempt, epoch, due) VALUES (?, ?, ?, ?, ?, ?, 1, ?, ?)`,
  ),
  deleteEffect: statement(`DELETE FROM effects WHERE id = ? AND epoch = ?`),
  dropEffect: statement(`DELETE FROM effects WHERE id = ?`),
  dropEffectsOf: statement(`DELETE FROM effects WHERE type = ? AND aggregate = ?`),
  retryEffect: statement(`UPDATE effects SET attempt = ?, due = ? WHERE id = ? AND epoch = ?`),
  claimEffects: statement(`UPDATE effects SET epoch = ?`),
  effectsOfType: statement(`SELECT id, aggregate, kind, honest, payload, attempt, due FROM effects WHERE type = ? ORDER BY id`),

  epoch: statement(`SELECT epoch FROM engine_epoch WHERE one = 1`),
  setEpoch: statement(`INSERT INTO engine_epoch (one, epoch) VALUES (1, ?) ON CONFLICT (one) DO UPDATE SET epoch = excluded.epoch`),

  // The position is the newest plus one. The committer is the only writer, so it neither repeats nor leaves a hole behind a cursor.
  insertBusEvent: statement(`INSERT INTO bus_events (id, account, region, bus, time, source, detail_type, resources, detail)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`),
  busEventsAfter: statement(`SELECT position, id, account, region, bus, time, source, detail_type, resources, detail
    FROM bus_events WHERE position > ? ORDER BY position LIMIT ?`),
  busBounds: statement(`SELECT MIN(position) AS first, MAX(position) AS last FROM bus_events`),
  pruneBus: statement(`DELETE FROM bus_events WHERE time < ? AND position < (SELECT MAX(position) FROM bus_events)`),
};
