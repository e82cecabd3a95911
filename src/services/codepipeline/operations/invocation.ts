import { pipelineOf } from '../../../kernel/pipeline-session.ts';
import type { CallContext } from '../../../protocol/context.ts';
import { errors } from '../api.gen.ts';
import type { ExecutionRecord } from '../rules/history.ts';
import { sql } from '../tables.ts';
import type { OperationTools } from './tools.ts';

/** How deep pipelines may invoke each other: deeper than anybody means to. */
const DEEPEST = 20;

/** Who started an execution, where that was another pipeline's execution. */
async function invokerOf(tools: OperationTools, { account, region }: CallContext, of: { pipeline: string; executionId: string }) {
  const row = await tools.db.get<{ data: string }>(sql.execution, account, region, of.pipeline, of.executionId);
  const trigger = row && (JSON.parse(row.data) as ExecutionRecord).trigger;
  return trigger?.type === 'StartPipelineExecution' ? pipelineOf(trigger.detail) : undefined;
}

/**
 * A pipeline that is started by an execution of a pipeline must not be one of those that led to it: they would start each other
 * for ever. Throws ValidationException with the circle. Other callers are nobody's execution.
 */
export async function refuseCircle(tools: OperationTools, ctx: CallContext, name: string): Promise<void> {
  const chain = [name];
  let invoker = ctx.principal.session === 'pipeline' ? pipelineOf(ctx.principal.arn) : undefined;
  while (invoker) {
    chain.unshift(invoker.pipeline);
    if (invoker.pipeline === name) throw errors.ValidationException(`The pipelines invoke each other in a circle: ${chain.join(' → ')}`);
    if (chain.length > DEEPEST)
      throw errors.ValidationException(`The pipeline '${name}' would be invoked by more than ${DEEPEST - 1} pipelines, each by the next.`);
    invoker = await invokerOf(tools, ctx, invoker);
  }
}
