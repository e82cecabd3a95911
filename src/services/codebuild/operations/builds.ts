import { formatArn } from '../../../kernel/arn.ts';
import type { CallContext } from '../../../protocol/context.ts';
import { decodePageToken, encodePageToken } from '../../../protocol/page-token.ts';
import { errors, type Api, type Build } from '../api.gen.ts';
import { aggregateId } from '../rules/build/state.ts';
import { sql } from '../tables.ts';
import { reportsOfBuild } from './report-tools.ts';
import { stopAndWait } from './stop-build.ts';
import { requireBuild, storedBuild, wantedBuild } from './stored-build.ts';
import { nameHere, requireProject, type OperationTools } from './tools.ts';

type Operations = Pick<Api, 'stopBuild' | 'batchGetBuilds' | 'batchDeleteBuilds' | 'listBuilds' | 'listBuildsForProject'>;

const PAGE = 100;
const invalidToken = () => errors.InvalidInputException('Invalid token.');

export function buildOperations(tools: OperationTools): Operations {
  return {
    async stopBuild({ id: wanted }, ctx) {
      const { id } = await requireBuild(tools, ctx, wanted);
      await stopAndWait(tools, ctx, aggregateId(ctx.account, ctx.region, id));
      return { build: await storedBuild(tools, ctx, id) };
    },

    async batchGetBuilds({ ids }, ctx) {
      const wanted = ids.map((id) => wantedBuild(ctx, id));
      const found = await Promise.all(wanted.map((id) => withReports(tools, ctx, id)));
      return { builds: found.flatMap((build) => build ?? []), buildsNotFound: ids.filter((_, index) => !found[index]) };
    },

    async batchDeleteBuilds({ ids }, ctx) {
      const buildsDeleted: string[] = [];
      const buildsNotDeleted: { id: string; statusCode: string }[] = [];
      for (const wanted of ids) {
        const id = nameHere(ctx, 'build', wanted);
        const build = id === undefined ? undefined : await storedBuild(tools, ctx, id);
        const arn = id === undefined ? wanted : formatArn('codebuild', ctx.region, ctx.account, `build/${id}`);
        if (!build) buildsNotDeleted.push({ id: arn, statusCode: 'BUILD_NOT_FOUND' });
        else if (!build.buildComplete) buildsNotDeleted.push({ id: arn, statusCode: 'BUILD_IN_PROGRESS' });
        else {
          await tools.builds.send(aggregateId(ctx.account, ctx.region, build.id!), { type: 'delete' });
          buildsDeleted.push(arn);
        }
      }
      return { buildsDeleted, buildsNotDeleted };
    },

    async listBuilds({ sortOrder, nextToken }, ctx) {
      const ascending = sortOrder === 'ASCENDING';
      const scope = `codebuild:builds:${ascending}`;
      const cursor = decodePageToken(scope, nextToken, invalidToken);
      const [submitted, id] = typeof cursor === 'string' ? parseCursor(cursor) : ascending ? [-1, ''] : [Number.MAX_SAFE_INTEGER, ''];
      type Row = { id: string; submitted: number };
      const query = ascending ? sql.buildsAscending : sql.buildsDescending;
      const rows = await tools.db.all<Row>(query, ctx.account, ctx.region, submitted, submitted, id, PAGE + 1);
      const page = rows.slice(0, PAGE);
      const last = page.at(-1);
      const more = rows.length > PAGE && last && { nextToken: encodePageToken(scope, `${last.submitted}/${last.id}`) };
      return { ids: page.map((row) => row.id), ...more };
    },

    async listBuildsForProject({ projectName: name, sortOrder, nextToken }, ctx) {
      const { project } = await requireProject(tools, ctx, name);
      const ascending = sortOrder === 'ASCENDING';
      const scope = `codebuild:builds:${project.name}:${ascending}`;
      const from = Number(decodePageToken(scope, nextToken, invalidToken) ?? (ascending ? 0 : Number.MAX_SAFE_INTEGER));
      const query = ascending ? sql.buildsOfProjectAscending : sql.buildsOfProjectDescending;
      const rows = await tools.db.all<{ id: string; number: number }>(query, ctx.account, ctx.region, project.name!, from, PAGE + 1);
      const page = rows.slice(0, PAGE);
      return { ids: page.map((row) => row.id), ...(rows.length > PAGE && { nextToken: encodePageToken(scope, page.at(-1)!.number) }) };
    },
  };
}

async function withReports(tools: OperationTools, ctx: CallContext, id: string | undefined): Promise<Build | undefined> {
  const build = id === undefined ? undefined : await storedBuild(tools, ctx, id);
  if (!build || id === undefined) return undefined;
  const reportArns = await reportsOfBuild(tools, ctx, id);
  return reportArns.length === 0 ? build : { ...build, reportArns };
}

function parseCursor(cursor: string): [number, string] {
  const slash = cursor.indexOf('/');
  return [Number(cursor.slice(0, slash)), cursor.slice(slash + 1)];
}
