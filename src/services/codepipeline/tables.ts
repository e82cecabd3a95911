import { statement, type Migration } from '../../ports/database.ts';
import { gitMigration } from './git/tables.ts';
import { jobMigrations } from './jobs/tables.ts';

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
  {
    id: '0002',
    sql: [
      `CREATE TABLE codepipeline_rules (account TEXT NOT NULL, region TEXT NOT NULL, pipeline TEXT NOT NULL, id TEXT NOT NULL, execution TEXT NOT NULL,
         updated BIGINT NOT NULL, data TEXT NOT NULL, PRIMARY KEY (account, region, pipeline, id))`,
      `CREATE INDEX codepipeline_rules_execution ON codepipeline_rules (account, region, pipeline, execution, id)`,
      `CREATE TABLE codepipeline_stage_successes (account TEXT NOT NULL, region TEXT NOT NULL, pipeline TEXT NOT NULL, stage TEXT NOT NULL,
         execution TEXT NOT NULL, at BIGINT NOT NULL, PRIMARY KEY (account, region, pipeline, stage, execution))`,
    ],
  },
  gitMigration,
  ...jobMigrations,
];

const KEY = 'account = ? AND region = ?';

export const sql = {
  insertPipeline:
    statement(`INSERT INTO codepipeline_pipelines (account, region, name, version, type, mode, created, updated) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (account, region, name) DO UPDATE SET version = excluded.version, type = excluded.type, mode = excluded.mode, updated = excluded.updated`),
  countPipelines: statement(`SELECT COUNT(*) AS n FROM codepipeline_pipelines WHERE ${KEY}`),
  deletePipeline: statement(`DELETE FROM codepipeline_pipelines WHERE ${KEY} AND name = ?`),
  pipelinesAfter: statement(
    `SELECT name, version, type, mode, created, updated FROM codepipeline_pipelines WHERE ${KEY} AND name > ? ORDER BY name LIMIT ?`,
  ),
  declarationsAfter: statement(`SELECT p.account, p.region, p.name, v.declaration FROM codepipeline_pipelines p JOIN codepipeline_versions v
    ON v.account = p.account AND v.region = p.region AND v.name = p.name AND v.version = p.version
    WHERE (p.account, p.region, p.name) > (?, ?, ?) ORDER BY p.account, p.region, p.name LIMIT ?`),

  insertVersion: statement(`INSERT INTO codepipeline_versions (account, region, name, version, declaration) VALUES (?, ?, ?, ?, ?)`),
  version: statement(`SELECT declaration FROM codepipeline_versions WHERE ${KEY} AND name = ? AND version = ?`),
  deleteVersions: statement(`DELETE FROM codepipeline_versions WHERE ${KEY} AND name = ?`),

  upsertExecution:
    statement(`INSERT INTO codepipeline_executions (account, region, pipeline, id, status, updated, data) VALUES (?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (account, region, pipeline, id) DO UPDATE SET status = excluded.status, updated = excluded.updated, data = excluded.data`),
  execution: statement(`SELECT data FROM codepipeline_executions WHERE ${KEY} AND pipeline = ? AND id = ?`),
  executionsBefore: statement(`SELECT data FROM codepipeline_executions WHERE ${KEY} AND pipeline = ? AND id < ? ORDER BY id DESC LIMIT ?`),
  /** Ids carry the time of their making, so that a range of ids is a range of time. */
  executionsAfter: statement(`SELECT id, data FROM codepipeline_executions WHERE ${KEY} AND pipeline = ? AND id > ? ORDER BY id LIMIT ?`),
  deleteExecutions: statement(`DELETE FROM codepipeline_executions WHERE ${KEY} AND pipeline = ?`),

  upsertAction:
    statement(`INSERT INTO codepipeline_actions (account, region, pipeline, id, execution, updated, data) VALUES (?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (account, region, pipeline, id) DO UPDATE SET updated = excluded.updated, data = excluded.data`),
  actionsBefore: statement(`SELECT data, id FROM codepipeline_actions WHERE ${KEY} AND pipeline = ? AND id < ? ORDER BY id DESC LIMIT ?`),
  actionsOfExecution: statement(
    `SELECT data, id FROM codepipeline_actions WHERE ${KEY} AND pipeline = ? AND execution = ? AND id < ? ORDER BY id DESC LIMIT ?`,
  ),
  actionById: statement(`SELECT data FROM codepipeline_actions WHERE ${KEY} AND id = ?`),
  action: statement(`SELECT data FROM codepipeline_actions WHERE ${KEY} AND pipeline = ? AND id = ?`),
  deleteActions: statement(`DELETE FROM codepipeline_actions WHERE ${KEY} AND pipeline = ?`),

  upsertRule:
    statement(`INSERT INTO codepipeline_rules (account, region, pipeline, id, execution, updated, data) VALUES (?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (account, region, pipeline, id) DO UPDATE SET updated = excluded.updated, data = excluded.data`),
  rulesBefore: statement(`SELECT data, id FROM codepipeline_rules WHERE ${KEY} AND pipeline = ? AND id < ? ORDER BY id DESC LIMIT ?`),
  rulesOfExecution: statement(
    `SELECT data, id FROM codepipeline_rules WHERE ${KEY} AND pipeline = ? AND execution = ? AND id < ? ORDER BY id DESC LIMIT ?`,
  ),
  deleteRules: statement(`DELETE FROM codepipeline_rules WHERE ${KEY} AND pipeline = ?`),

  insertSuccess:
    statement(`INSERT INTO codepipeline_stage_successes (account, region, pipeline, stage, execution, at) VALUES (?, ?, ?, ?, ?, ?)
    ON CONFLICT (account, region, pipeline, stage, execution) DO UPDATE SET at = excluded.at`),
  success: statement(`SELECT at FROM codepipeline_stage_successes WHERE ${KEY} AND pipeline = ? AND stage = ? AND execution = ?`),
  successesBefore: statement(`SELECT e.data FROM codepipeline_stage_successes s JOIN codepipeline_executions e
    ON e.account = s.account AND e.region = s.region AND e.pipeline = s.pipeline AND e.id = s.execution
    WHERE s.account = ? AND s.region = ? AND s.pipeline = ? AND s.stage = ? AND s.execution < ? ORDER BY s.execution DESC LIMIT ?`),
  deleteSuccesses: statement(`DELETE FROM codepipeline_stage_successes WHERE ${KEY} AND pipeline = ?`),

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
