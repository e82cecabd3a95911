import type { Sessions } from '../../../ports/credentials.ts';
import type { SecretBox } from '../../../ports/secrets.ts';
import type { Api } from '../api.gen.ts';
import type { CustomTypes } from '../jobs/custom-types.ts';
import { JobDesk } from '../jobs/desk.ts';
import type { PerformerTools } from '../performers.ts';
import { actionTypeOperations } from './action-types.ts';
import { jobOperations, thirdPartyOperations } from './jobs.ts';
import type { OperationTools } from './tools.ts';

export interface WorkerTools {
  readonly sessions: Sessions;
  readonly secrets: SecretBox;
  /** How long a worker that has a job may be silent, ms. */
  readonly jobLeaseMs: number;
}

/** Custom and third-party action types, and what their workers call. */
export function workerOperations(
  tools: OperationTools,
  performers: PerformerTools,
  workers: WorkerTools,
  types: CustomTypes,
): Partial<Api> {
  const { sessions, secrets, jobLeaseMs: leaseMs } = workers;
  const desk = new JobDesk({ ...tools, ...performers, sessions, types, leaseMs });
  return {
    ...actionTypeOperations({ ...tools, secrets }, types),
    ...jobOperations(desk, types),
    ...thirdPartyOperations(desk, types, secrets),
  };
}
