import { membersOf } from './input.ts';
import type { TargetKind } from './target-kind.ts';

/** An input transformer may pin revisions and set variables: https://docs.aws.amazon.com/codepipeline/latest/userguide/pipelines-trigger-source-overrides.html */
const MEMBERS = ['sourceRevisions', 'variables'] as const;

/** `arn:aws:codepipeline:REGION:ACCOUNT:NAME`: starts an execution. The session of the call names the rule as its trigger. */
export const codepipelineTarget: TargetKind = {
  accepts: ({ service, resource }) => service === 'codepipeline' && !/[:/]/.test(resource),
  needsRole: true,
  async send({ arn, input, token, clients }) {
    await clients.codepipeline.startPipelineExecution({ ...membersOf(input, MEMBERS), name: arn.resource, clientRequestToken: token });
  },
};
