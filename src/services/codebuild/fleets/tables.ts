import { statement, type Migration } from '../../../ports/database.ts';

export const fleetMigrations: readonly Migration[] = [
  {
    id: '0007-fleets',
    sql: [
      `CREATE TABLE codebuild_fleets (account TEXT NOT NULL, region TEXT NOT NULL, name TEXT NOT NULL, id TEXT NOT NULL, created BIGINT NOT NULL,
         modified BIGINT NOT NULL, dedicated INTEGER NOT NULL, data TEXT NOT NULL, PRIMARY KEY (account, region, name))`,
    ],
  },
];

export interface FleetRow {
  readonly account: string;
  readonly region: string;
  readonly name: string;
  readonly id: string;
  readonly created: number;
  readonly modified: number;
  /** 1 once runners of its own have registered with it. */
  readonly dedicated: number;
  /** JSON: FleetSettings. */
  readonly data: string;
}

const KEY = 'account = ? AND region = ?';
const COLUMNS = 'account, region, name, id, created, modified, dedicated, data';

export const fleetSql = {
  insert: statement(`INSERT INTO codebuild_fleets (${COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, 0, ?)`),
  update: statement(`UPDATE codebuild_fleets SET modified = ?, data = ? WHERE ${KEY} AND name = ? AND id = ?`),
  dedicate: statement(`UPDATE codebuild_fleets SET dedicated = 1 WHERE ${KEY} AND name = ? AND id = ?`),
  delete: statement(`DELETE FROM codebuild_fleets WHERE ${KEY} AND name = ? AND id = ?`),
  get: statement(`SELECT ${COLUMNS} FROM codebuild_fleets WHERE ${KEY} AND name = ?`),
  ofPlace: statement(`SELECT ${COLUMNS} FROM codebuild_fleets WHERE ${KEY} ORDER BY name`),
  all: statement(`SELECT ${COLUMNS} FROM codebuild_fleets`),
};
