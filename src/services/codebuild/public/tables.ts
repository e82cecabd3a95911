import { statement } from '../../../ports/database.ts';

const KEY = 'account = ? AND region = ? AND name = ?';

/** On the columns that badges/tables.ts adds to projects. */
export const publicSql = {
  byAlias: statement(`SELECT account, region, name, data FROM codebuild_projects WHERE public_alias = ?`),
  keepAlias: statement(`UPDATE codebuild_projects SET public_alias = ? WHERE ${KEY} AND public_alias IS NULL`),
  alias: statement(`SELECT public_alias FROM codebuild_projects WHERE ${KEY}`),
  invalidateCache: statement(`UPDATE codebuild_projects SET cache_generation = cache_generation + 1 WHERE ${KEY}`),
};
