import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { statement } from '../../src/ports/database.ts';
import type { Database, MigrationSet, Reader, Statement } from '../../src/ports/database.ts';
import { openSqlite } from '../../src/store/sqlite/index.ts';

/** A migrated database of its own file, in a folder of its own; `close` removes both. */
export async function testDatabase(sets: readonly MigrationSet[]): Promise<Database & { readonly dir: string }> {
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

/** Compiles every statement that a module exports (`import * as tables`) against the schema; rejects at the first that does not fit. */
export async function prepareAll(db: Reader, module: Readonly<Record<string, unknown>>): Promise<number> {
  const statements = Object.entries(module).filter((entry): entry is [string, Statement] => isStatement(entry[1]));
  for (const [name, { sql }] of statements) {
    const params = Array.from({ length: sql.replaceAll(/'(?:[^']|'')*'/g, '').split('?').length - 1 }, () => null);
    await db.all(statement(`EXPLAIN ${sql}`), ...params).catch((cause: unknown) => {
      throw new Error(`statement ${name} does not fit the schema`, { cause });
    });
  }
  return statements.length;
}
