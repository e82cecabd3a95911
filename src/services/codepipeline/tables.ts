import { statement, type Migration } from '../../ports/database.ts';

export const migrations: readonly Migration[] = [
  {
    id: '0001',
    sql: [
      `CREATE TABLE codepipeline_pipelines (account TEXT NOT NULL, region TEXT NOT NULL, name TEXT NOT NULL, version INTEGER NOT NULL, type TEXT NOT NULL,
         mode TEXT NOT NULL, created BIGINT NOT NULL, updated BIGINT NOT NULL, PRIMARY KEY (account, region, name))`,
      `CREATE TABLE codepipeline_versions (account TEXT NOT NULL, region TEXT NOT NULL, name TEXT NOT NULL, version INTEGER NOT NULL, declaration TEXT NOT NULL,
         PRIMARY KEY (account, region, name, version))`,
      `CREATE TABLE codepipeline_executions (account TEXT NOT NULL, region TEXT NOT NULL, pipeline TEXT NOT NULL, id TEXT NOT NULL, status TEXT NOT NULL,
         updated BIGINT NOT NULL, data TEXT NOT NULL, PRIMARY KEY (account, region, pipeline, id))`,
      `CREATE TABLE codepipeline_actions (account TEXT NOT NULL, region TEXT NOT NULL, pipeline TEXT NOT NULL, id TEXT NOT NULL, execution TEXT NOT NULL,
         updated BIGINT NOT NULL, data TEXT NOT NULL, PRIMARY KEY (account, region, pipeline, id))`,
      `CREATE INDEX codepipeline_actions_execution ON codepipeline_actions (account, region, pipeline, execution, id)`,
      `CREATE TABLE codepipeline_tags (arn TEXT NOT NULL, name TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (arn, name))`,
      `CREATE TABLE codepipeline_tokens (account TEXT NOT NULL, region TEXT NOT NULL, pipeline TEXT NOT NULL, token TEXT NOT NULL, execution TEXT NOT NULL,
         PRIMARY KEY (account, region, pipeline, token))`,
    ],
  },
];

const KEY = 'account = ? AND region = ?';

export const sql = {
  insertPipeline:
    statement(`INSERT INTO codepipeline_pipelines (account, region, name, version, type, mode, created, updated) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (account, region, name) DO UPDATE SET version = excluded.version, type = excluded.type, mode = excluded.mode, updated = excluded.updated`),
  deletePipeline: statement(`DELETE FROM codepipeline_pipelines WHERE ${KEY} AND name = ?`),
  pipelinesAfter: statement(
    `SELECT name, version, type, mode, created, updated FROM codepipeline_pipelines WHERE ${KEY} AND name > ? ORDER BY name LIMIT ?`,
  ),
  everyPipeline: statement(`SELECT p.account, p.region, p.name, v.declaration FROM codepipeline_pipelines p JOIN codepipeline_versions v
    ON v.account = p.account AND v.region = p.region AND v.name = p.name AND v.version = p.version`),

  insertVersion: statement(`INSERT INTO codepipeline_versions (account, region, name, version, declaration) VALUES (?, ?, ?, ?, ?)`),
  version: statement(`SELECT declaration FROM codepipeline_versions WHERE ${KEY} AND name = ? AND version = ?`),
  deleteVersions: statement(`DELETE FROM codepipeline_versions WHERE ${KEY} AND name = ?`),

  upsertExecution:
    statement(`INSERT INTO codepipeline_executions (account, region, pipeline, id, status, updated, data) VALUES (?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (account, region, pipeline, id) DO UPDATE SET status = excluded.status, updated = excluded.updated, data = excluded.data`),
  execution: statement(`SELECT data FROM codepipeline_executions WHERE ${KEY} AND pipeline = ? AND id = ?`),
  executionsBefore: statement(`SELECT data FROM codepipeline_executions WHERE ${KEY} AND pipeline = ? AND id < ? ORDER BY id DESC LIMIT ?`),
  deleteExecutions: statement(`DELETE FROM codepipeline_executions WHERE ${KEY} AND pipeline = ?`),

  upsertAction:
    statement(`INSERT INTO codepipeline_actions (account, region, pipeline, id, execution, updated, data) VALUES (?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (account, region, pipeline, id) DO UPDATE SET updated = excluded.updated, data = excluded.data`),
  actionsBefore: statement(`SELECT data, id FROM codepipeline_actions WHERE ${KEY} AND pipeline = ? AND id < ? ORDER BY id DESC LIMIT ?`),
  actionsOfExecution: statement(
    `SELECT data, id FROM codepipeline_actions WHERE ${KEY} AND pipeline = ? AND execution = ? AND id < ? ORDER BY id DESC LIMIT ?`,
  ),
  deleteActions: statement(`DELETE FROM codepipeline_actions WHERE ${KEY} AND pipeline = ?`),

  tags: statement(`SELECT name, value FROM codepipeline_tags WHERE arn = ? ORDER BY name`),
  putTag: statement(
    `INSERT INTO codepipeline_tags (arn, name, value) VALUES (?, ?, ?) ON CONFLICT (arn, name) DO UPDATE SET value = excluded.value`,
  ),
  deleteTag: statement(`DELETE FROM codepipeline_tags WHERE arn = ? AND name = ?`),
  deleteTags: statement(`DELETE FROM codepipeline_tags WHERE arn = ?`),

  token: statement(`SELECT execution FROM codepipeline_tokens WHERE ${KEY} AND pipeline = ? AND token = ?`),
  insertToken: statement(`INSERT INTO codepipeline_tokens (account, region, pipeline, token, execution) VALUES (?, ?, ?, ?, ?)`),
  deleteTokens: statement(`DELETE FROM codepipeline_tokens WHERE ${KEY} AND pipeline = ?`),
};
