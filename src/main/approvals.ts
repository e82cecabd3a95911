import { formatArn } from '../kernel/arn.ts';
import type { Approvals } from '../planes/approvals/index.ts';
import type { Aws } from '../services/aws.gen.ts';

/** Whoever decides by a link is no user: the history names this role, with the link as its session. */
const ROLE = 'role/aws-service-role/pipewright/ApprovalLink';

/** The page of an approval's link calls CodePipeline as anybody does. */
export function approvalsOf(aws: Aws): Approvals {
  return {
    async isWaiting({ account, region, pipeline, executionId, actionExecutionId }) {
      const { codepipeline } = aws.as({ session: 'approval-page', account, region });
      const filter = { pipelineExecutionId: executionId };
      let nextToken: string | undefined;
      do {
        const page = await codepipeline.listActionExecutions({
          pipelineName: pipeline,
          filter,
          ...(nextToken !== undefined && { nextToken }),
        });
        const found = page.actionExecutionDetails?.find((detail) => detail.actionExecutionId === actionExecutionId);
        if (found) return found.status === 'InProgress';
        nextToken = page.nextToken;
      } while (nextToken !== undefined);
      return false;
    },
    async decide({ account, region, pipeline, stage, action, token }, session, result) {
      const { codepipeline } = aws.as({ role: formatArn('iam', '', account, ROLE), session, account, region });
      await codepipeline.putApprovalResult({ pipelineName: pipeline, stageName: stage, actionName: action, token, result });
    },
  };
}
