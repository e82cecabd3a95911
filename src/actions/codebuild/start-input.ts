import type { StartBuildBatchInput, StartBuildInput } from '../../services/codebuild/api.gen.ts';
import type { ArtifactLocation } from '../../services/codepipeline/provider.ts';
import { sources } from './artifacts.ts';
import { environmentOverride } from './environment.ts';
import type { BuildJob, Fault } from './job.ts';

/** AWS asks for PrimarySource as soon as there is a choice. */
function primarySource({ configuration: { PrimarySource }, inputs }: BuildJob): ArtifactLocation | Fault {
  const [first] = inputs;
  if (!first) return { problem: 'A build in a pipeline needs at least one input artifact.' };
  if (PrimarySource === undefined && inputs.length > 1)
    return { problem: 'PrimarySource must name one of the input artifacts, as there are several.' };
  const found = PrimarySource === undefined ? first : inputs.find(({ name }) => name === PrimarySource);
  return found ?? { problem: `PrimarySource names '${PrimarySource}', which is no input artifact of the action.` };
}

/** What a build and a batch are started with alike: all but their artifacts. */
export function startInput(job: BuildJob): (StartBuildInput & StartBuildBatchInput) | Fault {
  const { ProjectName = '', BuildspecOverride, EnvironmentVariables } = job.configuration;
  const environment = environmentOverride(EnvironmentVariables);
  if ('problem' in environment) return environment;
  const primary = primarySource(job);
  if ('problem' in primary) return primary;
  return {
    projectName: ProjectName,
    idempotencyToken: job.id,
    ...sources(primary, job.inputs),
    ...(BuildspecOverride !== undefined && { buildspecOverride: BuildspecOverride }),
    ...(environment.variables.length > 0 && { environmentVariablesOverride: environment.variables }),
  };
}
