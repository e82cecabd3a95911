import { write, type Reader, type Write } from '../../../ports/database.ts';
import type { Project, StatusType } from '../api.gen.ts';
import { badgeState, branchOf, isDefaultBranch, type BadgeState } from '../rules/badge.ts';
import type { BuildState } from '../rules/build/state.ts';
import { badgeSql as sql, type BranchBuild } from './tables.ts';

/** Where badges are served (planes/badges.ts). */
const BADGES = '/_pipewright/badges';

export function badgeUrl(endpoint: string, token: string, branch: string): string {
  return `${endpoint}${BADGES}?uuid=${token}&branch=${encodeURIComponent(branch)}`;
}

/** The write that keeps how the newest build of a branch fares. */
export function branchBuild({ spec, status }: BuildState): readonly Write[] {
  const branch = spec && branchOf(spec);
  // A build of a batch is only a part of what the branch is judged by.
  if (!spec || branch === undefined || spec.batch) return [];
  return [write(sql.putBranchBuild, [spec.account, spec.region, spec.project, branch, spec.number, status])];
}

interface TokenRow {
  readonly account: string;
  readonly region: string;
  readonly name: string;
  readonly data: string;
}

/** What the badge of this token says of a branch; undefined for a token of no project. */
export async function badgeOf(db: Reader, token: string, branch: string | null): Promise<BadgeState | undefined> {
  const row = await db.get<TokenRow>(sql.projectByToken, token);
  if (!row) return undefined;
  const { badge, sourceVersion } = JSON.parse(row.data) as Project;
  if (badge?.badgeEnabled !== true) return 'unknown';
  const wanted = branch ?? sourceVersion ?? '';
  const builds = await db.all<BranchBuild>(
    sql.branchBuilds,
    row.account,
    row.region,
    row.name,
    wanted,
    isDefaultBranch(wanted) ? '' : wanted,
  );
  return badgeState(builds[0]?.status as StatusType | undefined);
}
