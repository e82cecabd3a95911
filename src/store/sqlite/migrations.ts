import { PipewrightError } from '../../kernel/errors.ts';
import { statement } from '../../ports/database.ts';
import type { Migration, MigrationSet } from '../../ports/database.ts';
import { rollBack } from './batch.ts';
import type { Connection } from './connection.ts';

const CREATE = `CREATE TABLE IF NOT EXISTS pipewright_migrations (owner TEXT NOT NULL, id TEXT NOT NULL, PRIMARY KEY (owner, id))`;
const APPLIED = statement(`SELECT id FROM pipewright_migrations WHERE owner = ?`);
const RECORD = statement(`INSERT INTO pipewright_migrations (owner, id) VALUES (?, ?)`);
const TABLES = statement(`SELECT name FROM sqlite_master
  WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name <> 'pipewright_migrations'`);

/** Runs `work` in one transaction of its own. */
function transact(connection: Connection, work: () => void): void {
  connection.exec('BEGIN IMMEDIATE');
  try {
    work();
    connection.exec('COMMIT');
  } catch (error) {
    rollBack(connection);
    throw error;
  }
}

function apply(connection: Connection, owner: string, migration: Migration): void {
  transact(connection, () => {
    for (const sql of migration.sql) connection.exec(sql);
    connection.run(RECORD, [owner, migration.id]);
  });
}

/**
 * Applies what is missing, each migration in one transaction, in the order of their ids.
 * Throws DataTooNew where the database has a migration that this program does not know: a newer one wrote it.
 */
export function migrate(connection: Connection, sets: readonly MigrationSet[]): void {
  connection.exec(CREATE);
  for (const { owner, migrations } of sets) {
    const applied = new Set(connection.all(APPLIED, [owner]).map((row) => String(row.id)));
    const known = new Set(migrations.map(({ id }) => id));
    for (const id of applied) {
      if (!known.has(id)) throw new PipewrightError('DataTooNew', `the database has migration ${owner}/${id} of a newer program`);
    }
    const missing = migrations.filter(({ id }) => !applied.has(id)).toSorted((a, b) => (a.id < b.id ? -1 : 1));
    for (const migration of missing) apply(connection, owner, migration);
  }
}

/** Empties every table. Positions of the event log go on where they were: AUTOINCREMENT's own table is kept. */
export function emptyTables(connection: Connection): void {
  transact(connection, () => {
    connection.exec('PRAGMA defer_foreign_keys = ON');
    for (const { name } of connection.all(TABLES, [])) connection.exec(`DELETE FROM "${String(name)}"`);
  });
}
