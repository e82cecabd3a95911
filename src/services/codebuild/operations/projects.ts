import { WriteConflict, write, type Write } from '../../../ports/database.ts';
import type { CallContext } from '../../../protocol/context.ts';
import { decodePageToken, encodePageToken } from '../../../protocol/page-token.ts';
import { errors, type Api, type Project, type UpdateProjectInput, type UpdateProjectOutput } from '../api.gen.ts';
import { badgeSql } from '../badges/tables.ts';
import { requireFleet } from '../fleets/fleets.ts';
import { resourcePolicySql } from '../resource-policies/tables.ts';
import { withDefaults } from '../rules/project/defaults.ts';
import { newProject, roleArn, validateProject } from '../rules/project/validate.ts';
import { sql } from '../tables.ts';
import { shownProject } from './shown-project.ts';
import { findProject, projectArn, requireProject } from './tools.ts';
import { deletedWebhook, type WebhookTools } from './webhooks.ts';

type Operations = Pick<Api, 'createProject' | 'updateProject' | 'deleteProject' | 'batchGetProjects' | 'listProjects'>;

const BADGE_BYTES = 24;
/** AWS answers pages of this size. */
const PAGE = 100;

type SortRow = { readonly name: string; readonly created: number; readonly modified: number };

function sorted(rows: readonly SortRow[], by: string | undefined, order: string | undefined): readonly string[] {
  const key = (row: SortRow): string | number =>
    by === 'CREATED_TIME' ? row.created : by === 'LAST_MODIFIED_TIME' ? row.modified : row.name;
  const direction = order === 'DESCENDING' ? -1 : 1;
  return rows
    .toSorted((a, b) => (key(a) < key(b) ? -direction : key(a) > key(b) ? direction : a.name < b.name ? -1 : 1))
    .map(({ name }) => name);
}

/** A project's badge has one token for good: it leads to the same picture when badges are switched off and on. */
function badgeToken({ ids }: WebhookTools, { account, region }: CallContext, { name, badge }: Project): readonly Write[] {
  return badge?.badgeEnabled ? [write(badgeSql.keepToken, [ids.hex(BADGE_BYTES), account, region, name!])] : [];
}

/** Builds that wait heed a new limit at once. */
function limitBuilds({ leases }: WebhookTools, { account, region }: CallContext, { name, concurrentBuildLimit }: Project): void {
  leases.limit(`${account}/${region}/${name}`, concurrentBuildLimit);
}

async function shown(tools: WebhookTools, ctx: CallContext, name: string): Promise<Project> {
  return shownProject(tools, ctx, await requireProject(tools, ctx, name));
}

async function update(tools: WebhookTools, { badgeEnabled, ...input }: UpdateProjectInput, ctx: CallContext): Promise<UpdateProjectOutput> {
  const found = await requireProject(tools, ctx, input.name);
  const { created: _, lastModified: __, ...before } = found.project;
  const changes = Object.fromEntries(Object.entries(input).filter(([, value]) => value !== undefined)) as Partial<Project>;
  const project = withDefaults({
    ...before,
    ...changes,
    name: before.name,
    // -1 takes the limit away: https://docs.aws.amazon.com/codebuild/latest/APIReference/API_UpdateProject.html
    ...(input.concurrentBuildLimit === -1 && { concurrentBuildLimit: undefined }),
    ...(input.serviceRole !== undefined && { serviceRole: roleArn(input.serviceRole, ctx.account) }),
    ...(badgeEnabled !== undefined && { badge: { badgeEnabled } }),
  });
  validateProject(project);
  await requireFleet(tools.db, ctx, input.environment ?? {});
  const now = tools.clock.now();
  const params = [now, JSON.stringify(project), ctx.account, ctx.region, before.name!];
  await tools.commits.commit([write(sql.updateProject, params, { expect: 1 }), ...badgeToken(tools, ctx, project)]);
  limitBuilds(tools, ctx, project);
  return { project: await shown(tools, ctx, before.name!) };
}

export function projectOperations(tools: WebhookTools): Operations {
  return {
    async createProject(input, ctx) {
      const project = newProject(input, { arn: projectArn(ctx, input.name), account: ctx.account, region: ctx.region });
      validateProject(project);
      await requireFleet(tools.db, ctx, project.environment!);
      const now = tools.clock.now();
      const insertion = write(sql.insertProject, [ctx.account, ctx.region, input.name, now, now, JSON.stringify(project)]);
      try {
        await tools.commits.commit([insertion, ...badgeToken(tools, ctx, project)]);
      } catch (error) {
        if (!(error instanceof WriteConflict)) throw error;
        throw errors.ResourceAlreadyExistsException(`Project already exists: ${projectArn(ctx, input.name)}`);
      }
      limitBuilds(tools, ctx, project);
      return { project: await shown(tools, ctx, input.name) };
    },

    updateProject: (input, ctx) => update(tools, input, ctx),

    async deleteProject({ name }, ctx) {
      const found = await findProject(tools, ctx, name);
      if (!found) return {};
      const key = [ctx.account, ctx.region, found.project.name!];
      const policy = [write(resourcePolicySql.delete, [ctx.account, ctx.region, `project/${found.project.name!}`])];
      const others = await deletedWebhook(tools, ctx, found.project);
      await tools.commits.commit([write(sql.deleteProject, key), write(badgeSql.deleteBranchBuilds, key), ...policy, ...others]);
      return {};
    },

    async batchGetProjects({ names }, ctx) {
      const found = await Promise.all(names.map((name) => findProject(tools, ctx, name)));
      return {
        projects: await Promise.all(found.flatMap((stored) => (stored ? [shownProject(tools, ctx, stored)] : []))),
        projectsNotFound: names.filter((_, index) => !found[index]),
      };
    },

    async listProjects({ sortBy, sortOrder, nextToken }, ctx) {
      const scope = `codebuild:projects:${sortBy ?? ''}:${sortOrder ?? ''}`;
      const from = Number(decodePageToken(scope, nextToken, () => errors.InvalidInputException('Invalid token.')) ?? 0);
      const names = sorted(await tools.db.all<SortRow>(sql.projects, ctx.account, ctx.region), sortBy, sortOrder);
      const more = names.length > from + PAGE && { nextToken: encodePageToken(scope, from + PAGE) };
      return { projects: names.slice(from, from + PAGE), ...more };
    },
  };
}
