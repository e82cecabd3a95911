import { formatArn } from '../../../../kernel/arn.ts';
import type { BuildPhase, Sandbox, SandboxSessionPhase } from '../../api.gen.ts';
import { currentPhase } from './phases.ts';
import type { BuildSpec, BuildState } from './state.ts';
import { logsView } from './view.ts';

export function sandboxArn({ account, region }: Pick<BuildSpec, 'account' | 'region'>, id: string): string {
  return formatArn('codebuild', region, account, `sandbox/${id}`);
}

/** Where a build runs its BUILD phase a sandbox runs commands. */
function phase({ phaseType, ...rest }: BuildPhase): SandboxSessionPhase {
  return { ...rest, ...(phaseType && { phaseType: phaseType === 'BUILD' ? 'RUN_SANDBOX' : phaseType }) };
}

/** The phase it is in, and in the end how it ended. */
function statusOf({ status, phases }: BuildState): string {
  const current = currentPhase(phases);
  if (status !== 'IN_PROGRESS') return status;
  return current === 'BUILD' ? 'RUN_SANDBOX' : (current ?? 'QUEUED');
}

/** A sandbox as BatchGetSandboxes shows it. It is a build that waits for commands instead of reading a buildspec. */
export function sandboxView(state: BuildState): Sandbox {
  const spec = state.spec!;
  const id = `${spec.project}:${spec.uuid}`;
  const status = statusOf(state);
  const started = state.lease && { startTime: state.lease.at };
  const ended = state.endedAt !== undefined && { endTime: state.endedAt };
  const phases = state.phases.map(phase);
  return {
    id,
    arn: sandboxArn(spec, id),
    projectName: spec.project,
    requestTime: state.submittedAt,
    ...started,
    ...ended,
    status,
    source: spec.source,
    ...(spec.sourceVersion !== undefined && { sourceVersion: spec.sourceVersion }),
    secondarySources: spec.secondarySources,
    secondarySourceVersions: Object.entries(spec.secondaryVersions).map(([sourceIdentifier, sourceVersion]) => ({
      sourceIdentifier,
      sourceVersion,
    })),
    environment: spec.environment,
    timeoutInMinutes: spec.timeoutMinutes,
    queuedTimeoutInMinutes: spec.queuedTimeoutMinutes,
    ...(spec.vpcConfig && { vpcConfig: spec.vpcConfig }),
    ...(spec.logsConfig && { logConfig: spec.logsConfig }),
    ...(spec.encryptionKey !== undefined && { encryptionKey: spec.encryptionKey }),
    serviceRole: spec.serviceRole,
    currentSession: {
      id: spec.uuid,
      status,
      ...started,
      ...ended,
      currentPhase: phases.at(-1)?.phaseType,
      phases,
      ...(state.resolvedSourceVersion !== undefined && { resolvedSourceVersion: state.resolvedSourceVersion }),
      logs: logsView(spec),
    },
  } as Sandbox;
}
