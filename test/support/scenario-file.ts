import type { ConditionType, PipelineDeclaration, SourceRevisionType } from '../../src/services/codepipeline/api.gen.ts';
import { partOf, type ShortPipeline } from './scenario-pipeline.ts';

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

/** One thing somebody does. `execution` counts from 1, in the order in which executions started; 0 is one that never was. */
export interface Input {
  /** Seconds after the beginning. */
  readonly at: number;
  readonly do: Deed;
  readonly execution?: number;
  readonly stage?: string;
  readonly action?: string;
  readonly condition?: ConditionType;
  readonly revision?: string;
  /** Of a transition, where it is not the inbound one. */
  readonly transition?: 'Outbound';
  /** Why somebody disables a transition or stops. */
  readonly reason?: string;
  /** The client's token of a start; the token that an approval gives instead of the right one. */
  readonly token?: string;
  readonly variables?: Readonly<Record<string, string>>;
  /** Source revisions to start on: `{ "Src": ["COMMIT_ID", "abc"] }`. */
  readonly sources?: Readonly<Record<string, readonly [type: SourceRevisionType, value: string]>>;
  readonly pipeline?: Partial<PipelineDeclaration> | Partial<ShortPipeline>;
  /** The error code AWS answers, and a part of the message. */
  readonly refused?: string;
  readonly saying?: string;
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

/** The whole declaration, of a whole one or of one in short; of a part of one in short, that part. */
export function whole(pipeline: PipelineDeclaration | ShortPipeline): PipelineDeclaration;
export function whole(pipeline: Partial<PipelineDeclaration> | Partial<ShortPipeline>): Partial<PipelineDeclaration>;
export function whole(pipeline: Partial<PipelineDeclaration> | Partial<ShortPipeline>): Partial<PipelineDeclaration> {
  const { stages, variables } = pipeline;
  const isShort =
    'mode' in pipeline || 'type' in pipeline || [stages, variables].some((part) => part !== undefined && !Array.isArray(part));
  return isShort ? partOf(pipeline as Partial<ShortPipeline>) : (pipeline as Partial<PipelineDeclaration>);
}
