import { WriteConflict } from '../../../ports/database.ts';
import { errors, type Api, type BuildBatch, type StartBuildBatchInput } from '../api.gen.ts';
import { batchSql } from '../batch-tables.ts';
import { newBatch } from '../rules/batch/new-batch.ts';
import { batchId } from '../rules/batch/state.ts';
import { batchView } from '../rules/batch/view.ts';
import { aggregateId } from '../rules/build/state.ts';
import { storedBatch } from './batches.ts';
import { cachesOf, initiatorOf, TRIES, type BuildOrigin } from './start-build.ts';
import type { Place } from './stored-build.ts';
import { buildId, findProject, type OperationTools } from './tools.ts';

type Operations = Pick<Api, 'startBuildBatch' | 'retryBuildBatch'>;

async function startedBefore(
  tools: OperationTools,
  ctx: Place,
  project: string,
  token: string | undefined,
): Promise<BuildBatch | undefined> {
  if (token === undefined) return undefined;
  const row = await tools.db.get<{ batch: string }>(batchSql.token, ctx.account, ctx.region, project, token);
  return row && storedBatch(tools, ctx, row.batch);
}

/** Starts a batch on somebody's behalf; answers the earlier one where the token was used already. */
export async function startBatchAs(
  tools: OperationTools,
  ctx: Place,
  input: StartBuildBatchInput,
  origin: BuildOrigin,
): Promise<BuildBatch> {
  const { account, region } = ctx;
  for (let tries = 0; ; tries++) {
    const found = await findProject(tools, ctx, input.projectName);
    if (!found) throw errors.ResourceNotFoundException(`Project cannot be found: ${input.projectName}`);
    const name = found.project.name!;
    const before = await startedBefore(tools, ctx, name, input.idempotencyToken);
    if (before) return before;
    const row = await tools.db.get<{ number: number }>(batchSql.number, account, region, name);
    const identity = { account, region, uuid: tools.ids.uuid(), number: (row?.number ?? 0) + 1, ...origin, ...cachesOf(found) };
    const order = newBatch(found.project, input, identity);
    try {
      return batchView(await tools.batches.send(aggregateId(account, region, batchId(order)), { type: 'submit', order }));
    } catch (error) {
      // The number or the token was taken meanwhile: look again.
      if (!(error instanceof WriteConflict) || tries === TRIES) throw error;
    }
  }
}

export function batchStartOperations(tools: OperationTools): Operations {
  return {
    startBuildBatch: async (input, ctx) => ({ buildBatch: await startBatchAs(tools, ctx, input, { initiator: initiatorOf(ctx) }) }),

    async retryBuildBatch({ id, idempotencyToken, retryType = 'RETRY_ALL_BUILDS' }, ctx) {
      const wanted = buildId(id ?? '');
      if (!(await storedBatch(tools, ctx, wanted))) throw errors.ResourceNotFoundException(`Build batch cannot be found: ${wanted}`);
      const token = idempotencyToken !== undefined && { token: idempotencyToken };
      const command = { type: 'retry', all: retryType === 'RETRY_ALL_BUILDS', ...token } as const;
      return { buildBatch: batchView(await tools.batches.send(aggregateId(ctx.account, ctx.region, wanted), command)) };
    },
  };
}
