import type { JsonObject } from '../../../../kernel/json.ts';
import { batchArn, type BatchState } from './state.ts';

/**
 * AWS announces only builds, phases and fleets (https://docs.aws.amazon.com/eventbridge/latest/ref/events-ref-codebuild.html). Batches are
 * announced under our own source, so that no rule for `aws.codebuild` gets what AWS would not send.
 */
export function batchStateChange(state: BatchState): { readonly source: string; readonly detailType: string; readonly detail: JsonObject } {
  const order = state.order!;
  const detail: JsonObject = {
    'build-batch-status': state.status,
    'project-name': order.project,
    'build-batch-id': batchArn(order),
    'build-batch-number': order.number,
    'current-phase': state.phases.at(-1)?.phaseType ?? 'SUBMITTED',
    initiator: order.initiator,
    version: '1',
  };
  return { source: 'pipewright.codebuild', detailType: 'CodeBuild Build Batch State Change', detail };
}
