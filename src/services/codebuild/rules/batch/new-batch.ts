import type { Project, StartBuildBatchInput, StartBuildInput } from '../../api.gen.ts';
import { newBuild, type BuildIdentity } from '../build/new-build.ts';
import { roleArn } from '../project/validate.ts';
import { batchConfig } from './config.ts';
import type { BatchOrder } from './state.ts';

/** A batch of the project with the start call's overrides. https://docs.aws.amazon.com/codebuild/latest/APIReference/API_StartBuildBatch.html */
export function newBatch(project: Project, input: StartBuildBatchInput, identity: BuildIdentity): BatchOrder {
  const {
    buildTimeoutInMinutesOverride,
    reportBuildBatchStatusOverride,
    buildBatchConfigOverride,
    idempotencyToken,
    debugSessionEnabled,
    ...overrides
  } = input;
  const same: StartBuildInput = {
    ...overrides,
    ...(buildTimeoutInMinutesOverride !== undefined && { timeoutInMinutesOverride: buildTimeoutInMinutesOverride }),
    ...(reportBuildBatchStatusOverride !== undefined && { reportBuildStatusOverride: reportBuildBatchStatusOverride }),
  };
  const config = batchConfig(project.buildBatchConfig, buildBatchConfigOverride);
  return {
    ...identity,
    project: project.name!,
    build: newBuild(project, same, identity),
    config: { ...config, serviceRole: roleArn(config.serviceRole!, identity.account) },
    timeoutMinutes: config.timeoutInMins,
    ...(debugSessionEnabled !== undefined && { debugSession: debugSessionEnabled }),
    ...(idempotencyToken !== undefined && { token: idempotencyToken }),
  };
}
