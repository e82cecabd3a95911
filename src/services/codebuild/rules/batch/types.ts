import type { Finding } from '../buildspec/types.ts';

/** One build of a batch as the batchspec asks for it; what it does not say is the project's. */
export interface BatchTask {
  readonly identifier: string;
  readonly dependsOn: readonly string[];
  readonly ignoreFailure: boolean;
  readonly buildspec?: string;
  readonly debugSession?: boolean;
  readonly computeType?: string;
  readonly fleet?: string;
  readonly image?: string;
  readonly type?: string;
  readonly privilegedMode?: boolean;
  readonly variables: readonly { readonly name: string; readonly value: string }[];
  /** Of a fan-out: which of how many; counted from 0. */
  readonly shard?: { readonly index: number; readonly total: number };
}

/** The `batch` section with matrix and fan-out written out: one task a build, in the order of the file. */
export interface Batchspec {
  readonly fastFail: boolean;
  readonly tasks: readonly BatchTask[];
}

export type ParsedBatchspec =
  | { readonly ok: Batchspec; readonly warnings: readonly Finding[] }
  | { readonly errors: readonly Finding[]; readonly warnings: readonly Finding[] };

/** https://docs.aws.amazon.com/codebuild/latest/userguide/batch-build-buildspec.html */
export const BATCH_TYPES = ['build-graph', 'build-list', 'build-matrix', 'build-fanout'] as const;

/** Builds of one batch, whatever its restrictions say. https://docs.aws.amazon.com/codebuild/latest/APIReference/API_BatchRestrictions.html */
export const MOST_BUILDS = 100;
