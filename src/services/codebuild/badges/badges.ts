import { write, type Reader, type Write } from '../../../ports/database.ts';
import type { Project, StatusType } from '../api.gen.ts';
import { badgeState, branchOf, isDefaultBranch, type BadgeState } from '../rules/badge.ts';
import type { BatchState } from '../rules/batch/state.ts';
import type { BuildSpec, BuildState } from '../rules/build/state.ts';
import { badgeSql as sql, type BranchBuild } from './tables.ts';

/** Where badges are served (planes/badges.ts). */
const BADGES = '/_pipewright/badges';

export function badgeUrl(endpoint: string, token: string, branch: string): string {
  return `${endpoint}${BADGES}?uuid=${token}&branch=${encodeURIComponent(branch)}`;
}

/** The write that keeps how the newest build or batch of a branch fares; `begun`: epoch ms. */
function branchStatus(spec: BuildSpec, begun: number, status: StatusType): readonly Write[] {
  const branch = branchOf(spec);
  if (branch === undefined) return [];
  return [write(sql.putBranchBuild, [spec.account, spec.region, spec.project, branch, begun, spec.number, status])];
}

/** A build of a batch is only a part of what the branch is judged by. */
export function branchBuild({ spec, submittedAt, status }: BuildState): readonly Write[] {
  return spec && !spec.batch ? branchStatus(spec, submittedAt, status) : [];
}

export function branchBatch({ order, begunAt, status }: BatchState): readonly Write[] {
  return order ? branchStatus(order.build, begunAt, status) : [];
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
