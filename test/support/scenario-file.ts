import type { ConditionType, PipelineDeclaration, SourceRevisionType } from '../../src/services/codepipeline/api.gen.ts';
import { pipelineOf, type ShortPipeline } from './scenario-pipeline.ts';

type Deed =
  | 'start'
  | 'stop'
  | 'abandon'
  | 'retry'
  | 'retryAll'
  | 'approve'
  | 'reject'
  | 'disable'
  | 'enable'
  | 'update'
  | 'delete'
  | 'rollback'
  | 'override'
  | 'revision';

/** One thing somebody does. `execution` counts from 1, in the order in which executions started. */
export interface Input {
  /** Seconds after the beginning. */
  readonly at: number;
  readonly do: Deed;
  readonly execution?: number;
  readonly stage?: string;
  readonly action?: string;
  readonly condition?: ConditionType;
  readonly revision?: string;
  readonly variables?: Readonly<Record<string, string>>;
  /** Source revisions to start on: `{ "Src": ["COMMIT_ID", "abc"] }`. */
  readonly sources?: Readonly<Record<string, readonly [type: SourceRevisionType, value: string]>>;
  readonly pipeline?: Partial<PipelineDeclaration> | ShortPipeline;
  /** The error code AWS answers. */
  readonly refused?: string;
}

export interface Scenario {
  /** What AWS documents, in a sentence, with the page. */
  readonly about: string;
  readonly pipeline: PipelineDeclaration | ShortPipeline;
  readonly inputs: readonly Input[];
  /** Seconds at which the scenario is over. */
  readonly until: number;
  /** `0s #1 stage Build STARTED`, in order. */
  readonly expect: readonly string[];
  /** How executions and stages stand in the end. */
  readonly final: readonly string[];
}

export interface Played {
  readonly expect: readonly string[];
  readonly final: readonly string[];
}

/** The whole declaration, of a whole one or of one in short. */
export function whole(pipeline: PipelineDeclaration | ShortPipeline): PipelineDeclaration;
export function whole(pipeline: Partial<PipelineDeclaration> | ShortPipeline): Partial<PipelineDeclaration>;
export function whole(pipeline: Partial<PipelineDeclaration> | ShortPipeline): Partial<PipelineDeclaration> {
  const { stages } = pipeline;
  return stages === undefined || Array.isArray(stages) ? (pipeline as Partial<PipelineDeclaration>) : pipelineOf(pipeline as ShortPipeline);
}
