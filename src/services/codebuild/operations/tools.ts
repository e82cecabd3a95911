import type { Aggregates } from '../../../engine/process.ts';
import { formatArn, parseArn } from '../../../kernel/arn.ts';
import type { Sessions } from '../../../ports/credentials.ts';
import type { CallContext } from '../../../protocol/context.ts';
import type { ServiceTools } from '../../../protocol/service.ts';
import type { Aws } from '../../aws.gen.ts';
import { errors, type Project } from '../api.gen.ts';
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

type Place = Pick<CallContext, 'account' | 'region'>;

/** The name or id of something here, given as it is or as an ARN; undefined where the ARN is of another place or kind. */
export function nameHere({ account, region }: Place, kind: 'project' | 'build', nameOrArn: string): string | undefined {
  if (!nameOrArn.startsWith('arn:')) return nameOrArn;
  const parts = parseArn(nameOrArn);
  const here = parts?.service === 'codebuild' && parts.account === account && parts.region === region;
  return here && parts.resource.startsWith(`${kind}/`) ? parts.resource.slice(kind.length + 1) : undefined;
}

export async function findProject(tools: Pick<OperationTools, 'db'>, ctx: Place, nameOrArn: string): Promise<StoredProject | undefined> {
  const name = nameHere(ctx, 'project', nameOrArn);
  const row = name === undefined ? undefined : await tools.db.get<ProjectRow>(sql.project, ctx.account, ctx.region, name);
  if (!row) return undefined;
  const { created, modified: lastModified, builds, badge_token, public_alias, cache_generation } = row;
  const project = { ...(JSON.parse(row.data) as Project), created, lastModified };
  return { project, builds, extras: { badge_token, public_alias, cache_generation } };
}

export function projectArn({ account, region }: Place, name: string): string {
  return formatArn('codebuild', region, account, `project/${name}`);
}

/** AWS names a missing project by its ARN. */
export function missingProject(ctx: Place, nameOrArn: string): Error {
  const arn = nameOrArn.startsWith('arn:') ? nameOrArn : projectArn(ctx, nameOrArn);
  return errors.ResourceNotFoundException(`Project cannot be found: ${arn}`);
}

/** Throws ResourceNotFoundException. */
export async function requireProject(tools: Pick<OperationTools, 'db'>, ctx: Place, nameOrArn: string): Promise<StoredProject> {
  const found = await findProject(tools, ctx, nameOrArn);
  if (!found) throw missingProject(ctx, nameOrArn);
  return found;
}
