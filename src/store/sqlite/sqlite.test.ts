import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { prepareAll } from '../../../test/support/database.ts';
import { WriteConflict, statement, write } from '../../ports/database.ts';
import type { Value } from '../../ports/database.ts';
import { countParameters, openConnection } from './connection.ts';
import { openSqlite } from './index.ts';
import type { SqliteDatabase } from './index.ts';

const MIGRATIONS = [
  {
    owner: 'test',
    migrations: [
      { id: '0001', sql: ['CREATE TABLE item (id TEXT PRIMARY KEY, n INTEGER NOT NULL, body BLOB)'] },
      { id: '0002', sql: ['CREATE TABLE child (id TEXT PRIMARY KEY, item TEXT NOT NULL REFERENCES item (id))'] },
      { id: '0003', sql: ['CREATE TABLE seq (position INTEGER PRIMARY KEY AUTOINCREMENT, text TEXT)'] },
    ],
  },
];

const INSERT = statement('INSERT INTO item (id, n, body) VALUES (?, ?, ?)');
const INSERT_CHILD = statement('INSERT INTO child (id, item) VALUES (?, ?)');
const APPEND = statement('INSERT INTO seq (text) VALUES (?)');
const BUMP = statement('UPDATE item SET n = n + 1 WHERE id = ? AND n = ?');
const ALL = statement('SELECT id, n, body FROM item ORDER BY id');
const ONE = statement('SELECT id, n, body FROM item WHERE id = ?');

const item = (id: string, n = 1, body: Uint8Array | null = null) => write(INSERT, [id, n, body], { label: `insert ${id}` });

let dir: string;
let db: SqliteDatabase;

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'pipewright-sqlite-'));
  db = openSqlite({ path: join(dir, 'a.db') });
  await db.migrate(MIGRATIONS);
});

afterEach(async () => {
  await db.close();
  rmSync(dir, { recursive: true });
});

describe('writeBatch', () => {
  test('writes every unit, and gives values back as they were', async () => {
    const bytes = Uint8Array.from({ length: 300 }, (_, i) => i);
    expect(await db.writeBatch([[item('a', 1, bytes)], [item('b', 1_790_000_000_123)]])).toEqual([undefined, undefined]);
    expect(await db.all(ALL)).toEqual([
      { id: 'a', n: 1, body: new Uint8Array(bytes) },
      { id: 'b', n: 1_790_000_000_123, body: null },
    ]);
    expect(await db.get(ONE, 'a')).toEqual({ id: 'a', n: 1, body: new Uint8Array(bytes) });
    expect(await db.get(ONE, 'zz')).toBeUndefined();
  });

  test('refuses a unit whose key is taken, whole, and keeps the others', async () => {
    await db.writeBatch([[item('a')]]);
    const [first, second, third] = await db.writeBatch([[item('b')], [item('c'), item('a')], [item('d')]]);
    expect(first).toBeUndefined();
    expect(second).toBeInstanceOf(WriteConflict);
    expect(second).toMatchObject({ index: 1, label: 'insert a' });
    expect(third).toBeUndefined();
    expect((await db.all<{ id: string }>(ALL)).map((row) => row.id)).toEqual(['a', 'b', 'd']);
  });

  test('refuses a lone unit whose expectation fails, whole', async () => {
    await db.writeBatch([[item('a', 5)]]);
    const [conflict] = await db.writeBatch([[item('b'), write(BUMP, ['a', 4], { expect: 1, label: 'bump' })]]);
    expect(conflict).toMatchObject({ index: 1, label: 'bump' });
    expect(await db.all(ALL)).toHaveLength(1);
    expect(await db.writeBatch([[write(BUMP, ['a', 5], { expect: 1 })]])).toEqual([undefined]);
    expect(await db.get(ONE, 'a')).toMatchObject({ n: 6 });
  });

  test('takes a missing parent for a lost race', async () => {
    const [conflict] = await db.writeBatch([[write(INSERT_CHILD, ['c', 'nobody'])]]);
    expect(conflict).toBeInstanceOf(WriteConflict);
  });

  test('counts the rows of a RETURNING statement', async () => {
    const returning = statement('INSERT INTO item (id, n) VALUES (?, ?) RETURNING id');
    expect(await db.writeBatch([[write(returning, ['a', 1], { expect: 1 }), item('b')]])).toEqual([undefined]);
  });

  test('rejects the whole batch on a broken statement, and goes on afterwards', async () => {
    const broken = write(statement('INSERT INTO nowhere VALUES (?)'), [1]);
    await expect(db.writeBatch([[item('a')], [broken]])).rejects.toThrow(/nowhere/);
    expect(await db.all(ALL)).toEqual([]);
    expect(await db.writeBatch([[item('a')]])).toEqual([undefined]);
  });

  test.each<[string, unknown[]]>([
    ['a boolean', ['a', true, null]],
    ['undefined', ['a', undefined, null]],
    ['NaN', ['a', Number.NaN, null]],
    ['too few', ['a', 1]],
    ['too many', ['a', 1, null, 2]],
  ])('rejects %s as parameters instead of handing them to the driver', async (_, params) => {
    await expect(db.writeBatch([[write(INSERT, params as Value[])]])).rejects.toMatchObject({ code: 'BadParameter' });
    expect(await db.all(ALL)).toEqual([]);
  });
});

