import { statement, type Migration } from '../../ports/database.ts';

/**
 * Test cases and files of coverage are a row each, so that a page of a report of 100,000 is read by its index. They hang on the
 * report's id alone: they go when it does (report-sweeper.ts).
 */
export const reportMigrations: readonly Migration[] = [
  {
    id: '0002-reports',
    sql: [
      `CREATE TABLE codebuild_report_groups (account TEXT NOT NULL, region TEXT NOT NULL, name TEXT NOT NULL, type TEXT NOT NULL,
         created BIGINT NOT NULL, modified BIGINT NOT NULL, data TEXT NOT NULL, PRIMARY KEY (account, region, name))`,
      `CREATE TABLE codebuild_reports (account TEXT NOT NULL, region TEXT NOT NULL, id TEXT NOT NULL, report_group TEXT NOT NULL,
         type TEXT NOT NULL, status TEXT NOT NULL, build TEXT NOT NULL, wanted TEXT NOT NULL, created BIGINT NOT NULL,
         expires BIGINT NOT NULL, data TEXT NOT NULL, PRIMARY KEY (account, region, id))`,
      `CREATE INDEX codebuild_reports_group ON codebuild_reports (account, region, report_group, id)`,
      `CREATE UNIQUE INDEX codebuild_reports_build ON codebuild_reports (account, region, build, wanted)`,
      `CREATE INDEX codebuild_reports_expires ON codebuild_reports (expires)`,
      `CREATE TABLE codebuild_test_cases (report TEXT NOT NULL, position INTEGER NOT NULL, status TEXT NOT NULL, name TEXT NOT NULL,
         prefix TEXT NOT NULL, data TEXT NOT NULL, PRIMARY KEY (report, position))`,
      `CREATE INDEX codebuild_test_cases_status ON codebuild_test_cases (report, status, position)`,
      `CREATE TABLE codebuild_coverages (report TEXT NOT NULL, position INTEGER NOT NULL, path TEXT NOT NULL,
         percentage DOUBLE PRECISION NOT NULL, data TEXT NOT NULL, PRIMARY KEY (report, position))`,
      `CREATE INDEX codebuild_coverages_path ON codebuild_coverages (report, path, position)`,
      `CREATE INDEX codebuild_coverages_percentage ON codebuild_coverages (report, percentage, position)`,
    ],
  },
];

const KEY = 'account = ? AND region = ?';
const REPORT = `SELECT id, report_group AS "group", type, status, build, created, expires, data FROM codebuild_reports WHERE ${KEY}`;
const WITHIN = 'percentage >= ? AND percentage <= ?';
const COVERAGE = `SELECT position, path, percentage, data FROM codebuild_coverages WHERE report = ? AND ${WITHIN}`;
const TEST_CASE = `SELECT position, status, name, prefix, data FROM codebuild_test_cases WHERE report = ?`;
/** SQLite compares ASCII letters of any case, which is welcome in a search. */
const KEYWORD = `(name LIKE ? ESCAPE '\\' OR prefix LIKE ? ESCAPE '\\')`;

export const groupSql = {
  insert: statement(
    `INSERT INTO codebuild_report_groups (account, region, name, type, created, modified, data) VALUES (?, ?, ?, ?, ?, ?, ?)`,
  ),
  update: statement(`UPDATE codebuild_report_groups SET modified = ?, data = ? WHERE ${KEY} AND name = ?`),
  delete: statement(`DELETE FROM codebuild_report_groups WHERE ${KEY} AND name = ?`),
  one: statement(`SELECT name, type, created, modified, data FROM codebuild_report_groups WHERE ${KEY} AND name = ?`),
  all: statement(`SELECT name, created, modified FROM codebuild_report_groups WHERE ${KEY} ORDER BY name`),
};

