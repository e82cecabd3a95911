import type { ReportSweeper } from '../report-sweeper.ts';
import type { RunnerTools } from '../runner/operations.ts';
import type { Api } from '../api.gen.ts';
import { batchOperations } from './batches.ts';
import { batchStartOperations } from './start-batch.ts';
import { buildOperations } from './builds.ts';
import { projectOperations } from './projects.ts';
import { fleetOperations } from './fleets.ts';
import { commandExecutionOperations } from './command-executions.ts';
import { sandboxOperations, type SandboxTools } from './sandboxes.ts';
import { projectSettingOperations } from './project-settings.ts';
import { reportDetailOperations } from './report-details.ts';
import { reportGroupOperations } from './report-groups.ts';
import { reportOperations } from './reports.ts';
import { resourcePolicyOperations } from './resource-policies.ts';
import { sourceCredentialOperations } from './source-credentials.ts';
import { startOperations } from './start-build.ts';
import { webhookOperations } from './webhooks.ts';
import { CURATED_PLATFORMS } from '../rules/curated-images.ts';
import type { WebhookTools } from './webhooks.ts';

/** The table of contents of the operations. */
export function codebuildOperations(tools: WebhookTools & RunnerTools & SandboxTools, sweeper: ReportSweeper): Partial<Api> {
  return {
    ...projectOperations(tools),
    ...startOperations(tools),
    ...buildOperations(tools),
    ...batchStartOperations(tools),
    ...batchOperations(tools),
    ...reportGroupOperations(tools, sweeper),
    ...reportOperations(tools, sweeper),
    ...reportDetailOperations(tools),
    ...sourceCredentialOperations(tools),
    ...webhookOperations(tools),
    ...projectSettingOperations(tools),
    ...resourcePolicyOperations(tools),
    ...fleetOperations(tools),
    ...sandboxOperations(tools),
    ...commandExecutionOperations(tools, tools.bell),
    listCuratedEnvironmentImages: async () => ({ platforms: CURATED_PLATFORMS }),
  };
}
