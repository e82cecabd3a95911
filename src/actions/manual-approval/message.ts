import type { ApprovalLink } from '../../ports/approval-links.ts';
import type { ActionJob } from '../../services/codepipeline/provider.ts';

/** SNS takes no longer subject. */
const LONGEST_SUBJECT = 100;

interface Links extends ApprovalLink {
  readonly home: string;
}

export interface ApprovalMessage {
  readonly subject: string;
  readonly message: string;
}

function subjectOf({ pipeline, action }: ActionJob): string {
  const subject = `APPROVAL NEEDED: AWS CodePipeline ${pipeline.name} for action ${action}`;
  return subject.length > LONGEST_SUBJECT ? `${subject.slice(0, LONGEST_SUBJECT - 3)}...` : subject;
}

/** To the minute, as AWS's example has it: `2016-07-07T20:22Z`. */
function minute(at: number): string {
  return `${new Date(at).toISOString().slice(0, 16)}Z`;
}

/**
 * AWS's document, whose review link is ours, with the two links that propose a decision beside it; what is not configured stays away.
 * https://docs.aws.amazon.com/codepipeline/latest/userguide/approvals-json-format.html
 */
function documentOf(job: ActionJob, { home, review, approve, reject }: Links): string {
  const { region, pipeline, stage, action, token, deadline, configuration } = job;
  const { CustomData: customData, ExternalEntityLink: externalEntityLink } = configuration;
  return JSON.stringify({
    region,
    consoleLink: home,
    approval: {
      pipelineName: pipeline.name,
      stageName: stage,
      actionName: action,
      token,
      expires: minute(deadline),
      ...(externalEntityLink !== undefined && { externalEntityLink }),
      approvalReviewLink: review,
      approveLink: approve,
      rejectLink: reject,
      ...(customData !== undefined && { customData }),
    },
  });
}

/** For people who read it in their mail. */
function mailText(job: ActionJob, { approve, reject }: Links): string {
  const { pipeline, stage, action, executionId, region, account, deadline, configuration } = job;
  const { CustomData: customData, ExternalEntityLink: external } = configuration;
  return [
    `The pipeline ${pipeline.name} waits for your decision.`,
    '',
    `Stage:      ${stage}`,
    `Action:     ${action}`,
    `Execution:  ${executionId}`,
    `Account:    ${account}, ${region}`,
    `Until:      ${minute(deadline)}`,
    ...(external === undefined ? [] : [`To review:  ${external}`]),
    ...(customData === undefined ? [] : ['', customData]),
    '',
    `Approve: ${approve}`,
    `Reject:  ${reject}`,
    '',
    'Both lead to a page that asks once more. Whoever has these links can decide: pass them on with care.',
  ].join('\n');
}

/** The publication of an approval: the document for programs, a text for mail (MessageStructure json). */
export function approvalMessage(job: ActionJob, links: Links): ApprovalMessage {
  return { subject: subjectOf(job), message: JSON.stringify({ default: documentOf(job, links), email: mailText(job, links) }) };
}
