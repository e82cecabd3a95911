import type { Aggregates } from '../../../engine/process.ts';
import type { Sessions } from '../../../ports/credentials.ts';
import type { CallContext } from '../../../protocol/context.ts';
import type { ServiceTools } from '../../../protocol/service.ts';
import type { Aws } from '../../aws.gen.ts';
import type { Project } from '../api.gen.ts';
import type { Leases } from '../leases.ts';
import type { BatchCommand } from '../rules/batch/events.ts';
import type { BatchState } from '../rules/batch/state.ts';
import type { BuildCommand } from '../rules/build/events.ts';
import type { BuildState } from '../rules/build/state.ts';
import type { ProjectExtras } from '../rules/project/extras.ts';
import { sql } from '../tables.ts';

/** What the operations of this service work with. */
export interface OperationTools extends ServiceTools {
  readonly builds: Aggregates<BuildState, BuildCommand>;
  readonly batches: Aggregates<BatchState, BatchCommand>;
  readonly leases: Leases;
  readonly aws: Aws;
  readonly sessions: Sessions;
}

export interface StoredProject {
  readonly project: Project;
  /** How many builds it has had: the newest build's number. */
  readonly builds: number;
  readonly extras: ProjectExtras;
}

interface ProjectRow extends ProjectExtras {
  readonly name: string;
  readonly created: number;
  readonly modified: number;
  readonly builds: number;
  readonly data: string;
}

/** Names may be given as ARNs: `arn:aws:codebuild:REGION:ACCOUNT:project/NAME`. */
export function projectName(nameOrArn: string): string {
  return nameOrArn.startsWith('arn:') ? nameOrArn.slice(nameOrArn.indexOf('/') + 1) : nameOrArn;
}

/** Ids may be given as ARNs: `arn:aws:codebuild:REGION:ACCOUNT:build/PROJECT:UUID`. */
export function buildId(idOrArn: string): string {
  return idOrArn.startsWith('arn:') ? idOrArn.slice(idOrArn.indexOf('/') + 1) : idOrArn;
}

export async function findProject(
  tools: Pick<OperationTools, 'db'>,
  ctx: Pick<CallContext, 'account' | 'region'>,
  nameOrArn: string,
): Promise<StoredProject | undefined> {
  const row = await tools.db.get<ProjectRow>(sql.project, ctx.account, ctx.region, projectName(nameOrArn));
  if (!row) return undefined;
  const { created, modified: lastModified, builds, badge_token, public_alias, cache_generation } = row;
  const project = { ...(JSON.parse(row.data) as Project), created, lastModified };
  return { project, builds, extras: { badge_token, public_alias, cache_generation } };
}
