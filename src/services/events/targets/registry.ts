import type { ArnParts } from '../../../kernel/arn.ts';
import { codebuildTarget } from './codebuild.ts';
import { codepipelineTarget } from './codepipeline.ts';
import { eventBusTarget } from './event-bus.ts';
import { logGroupTarget } from './log-group.ts';
import { snsTarget } from './sns.ts';
import type { TargetKind } from './target-kind.ts';

const KINDS: readonly TargetKind[] = [codepipelineTarget, codebuildTarget, logGroupTarget, snsTarget, eventBusTarget];

/** The kind of a target; undefined for AWS's others. */
export function targetKind(arn: ArnParts): TargetKind | undefined {
  return KINDS.find(({ accepts }) => accepts(arn));
}
