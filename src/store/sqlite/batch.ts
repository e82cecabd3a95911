import { WriteConflict, statement } from '../../ports/database.ts';
import type { Write } from '../../ports/database.ts';
import type { Connection } from './connection.ts';

const BEGIN = statement('BEGIN IMMEDIATE');
const COMMIT = statement('COMMIT');
const ROLLBACK = statement('ROLLBACK');
const SAVEPOINT = statement('SAVEPOINT unit');
const RELEASE = statement('RELEASE unit');
const ROLLBACK_TO = statement('ROLLBACK TO unit');

/** Constraints that a concurrent change can break; the others (NOT NULL, CHECK) are mistakes of ours and fail the batch. */
const LOST_RACES = new Set(['SQLITE_CONSTRAINT_PRIMARYKEY', 'SQLITE_CONSTRAINT_UNIQUE', 'SQLITE_CONSTRAINT_FOREIGNKEY']);

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

/** Performs the writes of one unit; answers the conflict that refuses it. */
function performUnit(connection: Connection, unit: readonly Write[]): WriteConflict | undefined {
  for (let index = 0; index < unit.length; index++) {
    const { statement, params, expect, label } = unit[index]!;
    let changed: number;
    try {
      changed = connection.run(statement, params);
    } catch (error) {
      if (LOST_RACES.has(codeOf(error) ?? '')) return new WriteConflict(index, label, (error as Error).message);
      throw error;
    }
    if (expect !== undefined && changed !== expect) return new WriteConflict(index, label, `changed ${changed} rows instead of ${expect}`);
  }
  return undefined;
}

function performSaved(connection: Connection, unit: readonly Write[]): WriteConflict | undefined {
  connection.run(SAVEPOINT, []);
  const conflict = performUnit(connection, unit);
  if (conflict) connection.run(ROLLBACK_TO, []);
  connection.run(RELEASE, []);
  return conflict;
}

/**
 * Runs all units in one transaction: the answer has, at each unit's place, its conflict or undefined. A refused unit leaves nothing.
 * Throws, with nothing written, on any other error; the connection is outside a transaction again then.
 */
export function performBatch(connection: Connection, units: readonly (readonly Write[])[]): (WriteConflict | undefined)[] {
  try {
    connection.run(BEGIN, []);
    // A lone unit needs no savepoint: the transaction is its savepoint.
    const results = units.length === 1 ? [performUnit(connection, units[0]!)] : units.map((unit) => performSaved(connection, unit));
    const nothingToKeep = results.every((result) => result !== undefined);
    connection.run(nothingToKeep ? ROLLBACK : COMMIT, []);
    return results;
  } catch (error) {
    rollBack(connection);
    throw error;
  }
}

/** After an error SQLite may or may not have rolled back by itself (it does when the disk is full). */
export function rollBack(connection: Connection): void {
  if (connection.inTransaction()) connection.run(ROLLBACK, []);
}
