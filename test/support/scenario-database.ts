import { cpSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { engineMigrations } from '../../src/engine/tables.ts';
import type { Database } from '../../src/ports/database.ts';
import { migrations } from '../../src/services/codepipeline/tables.ts';
import { openSqlite } from '../../src/store/sqlite/index.ts';

/** Where files live in memory: scenarios kill the shell, not the machine, so that nothing is gained by waiting for a disk. */
const MEMORY = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();

const NAME = 'scenario.db';

let template: Promise<string> | undefined;

/** A database with all tables and no rows, made once in each process. */
async function makeTemplate(): Promise<string> {
  const dir = mkdtempSync(join(MEMORY, 'scenario-'));
  process.once('exit', () => rmSync(dir, { recursive: true }));
  const database = openSqlite({ path: join(dir, NAME) });
  await database.migrate([
    { owner: 'engine', migrations: engineMigrations },
    { owner: 'codepipeline', migrations },
  ]);
  await database.close();
  return dir;
}

export interface ScenarioDatabase extends Database {
  /** How many batches were written. */
  readonly batches: number;
}

/** A real database of its own; closing it removes it. */
export async function openScenarioDatabase(): Promise<ScenarioDatabase> {
  template ??= makeTemplate();
  const dir = mkdtempSync(join(MEMORY, 'scenario-'));
  cpSync(await template, dir, { recursive: true });
  const database = openSqlite({ path: join(dir, NAME) });
  let batches = 0;
  return {
    ...database,
    get batches() {
      return batches;
    },
    writeBatch: (units) => {
      batches += 1;
      return database.writeBatch(units);
    },
    close: async () => {
      await database.close();
      rmSync(dir, { recursive: true });
    },
  };
}
