import type { ProjectArtifacts } from '../../api.gen.ts';
import type { BuildSpec } from '../build/state.ts';
import type { BatchOrder } from './state.ts';
import type { BatchTask } from './types.ts';

type Targets = Pick<BuildSpec, 'artifacts' | 'secondaryArtifacts'>;

const NONE: ProjectArtifacts = { type: 'NO_ARTIFACTS' };
const joined = (...parts: readonly (string | undefined)[]): string =>
  parts.flatMap((part) => (part ?? '').replace(/^\/+|\/+$/g, '') || []).join('/');

/** The batch ends with one artifact out of those of its builds. */
export function combines({ config, build }: Pick<BatchOrder, 'config' | 'build'>): boolean {
  return config.combineArtifacts === true && build.artifacts.type !== 'NO_ARTIFACTS';
}

/** The pipeline's output that a build fills: `TASK` its primary artifact, `TASK_ID` its secondary artifact ID. The longest task that fits has it. */
export function outputOf(name: string, tasks: readonly Pick<BatchTask, 'identifier'>[]): { task: string; secondary?: string } | undefined {
  const fits = tasks.map(({ identifier }) => identifier).filter((task) => name === task || name.startsWith(`${task}_`));
  const task = fits.toSorted((a, b) => b.length - a.length)[0];
  if (task === undefined) return undefined;
  return name === task ? { task } : { task, secondary: name.slice(task.length + 1) };
}

const isOutput = ({ type }: ProjectArtifacts): boolean => type === 'CODEPIPELINE';

/** https://docs.aws.amazon.com/codebuild/latest/userguide/sample-codepipeline.html: outputs are named for the builds that make them. */
function pipelineTargets(build: BuildSpec, task: string, tasks: readonly BatchTask[]): Targets {
  const mine = build.secondaryArtifacts.filter(isOutput).flatMap((target) => {
    const output = outputOf(target.artifactIdentifier ?? '', tasks);
    return output?.task === task ? [{ target, secondary: output.secondary }] : [];
  });
  const primary = mine.find(({ secondary }) => secondary === undefined)?.target;
  const { artifactIdentifier: _identifier, ...artifacts } = primary ?? NONE;
  const secondaryArtifacts = mine.flatMap(({ target, secondary }) =>
    secondary === undefined ? [] : [{ ...target, artifactIdentifier: secondary }],
  );
  return { artifacts, secondaryArtifacts };
}

/** Where a build of a combining batch leaves its primary artifact: a zip beside the others, from which the one is made. */
function pieceOf({ uuid, build: { artifacts } }: BatchOrder, task: string): ProjectArtifacts {
  const { type, location, path } = artifacts;
  const kept = { type, ...(location !== undefined && { location }) };
  if (type === 'CODEPIPELINE') return { ...kept, path: joined(path, task) };
  return { ...kept, path: joined(path, uuid), name: `${task}.zip`, packaging: 'ZIP', namespaceType: 'NONE' };
}

/** Where the artifacts of a task's build go. */
export function taskTargets(order: BatchOrder, task: string, tasks: readonly BatchTask[]): Targets {
  const { build } = order;
  if (combines(order)) return { artifacts: pieceOf(order, task), secondaryArtifacts: build.secondaryArtifacts };
  if (build.secondaryArtifacts.some(isOutput)) return pipelineTargets(build, task, tasks);
  return { artifacts: build.artifacts, secondaryArtifacts: build.secondaryArtifacts };
}

/** Where the combined artifact goes: as a build's would, with the batch's id where the namespace is an id. */
export function combinedTarget({ uuid, build: { artifacts } }: BatchOrder): ProjectArtifacts {
  const { namespaceType, overrideArtifactName: _override, ...target } = artifacts;
  return namespaceType === 'BUILD_ID' ? { ...target, path: joined(target.path, uuid) } : target;
}

/** Outputs of the pipeline's action that no build of the batch would make. */
export function orphans({ build }: Pick<BatchOrder, 'build'>, tasks: readonly BatchTask[]): readonly string[] {
  const names = build.secondaryArtifacts.filter(isOutput).map(({ artifactIdentifier = '' }) => artifactIdentifier);
  return names.filter((name) => !outputOf(name, tasks));
}
