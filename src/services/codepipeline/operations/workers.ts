import type { Sessions } from '../../../ports/credentials.ts';
import type { SecretBox } from '../../../ports/secrets.ts';
import type { Api } from '../api.gen.ts';
import type { CustomTypes } from '../jobs/custom-types.ts';
import { JobDesk } from '../jobs/desk.ts';
import { JobFile } from '../jobs/job-file.ts';
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
  const file = new JobFile({ ...tools, ...performers, sessions, types, leaseMs });
  const desk = new JobDesk(file, tools.quotas.outputVariableBytes);
  return {
    ...actionTypeOperations({ ...tools, secrets, desk }, types),
    ...jobOperations({ desk, file, types, secrets }),
    ...thirdPartyOperations({ desk, file, types, secrets }),
  };
}
