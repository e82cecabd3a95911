import type { ActionDeclaration, PipelineDeclaration, StageDeclaration } from '../api.gen.ts';
import type { ExecutionRecord } from './history.ts';
import type { Carried, Execution } from './state.ts';
import { namespacesIn } from './variables.ts';

export type ReplayPlan =
  | { readonly ok: true; readonly stage: string; readonly carried: Carried }
  | { readonly ok: false; readonly why: 'NoSuchStage' | 'NotReplayable'; readonly message: string };

/**
 * Where an execution begins again, and with what: the stage after the sources where none is named. It is given what the stages
 * before that one had made, and nothing that comes later. Refused where something that is still needed was never made.
 */
export function planReplay(record: ExecutionRecord, declaration: PipelineDeclaration, wanted: string | undefined): ReplayPlan {
  const refuse = (message: string) => ({ ok: false, why: 'NotReplayable', message }) as const;
  if (record.rollbackOf !== undefined)
    return refuse(`The execution '${record.id}' is a rollback: replay the one it went back to, '${record.rollbackOf}'.`);
  if (record.only) return refuse(`The execution '${record.id}' ran one action alone: run that action again instead.`);
  const index = wanted === undefined ? 1 : declaration.stages.findIndex(({ name }) => name === wanted);
  const stage = declaration.stages[index];
  if (!stage)
    return { ok: false, why: 'NoSuchStage', message: `Version ${record.version} of the pipeline has no stage '${wanted ?? ''}'.` };
  if (index === 0) return refuse(`A replay keeps the recorded revisions: it begins after the source stage '${stage.name}'.`);
  const [before, rest] = [declaration.stages.slice(0, index), declaration.stages.slice(index)];
  const missing = whatIsMissing(record, before, rest);
  if (missing.length > 0)
    return refuse(`The execution '${record.id}' never made what the stage '${stage.name}' needs: ${missing.join(', ')}.`);
  return { ok: true, stage: stage.name, carried: carriedFrom(record, before) };
}

/** A replay, or one action again: it was given what another execution had made. A rollback has its own rules. */
export function startsFromAnother({ replayOf, only }: Execution): boolean {
  return replayOf !== undefined || only?.action !== undefined;
}

const actionsOf = (stages: readonly StageDeclaration[]): readonly ActionDeclaration[] => stages.flatMap(({ actions }) => actions);

function artifactsOf(stages: readonly StageDeclaration[]): ReadonlySet<string> {
  return new Set(actionsOf(stages).flatMap(({ outputArtifacts = [] }) => outputArtifacts.map(({ name }) => name)));
}

function namespacesOf(stages: readonly StageDeclaration[]): ReadonlySet<string> {
  return new Set(actionsOf(stages).flatMap(({ namespace }) => namespace ?? []));
}

function rulesOf({ beforeEntry, onSuccess, onFailure }: StageDeclaration) {
  return [beforeEntry, onSuccess, onFailure].flatMap((on) => (on?.conditions ?? []).flatMap(({ rules = [] }) => rules));
}

/** Of what earlier stages make and the rest takes: artifacts and namespaces that the execution does not have. */
function whatIsMissing(record: ExecutionRecord, before: readonly StageDeclaration[], rest: readonly StageDeclaration[]): readonly string[] {
  const takers = rest.flatMap((stage) => [...stage.actions, ...rulesOf(stage)]);
  const [artifacts, namespaces] = [artifactsOf(before), namespacesOf(before)];
  const taken = new Set(takers.flatMap(({ inputArtifacts = [] }) => inputArtifacts.map(({ name }) => name)));
  const named = new Set(takers.flatMap((taker) => namespacesIn(taker).map(({ namespace }) => namespace)));
  return [
    ...[...taken].filter((name) => artifacts.has(name) && !record.artifacts[name]).map((name) => `the artifact ${name}`),
    ...[...named].filter((name) => namespaces.has(name) && !record.outputs[name]).map((name) => `the variables of ${name}`),
  ];
}

function carriedFrom({ artifacts, outputs, revisions }: ExecutionRecord, before: readonly StageDeclaration[]): Carried {
  const [made, spaces] = [artifactsOf(before), namespacesOf(before)];
  const sources = new Set(actionsOf(before).map(({ name }) => name));
  return { artifacts: pick(artifacts, made), outputs: pick(outputs, spaces), revisions: pick(revisions, sources) };
}

function pick<T>(from: Readonly<Record<string, T>>, names: ReadonlySet<string>): Readonly<Record<string, T>> {
  return Object.fromEntries(Object.entries(from).filter(([name]) => names.has(name)));
}
