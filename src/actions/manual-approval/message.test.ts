import { expect, it } from 'vitest';
import type { ActionJob } from '../../services/codepipeline/provider.ts';
import { approvalMessage } from './message.ts';

const JOB: ActionJob = {
  id: 'a1',
  account: '123456789012',
  region: 'us-east-2',
  pipeline: { name: 'MyFirstPipeline', version: 1, arn: 'arn:aws:codepipeline:us-east-2:123456789012:MyFirstPipeline' },
  executionId: 'e1',
  stage: 'MyApprovalStage',
  action: 'MyApprovalAction',
  role: undefined,
  configuration: { CustomData: 'Look at it.', ExternalEntityLink: 'http://example.com' },
  inputs: [],
  outputs: [],
  token: 'the-token',
  deadline: Date.UTC(2016, 6, 7, 20, 22, 33),
};
const LINKS = { home: 'http://pw', review: 'http://pw/r', approve: 'http://pw/r?decision=approve', reject: 'http://pw/r?decision=reject' };

const documentOf = (job: ActionJob): unknown =>
  JSON.parse((JSON.parse(approvalMessage(job, LINKS).message) as { default: string }).default);

it('is the document that AWS describes, with our links', () => {
  expect(documentOf(JOB)).toEqual({
    region: 'us-east-2',
    consoleLink: 'http://pw',
    approval: {
      pipelineName: 'MyFirstPipeline',
      stageName: 'MyApprovalStage',
      actionName: 'MyApprovalAction',
      token: 'the-token',
      expires: '2016-07-07T20:22Z',
      externalEntityLink: 'http://example.com',
      approvalReviewLink: 'http://pw/r',
      approveLink: 'http://pw/r?decision=approve',
      rejectLink: 'http://pw/r?decision=reject',
      customData: 'Look at it.',
    },
  });
});

it('says nothing of what is not configured', () => {
  const { approval } = documentOf({ ...JOB, configuration: {} }) as { approval: object };
  expect(Object.keys(approval)).not.toContain('customData');
  expect(Object.keys(approval)).not.toContain('externalEntityLink');
});

it('has a subject that SNS takes, however long the names', () => {
  expect(approvalMessage(JOB, LINKS).subject).toBe('APPROVAL NEEDED: AWS CodePipeline MyFirstPipeline for action MyApprovalAction');
  expect(approvalMessage({ ...JOB, action: 'a'.repeat(100) }, LINKS).subject).toHaveLength(100);
});

it('is a text with both links for whoever reads mail, and no token of the API', () => {
  const { email } = JSON.parse(approvalMessage(JOB, LINKS).message) as { email: string };
  expect(email).toContain('Approve: http://pw/r?decision=approve\nReject:  http://pw/r?decision=reject');
  expect(email).toContain('Look at it.');
  expect(email).not.toContain('the-token');
});
