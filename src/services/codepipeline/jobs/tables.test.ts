import { expect, it } from 'vitest';
import { testDatabase } from '../../../../test/support/database.ts';
import { statement, write } from '../../../ports/database.ts';
import { jobMigrations, jobSql, typeSql, type JobRow } from './tables.ts';

it('keeps the jobs of a folder from before jobs had turns', async () => {
  const db = await testDatabase([{ owner: 'codepipeline', migrations: jobMigrations.slice(0, 1) }]);
  const columns = 'id, account, region, type, pipeline, execution, query, status, nonce, leased, created';
  const old = statement(`INSERT INTO codepipeline_jobs (${columns}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`);
  await db.writeBatch([[write(old, ['r', 'a', 'e', 't', 'p', 'x', '', 'InProgress', 'n', 5, 1])]]);
  await db.migrate([{ owner: 'codepipeline', migrations: jobMigrations }]);
  expect(await db.get<JobRow>(jobSql.get, 'r')).toMatchObject({ id: 'r', run: 'r', status: 'InProgress', leased: 5 });
  for (const each of [...Object.values(jobSql), ...Object.values(typeSql)]) db.prepare(each);
  await db.close();
});
