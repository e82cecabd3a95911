import type { Aggregates } from '../../../engine/process.ts';
import type { CallContext } from '../../../protocol/context.ts';
import type { ServiceTools } from '../../../protocol/service.ts';
import { errors } from '../api.gen.ts';
import type { Providers, Rules } from '../performers.ts';
import type { Catalogues } from '../rules/catalogue.ts';
import type { PipelineCommand } from '../rules/commands.ts';
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
