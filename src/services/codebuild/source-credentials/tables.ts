import { statement, type Migration } from '../../../ports/database.ts';
import type { AuthType, ServerType } from '../api.gen.ts';

export const sourceCredentialMigrations: readonly Migration[] = [
  {
    id: '0003-source-credentials',
    sql: [
      `CREATE TABLE codebuild_source_credentials (account TEXT NOT NULL, region TEXT NOT NULL, server TEXT NOT NULL, auth TEXT NOT NULL,
         username TEXT, token TEXT, resource TEXT, PRIMARY KEY (account, region, server))`,
    ],
  },
];

export interface SourceCredentialsRow {
  readonly server: ServerType;
  readonly auth: AuthType;
  readonly username: string | null;
  /** Sealed; null where `resource` says where it is. */
  readonly token: string | null;
  /** The ARN of a connection or of a secret. */
  readonly resource: string | null;
}

const KEY = 'account = ? AND region = ?';
const COLUMNS = 'server, auth, username, token, resource';

export const sourceCredentialSql = {
  insert: statement(`INSERT INTO codebuild_source_credentials (account, region, ${COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?)`),
  put: statement(`INSERT INTO codebuild_source_credentials (account, region, ${COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (account, region, server) DO UPDATE SET auth = excluded.auth, username = excluded.username, token = excluded.token,
    resource = excluded.resource`),
  get: statement(`SELECT ${COLUMNS} FROM codebuild_source_credentials WHERE ${KEY} AND server = ?`),
  all: statement(`SELECT ${COLUMNS} FROM codebuild_source_credentials WHERE ${KEY} ORDER BY server`),
  delete: statement(`DELETE FROM codebuild_source_credentials WHERE ${KEY} AND server = ?`),
};
