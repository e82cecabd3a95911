import { afterAll, beforeAll, expect, it } from 'vitest';
import { prepareAll, testDatabase } from '../../../test/support/database.ts';
import * as tables from './tables.ts';

let db: Awaited<ReturnType<typeof testDatabase>>;
beforeAll(async () => {
  db = await testDatabase([{ owner: 'iam', migrations: tables.migrations }]);
});
afterAll(() => db.close());

it.each(Object.entries(tables).filter(([name]) => name.endsWith('Sql')))('%s fits the schema', (_, statements) => {
  expect(prepareAll(db, statements as Record<string, unknown>)).toBe(Object.keys(statements).length);
});
