import { formatArn } from '../../../kernel/arn.ts';
import { WriteConflict, write } from '../../../ports/database.ts';
import type { CallContext } from '../../../protocol/context.ts';
import { decodePageToken, encodePageToken } from '../../../protocol/page-token.ts';
import { errors, type Api, type Project } from '../api.gen.ts';
import { newProject, roleArn, validateProject } from '../rules/project/validate.ts';
import { sql } from '../tables.ts';
import { shownProject } from './shown-project.ts';
import { findProject, projectName } from './tools.ts';
import { deletedWebhook, type WebhookTools } from './webhooks.ts';

type Operations = Pick<Api, 'createProject' | 'updateProject' | 'deleteProject' | 'batchGetProjects' | 'listProjects'>;

/** AWS answers pages of this size. */
const PAGE = 100;

function arnOf(ctx: CallContext, name: string): string {
  return formatArn('codebuild', ctx.region, ctx.account, `project/${name}`);
}

function missing(ctx: CallContext, name: string): Error {
  return errors.ResourceNotFoundException(`Project cannot be found: ${arnOf(ctx, projectName(name))}`);
}

type SortRow = { readonly name: string; readonly created: number; readonly modified: number };

function sorted(rows: readonly SortRow[], by: string | undefined, order: string | undefined): readonly string[] {
  const key = (row: SortRow): string | number =>
    by === 'CREATED_TIME' ? row.created : by === 'LAST_MODIFIED_TIME' ? row.modified : row.name;
  const direction = order === 'DESCENDING' ? -1 : 1;
  return rows
    .toSorted((a, b) => (key(a) < key(b) ? -direction : key(a) > key(b) ? direction : a.name < b.name ? -1 : 1))
    .map(({ name }) => name);
}

export function projectOperations(tools: WebhookTools): Operations {
  return {
    async createProject(input, ctx) {
      const project = newProject(input, { arn: arnOf(ctx, input.name), account: ctx.account, region: ctx.region });
      validateProject(project);
      const now = tools.clock.now();
      try {
        await tools.commits.commit([write(sql.insertProject, [ctx.account, ctx.region, input.name, now, now, JSON.stringify(project)])]);
      } catch (error) {
        if (!(error instanceof WriteConflict)) throw error;
        throw errors.ResourceAlreadyExistsException(`Project already exists: ${arnOf(ctx, input.name)}`);
      }
      return { project: { ...project, created: now, lastModified: now } };
    },

    async updateProject({ badgeEnabled, ...input }, ctx) {
      const found = await findProject(tools, ctx, input.name);
      if (!found) throw missing(ctx, input.name);
      const { created, lastModified: _, ...before } = found.project;
      const changes = Object.fromEntries(Object.entries(input).filter(([, value]) => value !== undefined)) as Partial<Project>;
      const project: Project = {
        ...before,
        ...changes,
        name: before.name,
        ...(input.serviceRole !== undefined && { serviceRole: roleArn(input.serviceRole, ctx.account) }),
        ...(badgeEnabled !== undefined && { badge: { badgeEnabled } }),
      };
      validateProject(project);
      const now = tools.clock.now();
      const params = [now, JSON.stringify(project), ctx.account, ctx.region, before.name!];
      await tools.commits.commit([write(sql.updateProject, params, { expect: 1 })]);
      return { project: await shownProject(tools, ctx, { ...project, created, lastModified: now }) };
    },

    async deleteProject({ name }, ctx) {
      const found = await findProject(tools, ctx, name);
      const others = found ? await deletedWebhook(tools, ctx, found.project) : [];
      await tools.commits.commit([write(sql.deleteProject, [ctx.account, ctx.region, projectName(name)]), ...others]);
      return {};
    },

    async batchGetProjects({ names }, ctx) {
      const found = await Promise.all(names.map((name) => findProject(tools, ctx, name)));
      return {
        projects: await Promise.all(found.flatMap((stored) => (stored ? [shownProject(tools, ctx, stored.project)] : []))),
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
