import type { ApprovalLinks, WaitingApproval } from '../../ports/approval-links.ts';
import type { ActionJob, ActionProvider, ActionTools, Progress } from '../../services/codepipeline/provider.ts';
import { errorCode } from '../error-code.ts';
import { approvalMessage } from './message.ts';

/** What SNS answers where another try would be answered the same. */
const HOPELESS = new Set(['NotFound', 'InvalidParameter', 'ParameterValueInvalid', 'AuthorizationError', 'AccessDenied']);

function waiting(job: ActionJob): WaitingApproval {
  const { account, region, pipeline, executionId, stage, action, id, token = '', deadline, configuration } = job;
  const { CustomData: customData, ExternalEntityLink: externalEntityLink } = configuration;
  return {
    account,
    region,
    pipeline: pipeline.name,
    executionId,
    stage,
    action,
    actionExecutionId: id,
    token,
    expires: deadline,
    ...(customData !== undefined && { customData }),
    ...(externalEntityLink !== undefined && { externalEntityLink }),
  };
}

/** Tells the topic. Started again after a crash it tells it again: another message, another link, one decision. */
async function notify(job: ActionJob, topic: string, links: ApprovalLinks, { aws }: ActionTools): Promise<Progress | undefined> {
  const { subject, message } = approvalMessage(job, { ...(await links.issue(waiting(job))), home: links.home() });
  try {
    await aws.sns.publish({ TopicArn: topic, Subject: subject, Message: message, MessageStructure: 'json' });
    return undefined;
  } catch (error) {
    if (!(error instanceof Error) || !HOPELESS.has(errorCode(error) ?? '')) throw error;
    return { kind: 'failed', reason: 'ConfigurationError', message: `The approval could not be sent to ${topic}: ${error.message}` };
  }
}

/**
 * Waits for PutApprovalResult, which is an input to the pipeline itself: there is nothing to look at. A topic is told when the wait
 * begins. https://docs.aws.amazon.com/codepipeline/latest/userguide/approvals.html
 */
export function manualApproval(links?: ApprovalLinks): ActionProvider {
  return {
    type: { category: 'Approval', owner: 'AWS', provider: 'Manual', version: '1' },
    settings: {
      NotificationArn: { required: false, type: 'String', description: 'The SNS topic that is told of the waiting approval.' },
      CustomData: { required: false, type: 'String', description: 'A comment for whoever decides.' },
      ExternalEntityLink: { required: false, type: 'String', description: 'A URL that shows what is to be approved.' },
    },
    artifacts: { inputs: { min: 0, max: 0 }, outputs: { min: 0, max: 0 } },
    timeoutMinutes: 7 * 24 * 60,
    async start(job, tools) {
      const { token = '', configuration } = job;
      const { CustomData: summary, NotificationArn: topic } = configuration;
      const refused = topic === undefined || !links ? undefined : await notify(job, topic, links, tools);
      return refused ?? { kind: 'running', ref: { id: token }, wakeOn: [], ...(summary !== undefined && { summary }) };
    },
    async poll(_job, ref) {
      return { kind: 'running', ref, wakeOn: [] };
    },
    async stop() {},
  };
}
