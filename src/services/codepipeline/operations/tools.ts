import type { Statement } from '../../../ports/database.ts';
import type { Aggregates } from '../../../engine/process.ts';
import type { CallContext } from '../../../protocol/context.ts';
import type { SecretBox } from '../../../ports/secrets.ts';
import type { ServiceTools } from '../../../protocol/service.ts';
import { errors } from '../api.gen.ts';
import type { Providers, Rules } from '../performers.ts';
import type { Catalogues } from '../rules/catalogue.ts';
import type { PipelineCommand } from '../rules/commands.ts';
import type { Quotas } from '../rules/quotas.ts';
import { notFound } from '../rules/receive.ts';
import { aggregateId, type PipelineState } from '../rules/state.ts';
import type { Triggers } from '../triggers.ts';

/** What the operations of this service work with. */
export interface OperationTools extends ServiceTools {
  readonly pipelines: Aggregates<PipelineState, PipelineCommand>;
  readonly providers: Providers;
  readonly rules: Rules;
  readonly catalogues: Catalogues;
  readonly triggers: Triggers;
  readonly quotas: Quotas;
  readonly secrets?: SecretBox;
}

export function keyOf(ctx: CallContext, name: string): string {
  return aggregateId(ctx.account, ctx.region, name);
}

/** The committed state of a pipeline that exists; throws PipelineNotFoundException otherwise. */
export async function pipelineState(tools: OperationTools, ctx: CallContext, name: string): Promise<PipelineState> {
  const state = await tools.pipelines.state(keyOf(ctx, name));
  if (!state?.exists) throw errors.PipelineNotFoundException(notFound({ account: ctx.account, name }));
  return state;
}

/** Throws LimitExceededException where the account has as many of them in the region as it may have. `count` gives them as `n`. */
export async function requireRoom(
  tools: ServiceTools,
  count: Statement,
  { account, region }: CallContext,
  most: number,
  what: string,
): Promise<void> {
  if (most === Infinity) return;
  const row = await tools.db.get<{ n: number }>(count, account, region);
  if ((row?.n ?? 0) >= most)
    throw errors.LimitExceededException(
      `The limit of ${most} ${what} of the account '${account}' in the region '${region}' has been reached.`,
    );
}
