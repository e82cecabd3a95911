import type { Statement } from '../../../ports/database.ts';
import type { CallContext } from '../../../protocol/context.ts';
import { decodePageToken, encodePageToken } from '../../../protocol/page-token.ts';
import { errors, type Api, type BuildBatch, type ListBuildBatchesInput } from '../api.gen.ts';
import { batchSql } from '../batch-tables.ts';
import { aggregateId } from '../rules/build/state.ts';
import { findReport, reportsOfBuild } from './report-tools.ts';
import { storedBuild } from './stored-build.ts';
import { buildId, findProject, projectName, type OperationTools } from './tools.ts';

type Operations = Pick<
  Api,
  'stopBuildBatch' | 'batchGetBuildBatches' | 'listBuildBatches' | 'listBuildBatchesForProject' | 'deleteBuildBatch'
>;

const PAGE = 100;
const invalidToken = () => errors.InvalidInputException('Invalid token.');

/** A batch of the history, as it stands. */
export async function storedBatch(
  tools: OperationTools,
  ctx: Pick<CallContext, 'account' | 'region'>,
  id: string,
): Promise<BuildBatch | undefined> {
  const row = await tools.db.get<{ data: string }>(batchSql.batch, ctx.account, ctx.region, id);
  return row && (JSON.parse(row.data) as BuildBatch);
}

/** Ids of batches by the time they were submitted; the page token is the last one's place. */
async function page(
  tools: OperationTools,
  query: { readonly ascending: Statement; readonly descending: Statement; readonly scope: string; readonly key: readonly string[] },
  { filter, maxResults = PAGE, sortOrder, nextToken }: ListBuildBatchesInput,
) {
  const ascending = sortOrder === 'ASCENDING';
  const scope = `${query.scope}:${ascending}:${filter?.status ?? ''}`;
  const cursor = decodePageToken(scope, nextToken, invalidToken);
  const [submitted, id] = typeof cursor === 'string' ? placeOf(cursor) : ascending ? [-1, ''] : [Number.MAX_SAFE_INTEGER, ''];
  const params = [...query.key, filter?.status ?? '%', submitted, submitted, id, maxResults + 1];
  const rows = await tools.db.all<{ id: string; submitted: number }>(ascending ? query.ascending : query.descending, ...params);
  const found = rows.slice(0, maxResults);
  const last = found.at(-1);
  const more = rows.length > maxResults && last && { nextToken: encodePageToken(scope, `${last.submitted}/${last.id}`) };
  return { ids: found.map((row) => row.id), ...more };
}

function placeOf(cursor: string): [number, string] {
  const slash = cursor.indexOf('/');
  return [Number(cursor.slice(0, slash)), cursor.slice(slash + 1)];
}

/** The ids of all builds of a batch, those of earlier tries too; what never began has none. */
function buildsOf({ buildGroups = [] }: BuildBatch): readonly string[] {
  const summaries = buildGroups.flatMap(({ currentBuildSummary, priorBuildSummaryList = [] }) => [
    ...priorBuildSummaryList,
    currentBuildSummary,
  ]);
  return summaries.flatMap((summary) => (summary?.arn === undefined ? [] : [buildId(summary.arn)]));
}

/** The reports that are still there. */
async function those(tools: OperationTools, ctx: CallContext, arns: readonly string[]): Promise<readonly string[]> {
  const found = await Promise.all(arns.map((arn) => findReport(tools, ctx, arn)));
  return arns.filter((_, index) => found[index]);
}

/** The batch with the reports of its builds as they stand; of a fan-out that has ended, with what is merged of them. */
async function withReports(tools: OperationTools, ctx: CallContext, id: string): Promise<BuildBatch | undefined> {
  const batch = await storedBatch(tools, ctx, id);
  if (!batch) return undefined;
  if (batch.reportArns) return { ...batch, reportArns: await those(tools, ctx, batch.reportArns) };
  const builds = (batch.buildGroups ?? []).flatMap(({ currentBuildSummary: { arn } = {} }) => (arn === undefined ? [] : [buildId(arn)]));
  const reportArns = (await Promise.all(builds.map((build) => reportsOfBuild(tools, ctx, build)))).flat();
  return reportArns.length === 0 ? batch : { ...batch, reportArns };
}

async function deleteBuilds(tools: OperationTools, ctx: CallContext, batch: BuildBatch): Promise<readonly string[]> {
  const deleted: string[] = [];
  for (const id of buildsOf(batch)) {
    const build = await storedBuild(tools, ctx, id);
    if (!build) continue;
    await tools.builds.send(aggregateId(ctx.account, ctx.region, id), { type: 'delete' });
    deleted.push(build.arn ?? id);
  }
  return deleted;
}

export function batchOperations(tools: OperationTools): Operations {
  return {
    async stopBuildBatch({ id }, ctx) {
      const wanted = buildId(id);
      if (!(await storedBatch(tools, ctx, wanted))) throw errors.ResourceNotFoundException(`Build batch cannot be found: ${wanted}`);
      await tools.batches.send(aggregateId(ctx.account, ctx.region, wanted), { type: 'stop' });
      return { buildBatch: await storedBatch(tools, ctx, wanted) };
    },

    async batchGetBuildBatches({ ids }, ctx) {
      const found = await Promise.all(ids.map((id) => withReports(tools, ctx, buildId(id))));
      return {
        buildBatches: found.flatMap((batch) => batch ?? []),
        buildBatchesNotFound: ids.filter((_, index) => !found[index]),
      };
    },

    listBuildBatches: (input, ctx) => page(tools, { ...batchSql, scope: 'codebuild:batches', key: [ctx.account, ctx.region] }, input),

    async listBuildBatchesForProject({ projectName: name = '', ...input }, ctx) {
      if (!(await findProject(tools, ctx, name))) throw errors.ResourceNotFoundException(`Project cannot be found: ${name}`);
      const { ofProjectAscending: ascending, ofProjectDescending: descending } = batchSql;
      const key = [ctx.account, ctx.region, projectName(name)];
      return page(tools, { ascending, descending, scope: `codebuild:batches:${projectName(name)}`, key }, input);
    },

    async deleteBuildBatch({ id }, ctx) {
      const wanted = buildId(id);
      const batch = await storedBatch(tools, ctx, wanted);
      if (!batch) return { statusCode: 'BATCH_NOT_FOUND', buildsDeleted: [], buildsNotDeleted: [] };
      if (!batch.complete)
        throw errors.InvalidInputException(`Build batch ${wanted} is in progress: only one that has ended can be deleted`);
      // The batch last: where we die between, a second call finds the rest.
      const buildsDeleted = await deleteBuilds(tools, ctx, batch);
      await tools.batches.send(aggregateId(ctx.account, ctx.region, wanted), { type: 'delete' });
      return { statusCode: 'BATCH_DELETED', buildsDeleted, buildsNotDeleted: [] };
    },
  };
}
