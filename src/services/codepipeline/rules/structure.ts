import { errors, type PipelineDeclaration } from '../api.gen.ts';
import { declarationOf, type PipelineState } from './state.ts';

/** Throws StageNotFoundException where the pipeline has no such stage. */
export function requireStage(declaration: PipelineDeclaration, name: string): PipelineDeclaration['stages'][number] {
  const stage = declaration.stages.find((candidate) => candidate.name === name);
  if (!stage) throw errors.StageNotFoundException(`The pipeline '${declaration.name}' has no stage '${name}'.`);
  return stage;
}

/**
 * The newest structure that has a stage of that name: that of now, or one that an execution still runs, for it keeps its own until its
 * end. Throws StageNotFoundException where none has.
 */
export function structureWith(state: PipelineState, stage: string): PipelineDeclaration {
  const versions = Object.values(state.declarations).toReversed();
  const found = versions.find(({ stages }) => stages.some(({ name }) => name === stage));
  if (!found) requireStage(declarationOf(state), stage);
  return found ?? declarationOf(state);
}
