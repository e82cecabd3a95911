import { statement, type Migration } from '../../ports/database.ts';

export const migrations: readonly Migration[] = [
  {
    id: '0001',
    sql: [
      `CREATE TABLE codebuild_projects (account TEXT NOT NULL, region TEXT NOT NULL, name TEXT NOT NULL, created BIGINT NOT NULL, modified BIGINT NOT NULL,
         builds INTEGER NOT NULL, data TEXT NOT NULL, PRIMARY KEY (account, region, name))`,
      `CREATE TABLE codebuild_builds (account TEXT NOT NULL, region TEXT NOT NULL, id TEXT NOT NULL, project TEXT NOT NULL, number INTEGER NOT NULL,
         submitted BIGINT NOT NULL, status TEXT NOT NULL, data TEXT NOT NULL, PRIMARY KEY (account, region, id))`,
      `CREATE INDEX codebuild_builds_project ON codebuild_builds (account, region, project, number)`,
      `CREATE INDEX codebuild_builds_submitted ON codebuild_builds (account, region, submitted, id)`,
      `CREATE TABLE codebuild_tokens (account TEXT NOT NULL, region TEXT NOT NULL, project TEXT NOT NULL, token TEXT NOT NULL, build TEXT NOT NULL,
         PRIMARY KEY (account, region, project, token))`,
    ],
  },
];

const KEY = 'account = ? AND region = ?';

export const sql = {
  insertProject: statement(
    `INSERT INTO codebuild_projects (account, region, name, created, modified, builds, data) VALUES (?, ?, ?, ?, ?, 0, ?)`,
  ),
  updateProject: statement(`UPDATE codebuild_projects SET modified = ?, data = ? WHERE ${KEY} AND name = ?`),
  deleteProject: statement(`DELETE FROM codebuild_projects WHERE ${KEY} AND name = ?`),
  project: statement(
    `SELECT name, created, modified, builds, data, badge_token, public_alias, cache_generation FROM codebuild_projects WHERE ${KEY} AND name = ?`,
  ),
  projects: statement(`SELECT name, created, modified FROM codebuild_projects WHERE ${KEY} ORDER BY name`),
  /** Those that have a limit, or had one. */
  limitedProjects: statement(`SELECT account, region, name, data FROM codebuild_projects WHERE data LIKE '%"concurrentBuildLimit":%'`),
  /** Allots a build number: fails where somebody else has taken it meanwhile. */
  takeNumber: statement(`UPDATE codebuild_projects SET builds = ? WHERE ${KEY} AND name = ? AND builds = ?`),

  upsertBuild:
    statement(`INSERT INTO codebuild_builds (account, region, id, project, number, submitted, status, data) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (account, region, id) DO UPDATE SET status = excluded.status, data = excluded.data`),
  build: statement(`SELECT data FROM codebuild_builds WHERE ${KEY} AND id = ?`),
  deleteBuild: statement(`DELETE FROM codebuild_builds WHERE ${KEY} AND id = ?`),
  buildsOfProjectDescending: statement(
    `SELECT id, number FROM codebuild_builds WHERE ${KEY} AND project = ? AND number < ? ORDER BY number DESC LIMIT ?`,
  ),
  buildsOfProjectAscending: statement(
    `SELECT id, number FROM codebuild_builds WHERE ${KEY} AND project = ? AND number > ? ORDER BY number LIMIT ?`,
  ),
  buildsDescending: statement(`SELECT id, submitted FROM codebuild_builds WHERE ${KEY} AND (submitted < ? OR (submitted = ? AND id < ?))
    ORDER BY submitted DESC, id DESC LIMIT ?`),
  buildsAscending: statement(`SELECT id, submitted FROM codebuild_builds WHERE ${KEY} AND (submitted > ? OR (submitted = ? AND id > ?))
    ORDER BY submitted, id LIMIT ?`),

  token: statement(`SELECT build FROM codebuild_tokens WHERE ${KEY} AND project = ? AND token = ?`),
  /** An old token is free again; of two that come at once one fails to take its build number. */
  putToken: statement(`INSERT INTO codebuild_tokens (account, region, project, token, build) VALUES (?, ?, ?, ?, ?)
    ON CONFLICT (account, region, project, token) DO UPDATE SET build = excluded.build`),
};