/** Reports whose time is up count as gone; a report is deleted by ending its time. */
export const reportSql = {
  insert: statement(`INSERT INTO codebuild_reports (account, region, id, report_group, type, status, build, wanted, created, expires, data)
    VALUES (?, ?, ?, ?, ?, 'GENERATING', ?, ?, ?, ?, ?)`),
  complete: statement(`UPDATE codebuild_reports SET status = ?, data = ? WHERE ${KEY} AND id = ? AND status = 'GENERATING'`),
  /** What a build that has ended left behind. */
  incomplete: statement(`UPDATE codebuild_reports SET status = 'INCOMPLETE' WHERE ${KEY} AND build = ? AND status = 'GENERATING'`),
  expire: statement(`UPDATE codebuild_reports SET expires = 0 WHERE ${KEY} AND id = ?`),
  expireGroup: statement(`UPDATE codebuild_reports SET expires = 0 WHERE ${KEY} AND report_group = ?`),
  one: statement(`${REPORT} AND id = ? AND expires > ?`),
  ofWanted: statement(`${REPORT} AND build = ? AND wanted = ?`),
  ofBuild: statement(`SELECT id, report_group AS "group" FROM codebuild_reports WHERE ${KEY} AND build = ? AND expires > ? ORDER BY id`),
  /** With what the buildspec calls them. */
  wantedOfBuild: statement(
    `SELECT id, report_group AS "group", type, status, build, wanted, created, expires, data FROM codebuild_reports
     WHERE ${KEY} AND build = ? AND expires > ? ORDER BY id`,
  ),
  anyOfGroup: statement(`SELECT id FROM codebuild_reports WHERE ${KEY} AND report_group = ? AND expires > ? LIMIT 1`),
  newestOfGroup: statement(`${REPORT} AND report_group = ? AND expires > ? AND status IN ('SUCCEEDED', 'FAILED') ORDER BY id DESC LIMIT ?`),
  descending: statement(`${REPORT} AND id < ? AND expires > ? ORDER BY id DESC LIMIT ?`),
  ascending: statement(`${REPORT} AND id > ? AND expires > ? ORDER BY id LIMIT ?`),
  withStatusDescending: statement(`${REPORT} AND id < ? AND expires > ? AND status = ? ORDER BY id DESC LIMIT ?`),
  withStatusAscending: statement(`${REPORT} AND id > ? AND expires > ? AND status = ? ORDER BY id LIMIT ?`),
  ofGroupDescending: statement(`${REPORT} AND report_group = ? AND id < ? AND expires > ? ORDER BY id DESC LIMIT ?`),
  ofGroupAscending: statement(`${REPORT} AND report_group = ? AND id > ? AND expires > ? ORDER BY id LIMIT ?`),
  ofGroupWithStatusDescending: statement(
    `${REPORT} AND report_group = ? AND id < ? AND expires > ? AND status = ? ORDER BY id DESC LIMIT ?`,
  ),
  ofGroupWithStatusAscending: statement(`${REPORT} AND report_group = ? AND id > ? AND expires > ? AND status = ? ORDER BY id LIMIT ?`),
  overdue: statement(`SELECT account, region, id FROM codebuild_reports WHERE expires <= ? LIMIT 100`),
  delete: statement(`DELETE FROM codebuild_reports WHERE ${KEY} AND id = ?`),
};

export const testCaseSql = {
  put: statement(`INSERT INTO codebuild_test_cases (report, position, status, name, prefix, data) VALUES (?, ?, ?, ?, ?, ?)
    ON CONFLICT (report, position) DO NOTHING`),
  /** Those of another report, from one position to another, each as many places further on. */
  copy: statement(`INSERT INTO codebuild_test_cases (report, position, status, name, prefix, data)
    SELECT ?, position + ?, status, name, prefix, data FROM codebuild_test_cases WHERE report = ? AND position >= ? AND position < ?
    ON CONFLICT (report, position) DO NOTHING`),
  last: statement(`SELECT MAX(position) AS last FROM codebuild_test_cases WHERE report = ?`),
  from: statement(`${TEST_CASE} AND position > ? ORDER BY position LIMIT ?`),
  withStatus: statement(`${TEST_CASE} AND status = ? AND position > ? ORDER BY position LIMIT ?`),
  withKeyword: statement(`${TEST_CASE} AND position > ? AND position <= ? AND ${KEYWORD} ORDER BY position LIMIT ?`),
  withBoth: statement(`${TEST_CASE} AND status = ? AND position > ? AND position <= ? AND ${KEYWORD} ORDER BY position LIMIT ?`),
  deleteFrom: statement(`DELETE FROM codebuild_test_cases WHERE report = ? AND position > ?`),
};

export const coverageSql = {
  put: statement(`INSERT INTO codebuild_coverages (report, position, path, percentage, data) VALUES (?, ?, ?, ?, ?)
    ON CONFLICT (report, position) DO NOTHING`),
  last: statement(`SELECT MAX(position) AS last FROM codebuild_coverages WHERE report = ?`),
  from: statement(`SELECT position, path, data FROM codebuild_coverages WHERE report = ? AND position > ? ORDER BY position LIMIT ?`),
  byPath: statement(`${COVERAGE} AND (path > ? OR (path = ? AND position > ?)) ORDER BY path, position LIMIT ?`),
  byPathDown: statement(`${COVERAGE} AND (path < ? OR (path = ? AND position < ?)) ORDER BY path DESC, position DESC LIMIT ?`),
  byPercentage: statement(`${COVERAGE} AND (percentage > ? OR (percentage = ? AND position > ?)) ORDER BY percentage, position LIMIT ?`),
  byPercentageDown: statement(
    `${COVERAGE} AND (percentage < ? OR (percentage = ? AND position < ?)) ORDER BY percentage DESC, position DESC LIMIT ?`,
  ),
  deleteFrom: statement(`DELETE FROM codebuild_coverages WHERE report = ? AND position > ?`),
};
