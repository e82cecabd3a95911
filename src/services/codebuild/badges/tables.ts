import { statement, type Migration } from '../../../ports/database.ts';

export const projectExtraMigrations: readonly Migration[] = [
  {
    id: '0005-project-extras',
    sql: [
      `ALTER TABLE codebuild_projects ADD COLUMN badge_token TEXT`,
      `ALTER TABLE codebuild_projects ADD COLUMN public_alias TEXT`,
      `ALTER TABLE codebuild_projects ADD COLUMN cache_generation INTEGER NOT NULL DEFAULT 0`,
      `CREATE UNIQUE INDEX codebuild_projects_badge ON codebuild_projects (badge_token)`,
      `CREATE UNIQUE INDEX codebuild_projects_alias ON codebuild_projects (public_alias)`,
      // The newest build of each branch; '' is for builds that named no version.
      `CREATE TABLE codebuild_branch_builds (account TEXT NOT NULL, region TEXT NOT NULL, project TEXT NOT NULL, branch TEXT NOT NULL,
         number INTEGER NOT NULL, status TEXT NOT NULL, PRIMARY KEY (account, region, project, branch))`,
    ],
  },
];

export const badgeMigrations: readonly Migration[] = [
  {
    id: '0010-badges-of-batches',
    sql: [
      // Builds and batches are numbered apart: what is newest is told by when it began.
      `ALTER TABLE codebuild_branch_builds ADD COLUMN begun BIGINT NOT NULL DEFAULT 0`,
    ],
  },
];

export interface BranchBuild {
  readonly branch: string;
  readonly status: string;
}

const KEY = 'account = ? AND region = ? AND project = ?';

export const badgeSql = {
  projectByToken: statement(`SELECT account, region, name, data FROM codebuild_projects WHERE badge_token = ?`),
  keepToken: statement(
    `UPDATE codebuild_projects SET badge_token = ? WHERE account = ? AND region = ? AND name = ? AND badge_token IS NULL`,
  ),
  putBranchBuild:
    statement(`INSERT INTO codebuild_branch_builds (account, region, project, branch, begun, number, status) VALUES (?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (account, region, project, branch) DO UPDATE SET begun = excluded.begun, number = excluded.number, status = excluded.status
    WHERE excluded.begun > codebuild_branch_builds.begun
      OR (excluded.begun = codebuild_branch_builds.begun AND excluded.number >= codebuild_branch_builds.number)`),
  branchBuilds: statement(
    `SELECT branch, status FROM codebuild_branch_builds WHERE ${KEY} AND branch IN (?, ?) ORDER BY begun DESC, number DESC`,
  ),
  deleteBranchBuilds: statement(`DELETE FROM codebuild_branch_builds WHERE ${KEY}`),
};
