import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { MigrationSet, Statement } from '../../src/ports/database.ts';
import { openSqlite } from '../../src/store/sqlite/index.ts';
import type { SqliteDatabase } from '../../src/store/sqlite/index.ts';

/** A migrated database of its own file, in a folder of its own; `close` removes both. */
export async function testDatabase(sets: readonly MigrationSet[]): Promise<SqliteDatabase & { readonly dir: string }> {
  const dir = mkdtempSync(join(tmpdir(), 'pipewright-'));
  const database = openSqlite({ path: join(dir, 'test.db') });
  await database.migrate(sets);
  const close = async (): Promise<void> => {
    await database.close();
    rmSync(dir, { recursive: true, force: true });
  };
  return { ...database, dir, close };
}

function isStatement(value: unknown): value is Statement {
  return typeof value === 'object' && value !== null && 'sql' in value && typeof value.sql === 'string';
}

/** Compiles every statement that a module exports (`import * as tables`) against the schema; throws at the first that does not fit. */
export function prepareAll(db: Pick<SqliteDatabase, 'prepare'>, module: Readonly<Record<string, unknown>>): number {
  const statements = Object.entries(module).filter((entry): entry is [string, Statement] => isStatement(entry[1]));
  for (const [name, statement] of statements) {
    try {
      db.prepare(statement);
    } catch (cause) {
      throw new Error(`statement ${name} does not fit the schema`, { cause });
    }
  }
  return statements.length;
}
