import type { ActionDeclaration } from '../api.gen.ts';
import type { PipelineEvent } from './events.ts';
import type { Situation } from './situation.ts';
import type { ActionRun } from './state.ts';
import type { ArtifactLocation } from './values.ts';
import { resolve } from './variables.ts';

interface Starting extends Situation {
  readonly action: ActionDeclaration;
}

/** Starts an action, or starts and fails it at once where its configuration or its artifacts cannot be resolved. */
export function startAction(starting: Starting): readonly PipelineEvent[] {
  const { execution, stage, action, step } = starting;
  const again = execution.only?.configuration;
  const resolved = resolve(again ? { ...action, configuration: {} } : action, execution);
  const missing = (action.inputArtifacts ?? []).find(({ name }) => !execution.artifacts[name]);
  const resolution = resolved.ok ? resolved : { configuration: action.configuration ?? {} };
  const run = newRun(starting, { ...resolution, ...(again && { configuration: again }) });
  const started: PipelineEvent = { type: 'actionStarted', executionId: execution.id, stage: stage.name, run };
  const fail = (message: string): readonly PipelineEvent[] => {
    const place = { executionId: execution.id, stage: stage.name, action: action.name, at: step.now };
    return [started, { type: 'actionFailed', ...place, code: 'ConfigurationError', message }];
  };
  if (!resolved.ok)
    return fail(`The variable reference ${resolved.reference} cannot be resolved: no earlier action of this execution has set it.`);
  if (missing) return fail(`The input artifact ${missing.name} was not produced by this execution.`);
  return [started];
}

type Resolution = Pick<ActionRun, 'configuration' | 'commands' | 'environmentVariables'>;

function newRun(starting: Starting, { configuration, commands, environmentVariables }: Resolution): ActionRun {
  const { state, execution, action, step, catalogues } = starting;
  const minutes = action.timeoutInMinutes ?? catalogues.actions.find(action.actionTypeId, state)?.timeoutMinutes ?? 60;
  return {
    id: step.id(),
    action: action.name,
    executionId: execution.id,
    status: 'InProgress',
    startedAt: step.now,
    changedAt: step.now,
    deadline: step.now + minutes * 60_000,
    configuration,
    ...(commands && { commands }),
    ...(environmentVariables && { environmentVariables }),
    inputs: (action.inputArtifacts ?? []).flatMap(({ name }) => execution.artifacts[name] ?? []),
    outputs: (action.outputArtifacts ?? []).map(({ name }) => outputLocation(starting, name)),
    ...(action.actionTypeId.category === 'Approval' && { token: step.id() }),
  };
}

/** `pipeline/artifact/random`, the names cut as AWS cuts them: https://docs.aws.amazon.com/codepipeline/latest/userguide/welcome-introducing-artifacts.html */
function outputLocation({ declaration, action, state, step }: Starting, name: string): ArtifactLocation {
  const store = declaration.artifactStore ?? declaration.artifactStores?.[action.region ?? state.region];
  const random = step.id().replaceAll('-', '').slice(-7);
  return { name, bucket: store?.location ?? '', key: `${declaration.name.slice(0, 20)}/${name.slice(0, 10)}/${random}` };
}
