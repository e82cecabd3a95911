import type { ActionProvider } from '../../services/codepipeline/provider.ts';

/**
 * Waits for PutApprovalResult, which is an input to the pipeline itself: there is nothing to start and nothing to look at.
 * https://docs.aws.amazon.com/codepipeline/latest/userguide/approvals.html
 */
export const manualApproval: ActionProvider = {
  type: { category: 'Approval', owner: 'AWS', provider: 'Manual', version: '1' },
  settings: {
    NotificationArn: { required: false, type: 'String', description: 'The SNS topic that is told of the waiting approval.' },
    CustomData: { required: false, type: 'String', description: 'A comment for whoever decides.' },
    ExternalEntityLink: { required: false, type: 'String', description: 'A URL that shows what is to be approved.' },
  },
  artifacts: { inputs: { min: 0, max: 0 }, outputs: { min: 0, max: 0 } },
  timeoutMinutes: 7 * 24 * 60,
  async start({ token = '', configuration }) {
    const summary = configuration.CustomData;
    return { kind: 'running', ref: { id: token }, wakeOn: [], ...(summary !== undefined && { summary }) };
  },
  async poll(_job, ref) {
    return { kind: 'running', ref, wakeOn: [] };
  },
  async stop() {},
};
