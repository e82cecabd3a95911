import type { ActionExecutionDetail, PipelineDeclaration } from '../api.gen.ts';
import type { PipelineCommand } from './commands.ts';
import type { ExecutionRecord } from './history.ts';
import { unmaskSecrets } from './secret-values.ts';
import type { RevisionOverride } from './state.ts';
import type { ArtifactLocation } from './values.ts';

export type RerunPlan =
  | { readonly ok: true; readonly start: Pick<Extract<PipelineCommand, { type: 'startFrom' }>, 'stage' | 'carried' | 'only' | 'overrides'> }
  | { readonly ok: false; readonly message: string };

/**
 * One action again, on exactly what it was given then: its resolved configuration, and its input artifacts where they lay. A
 * source takes the revision that it took.
 */
export function planRerun(detail: ActionExecutionDetail, record: ExecutionRecord, declaration: PipelineDeclaration): RerunPlan {
  const { actionExecutionId, stageName: stage = '', actionName: action = '', status, input } = detail;
  if (status === 'InProgress') return { ok: false, message: `The action execution '${actionExecutionId}' still runs.` };
  const declared = declaration.stages.find(({ name }) => name === stage)?.actions.find(({ name }) => name === action);
  if (!declared) return { ok: false, message: `Version ${record.version} of the pipeline has no action '${stage}/${action}'.` };
  const inputs = (input?.inputArtifacts ?? []).map(({ name = '', s3location }): ArtifactLocation => {
    return { name, bucket: s3location?.bucket ?? '', key: s3location?.key ?? '' };
  });
  const missing = (declared.inputArtifacts ?? []).find(({ name }) => !inputs.some((given) => given.name === name));
  if (missing) return { ok: false, message: `The action execution '${actionExecutionId}' had no input artifact '${missing.name}'.` };
  const { outputs, revisions } = record;
  const artifacts = Object.fromEntries(inputs.map((location) => [location.name, location]));
  const overrides = declared.actionTypeId.category === 'Source' ? takenBy(action, record) : [];
  return {
    ok: true,
    start: {
      stage,
      carried: { artifacts, outputs, revisions },
      only: { action, configuration: unmaskSecrets(input?.resolvedConfiguration ?? {}, declared.configuration ?? {}) },
      ...(overrides.length > 0 && { overrides }),
    },
  };
}

function takenBy(action: string, { revisions, overrides }: ExecutionRecord): readonly RevisionOverride[] {
  const revision = revisions[action]?.revisionId;
  const keys = overrides.filter((override) => override.action === action && override.revisionType === 'S3_OBJECT_KEY');
  return revision === undefined ? keys : [...keys, { action, revisionType: 'COMMIT_ID', revision }];
}
