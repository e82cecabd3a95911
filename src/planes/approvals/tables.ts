import { statement, type Migration } from '../../ports/database.ts';

/** `hash` is the SHA-256 of a link's token, which is kept nowhere; `approval` is sealed, as it holds the token of PutApprovalResult. */
export const approvalMigrations: readonly Migration[] = [
  {
    id: '0001',
    sql: [
      `CREATE TABLE approval_links (hash TEXT NOT NULL PRIMARY KEY, approval TEXT NOT NULL, expires BIGINT NOT NULL, decision TEXT)`,
      `CREATE INDEX approval_links_expires ON approval_links (expires)`,
    ],
  },
];

export interface LinkRow {
  readonly hash: string;
  readonly approval: string;
  readonly expires: number;
  /** What was decided by this link; null while nothing was. */
  readonly decision: string | null;
}

export const sql = {
  insertLink: statement(`INSERT INTO approval_links (hash, approval, expires, decision) VALUES (?, ?, ?, NULL)`),
  link: statement(`SELECT hash, approval, expires, decision FROM approval_links WHERE hash = ?`),
  decide: statement(`UPDATE approval_links SET decision = ? WHERE hash = ? AND decision IS NULL`),
  pruneLinks: statement(`DELETE FROM approval_links WHERE expires < ?`),
};
