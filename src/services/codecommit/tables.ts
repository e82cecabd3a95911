import { statement, type Migration } from '../../ports/database.ts';

/**
 * `codecommit_refs` holds the references whose events have been raised; what the bare repository has beyond it is news.
 * `codecommit_deleted` holds the ids of repositories whose rows have gone and whose folders have yet to go.
 */
export const migrations: readonly Migration[] = [
  {
    id: '0001',
    sql: [
      `CREATE TABLE codecommit_repositories (account TEXT NOT NULL, region TEXT NOT NULL, name TEXT NOT NULL, id TEXT NOT NULL UNIQUE,
         description TEXT, kms_key TEXT, default_branch TEXT, created BIGINT NOT NULL, modified BIGINT NOT NULL, PRIMARY KEY (account, region, name))`,
      `CREATE TABLE codecommit_refs (repository TEXT NOT NULL, ref TEXT NOT NULL, target TEXT NOT NULL, PRIMARY KEY (repository, ref))`,
      `CREATE TABLE codecommit_tags (repository TEXT NOT NULL, name TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (repository, name))`,
      `CREATE TABLE codecommit_deleted (repository TEXT NOT NULL PRIMARY KEY)`,
    ],
  },
];

export interface RepositoryRow {
  readonly account: string;
  readonly region: string;
  readonly name: string;
  /** What AWS calls the repository id; ports/git knows the bare repository by it. */
  readonly id: string;
  readonly description: string | null;
  readonly kms_key: string | null;
  readonly default_branch: string | null;
  readonly created: number;
  readonly modified: number;
}

const COLUMNS = 'account, region, name, id, description, kms_key, default_branch, created, modified';
const KEY = 'account = ? AND region = ?';

export const sql = {
  insert: statement(`INSERT INTO codecommit_repositories (${COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, NULL, ?, ?)`),
  byName: statement(`SELECT ${COLUMNS} FROM codecommit_repositories WHERE ${KEY} AND name = ?`),
  byId: statement(`SELECT ${COLUMNS} FROM codecommit_repositories WHERE id = ?`),
  inAnyRegion: statement(`SELECT ${COLUMNS} FROM codecommit_repositories WHERE account = ? AND name = ? ORDER BY region`),
  regions: statement(`SELECT DISTINCT region FROM codecommit_repositories ORDER BY region`),
  inRegion: statement(`SELECT ${COLUMNS} FROM codecommit_repositories WHERE ${KEY} ORDER BY name`),
  every: statement(`SELECT ${COLUMNS} FROM codecommit_repositories ORDER BY id`),
  rename: statement(`UPDATE codecommit_repositories SET name = ?, modified = ? WHERE id = ? AND name = ?`),
  describe: statement(`UPDATE codecommit_repositories SET description = ?, modified = ? WHERE id = ?`),
  setDefaultBranch: statement(`UPDATE codecommit_repositories SET default_branch = ?, modified = ? WHERE id = ?`),
  touch: statement(`UPDATE codecommit_repositories SET modified = ? WHERE id = ?`),
  delete: statement(`DELETE FROM codecommit_repositories WHERE id = ?`),

  refs: statement(`SELECT ref, target FROM codecommit_refs WHERE repository = ?`),
  insertRef: statement(`INSERT INTO codecommit_refs (repository, ref, target) VALUES (?, ?, ?)`),
  moveRef: statement(`UPDATE codecommit_refs SET target = ? WHERE repository = ? AND ref = ? AND target = ?`),
  deleteRef: statement(`DELETE FROM codecommit_refs WHERE repository = ? AND ref = ? AND target = ?`),
  deleteRefs: statement(`DELETE FROM codecommit_refs WHERE repository = ?`),

  tags: statement(`SELECT name, value FROM codecommit_tags WHERE repository = ? ORDER BY name`),
  putTag: statement(`INSERT INTO codecommit_tags (repository, name, value) VALUES (?, ?, ?)
    ON CONFLICT (repository, name) DO UPDATE SET value = excluded.value`),
  deleteTag: statement(`DELETE FROM codecommit_tags WHERE repository = ? AND name = ?`),
  deleteTags: statement(`DELETE FROM codecommit_tags WHERE repository = ?`),

  insertDeleted: statement(`INSERT INTO codecommit_deleted (repository) VALUES (?)`),
  deleted: statement(`SELECT repository FROM codecommit_deleted`),
  forgetDeleted: statement(`DELETE FROM codecommit_deleted WHERE repository = ?`),
};