test('a full disk fails the batch, and the connection is usable again', () => {
  const connection = openConnection(join(dir, 'full.db'), ['journal_mode = WAL', 'max_page_count = 12']);
  connection.exec('CREATE TABLE t (body BLOB)');
  const insert = statement('INSERT INTO t (body) VALUES (?)');
  expect(() => {
    for (;;) connection.run(insert, [new Uint8Array(3000)]);
  }).toThrow(/full/);
  expect(connection.inTransaction()).toBe(false);
  connection.exec('DELETE FROM t');
  expect(connection.run(insert, [new Uint8Array(10)])).toBe(1);
  connection.close();
});

test('a read sees what was committed before it, also after a read of a single row', async () => {
  await db.writeBatch([[item('a'), item('b')]]);
  await db.get(ALL);
  await db.writeBatch([[item('c')]]);
  expect(await db.all(ALL)).toHaveLength(3);
});

test('readers cannot write', async () => {
  await expect(db.all(INSERT, 'a', 1, null)).rejects.toThrow(/readonly/);
});

describe('migrate', () => {
  test('applies what is missing, once, and keeps data over a restart', async () => {
    await db.writeBatch([[item('a')]]);
    await db.close();
    db = openSqlite({ path: join(dir, 'a.db') });
    const more = { id: '0004', sql: ['ALTER TABLE item ADD COLUMN extra TEXT'] };
    await db.migrate([{ owner: 'test', migrations: [more, ...MIGRATIONS[0]!.migrations] }]);
    await db.migrate([{ owner: 'test', migrations: [more, ...MIGRATIONS[0]!.migrations] }]);
    expect(await db.get(statement('SELECT * FROM item'))).toEqual({ id: 'a', n: 1, body: null, extra: null });
  });

  test('a failing migration leaves nothing of itself', async () => {
    const bad = { owner: 'other', migrations: [{ id: '1', sql: ['CREATE TABLE half (a TEXT)', 'CREATE TABLE item (a TEXT)'] }] };
    await expect(db.migrate([bad])).rejects.toThrow(/already exists/);
    await expect(db.all(statement('SELECT * FROM half'))).rejects.toThrow(/no such table/);
  });

  test('refuses a database with migrations of a newer program', async () => {
    await expect(db.migrate([{ owner: 'test', migrations: MIGRATIONS[0]!.migrations.slice(0, 1) }])).rejects.toMatchObject({
      code: 'DataTooNew',
    });
  });
});

test('clear empties every table, but positions go on', async () => {
  await db.writeBatch([[item('a'), write(INSERT_CHILD, ['c', 'a']), write(APPEND, ['one']), write(APPEND, ['two'])]]);
  await db.clear();
  expect(await db.all(ALL)).toEqual([]);
  await db.writeBatch([[write(APPEND, ['three'])]]);
  expect(await db.all(statement('SELECT position FROM seq'))).toEqual([{ position: 3 }]);
});

test('prepareAll names a statement that does not fit the schema', () => {
  expect(prepareAll(db, { INSERT, BUMP, ONE, helper: () => 1 })).toBe(3);
  expect(() => prepareAll(db, { WRONG: statement('SELECT nope FROM item') })).toThrow('statement WRONG');
});

test('countParameters leaves out question marks in literals and names', () => {
  expect(countParameters(`SELECT '?''?', "a?" FROM t WHERE a = ? AND b IN (?, ?)`)).toBe(3);
});
