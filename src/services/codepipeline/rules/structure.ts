import { errors, type PipelineDeclaration } from '../api.gen.ts';

/** Throws StageNotFoundException where the pipeline has no such stage. */
export function requireStage(declaration: PipelineDeclaration, name: string): PipelineDeclaration['stages'][number] {
  const stage = declaration.stages.find((candidate) => candidate.name === name);
  if (!stage) throw errors.StageNotFoundException(`The pipeline '${declaration.name}' has no stage '${name}'.`);
  return stage;
}
