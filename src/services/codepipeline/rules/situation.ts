import type { Step } from '../../../kernel/step.ts';
import type { PipelineDeclaration, StageDeclaration } from '../api.gen.ts';
import type { Catalogues } from './catalogue.ts';
import type { Execution, PipelineState } from './state.ts';

/** Everything that a decision about an execution inside its stage looks at. */
export interface Situation {
  readonly state: PipelineState;
  readonly execution: Execution;
  readonly declaration: PipelineDeclaration;
  readonly stage: StageDeclaration;
  readonly step: Step;
  readonly catalogues: Catalogues;
  readonly place: { readonly executionId: string; readonly stage: string; readonly at: number };
}
