import { createPublicKey, verify } from 'node:crypto';
import { CreateCommitCommand, CreateRepositoryCommand } from '@aws-sdk/client-codecommit';
import {
  CreatePipelineCommand,
  GetPipelineStateCommand,
  StartPipelineExecutionCommand,
  type ActionDeclaration,
} from '@aws-sdk/client-codepipeline';
import { EventBridgeClient, PutEventsCommand, PutRuleCommand, PutTargetsCommand } from '@aws-sdk/client-eventbridge';
import { CreateBucketCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { awsCli, type CliVersion } from '../support/aws-cli.ts';
import { Clients } from '../support/clients.ts';
import { send } from '../support/http.ts';
import { json, Receiver, type Posted } from '../support/receiver.ts';
import { StartedServer } from '../support/server.ts';
import { MailServer, type ReceivedMail } from '../support/smtp.ts';

const ACCOUNT = '000000000000';
const arn = (service: string, resource: string): string => `arn:aws:${service}:us-east-1:${ACCOUNT}:${resource}`;
const type = (category: string, provider: string) =>
  ({ category, owner: 'AWS', provider, version: '1' }) as ActionDeclaration['actionTypeId'];

let server: StartedServer;
let receiver: Receiver;
let mails: MailServer;
let aws: Clients;
let TopicArn: string;

async function cli(version: CliVersion, ...args: readonly string[]): Promise<Record<string, unknown>> {
  const { code, stdout, stderr } = await awsCli(version, args, { endpoint: server.endpoint, key: server.key });
  expect(stderr.trim(), args.join(' ')).toBe('');
  expect(code).toBe(0);
  return stdout.trim() === '' ? {} : (JSON.parse(stdout) as Record<string, unknown>);
}

const sns = (...args: readonly string[]) => cli('v2', 'sns', ...args);

const ofType =
  (path: string, kind: string) =>
  (post: Posted): boolean =>
    post.path === path && post.headers['x-amz-sns-message-type'] === kind;

/** As validators of SNS messages do it, with the certificate that the message names. */
async function isGenuine(document: Record<string, string>): Promise<boolean> {
  const names =
    document.Type === 'Notification'
      ? ['Message', 'MessageId', 'Subject', 'Timestamp', 'TopicArn', 'Type']
      : ['Message', 'MessageId', 'SubscribeURL', 'Timestamp', 'Token', 'TopicArn', 'Type'];
  const text = names.flatMap((name) => (document[name] === undefined ? [] : [`${name}\n${document[name]}\n`])).join('');
  const certificate = await (await fetch(document.SigningCertURL!)).text();
  const digest = document.SignatureVersion === '1' ? 'RSA-SHA1' : 'RSA-SHA256';
  return verify(digest, Buffer.from(text), createPublicKey(certificate), Buffer.from(document.Signature!, 'base64'));
}

async function subscribed(path: string): Promise<string> {
  await sns('subscribe', '--topic-arn', TopicArn, '--protocol', 'http', '--notification-endpoint', receiver.url + path);
  const { SubscribeURL } = json(await receiver.post(ofType(path, 'SubscriptionConfirmation')));
  const answer = await (await fetch(SubscribeURL!)).text();
  return /<SubscriptionArn>(.*)<\/SubscriptionArn>/.exec(answer)![1]!;
}

beforeAll(async () => {
  [receiver, mails] = [await Receiver.start(), await MailServer.start({ login: { user: 'pw', password: 'mail secret' } })];
  const env = { PIPEWRIGHT_SMTP_URL: `smtp://pw:mail%20secret@127.0.0.1:${mails.port}` };
  server = await StartedServer.start({ args: ['--mail-from', 'pipewright@example.com'], env });
  aws = new Clients(server);
  TopicArn = (await sns('create-topic', '--name', 'approvals', '--attributes', 'DisplayName=Releases')).TopicArn as string;
});
afterAll(async () => {
  aws?.close();
  await server?.end();
  await receiver.end();
  await mails.end();
});

describe('SNS, as the AWS CLI uses it', () => {
  it('confirms by the link in its message, tells, signs, and ends by the link in its message', async () => {
    const subscription = await subscribed('/hook');
    const { MessageId } = await sns('publish', '--topic-arn', TopicArn, '--message', 'Hello', '--subject', 'Hi');
    const document = json(await receiver.post(ofType('/hook', 'Notification')));
    expect(document).toMatchObject({ MessageId, Subject: 'Hi', Message: 'Hello', TopicArn });
    expect(await isGenuine(document)).toBe(true);
    expect(await isGenuine({ ...document, Message: 'Hallo' })).toBe(false);
    const confirmation = json(await receiver.post(ofType('/hook', 'SubscriptionConfirmation')));
    expect(await isGenuine(confirmation)).toBe(true);

    const { Attributes } = await sns('get-subscription-attributes', '--subscription-arn', subscription);
    expect(Attributes).toMatchObject({ PendingConfirmation: 'false', Protocol: 'http', Endpoint: `${receiver.url}/hook` });
    const ended = await fetch(document.UnsubscribeURL!);
    expect([ended.status, await ended.text()]).toEqual([200, expect.stringContaining('<UnsubscribeResponse')]);
    expect((await sns('list-subscriptions-by-topic', '--topic-arn', TopicArn)).Subscriptions).toEqual([]);
    const wrong = await fetch(`${server.endpoint}/?Action=ConfirmSubscription&TopicArn=${TopicArn}&Token=abc`);
    expect([wrong.status, await wrong.text()]).toEqual([400, expect.stringContaining('<Code>InvalidParameter</Code>')]);
  });

  it('publishes what EventBridge sends', async () => {
    await subscribed('/events');
    const events = new EventBridgeClient({ endpoint: server.endpoint, region: 'us-east-1', credentials: server.key });
    await events.send(new PutRuleCommand({ Name: 'orders', EventPattern: '{"source":["shop"]}' }));
    await events.send(new PutTargetsCommand({ Rule: 'orders', Targets: [{ Id: '1', Arn: TopicArn, InputPath: '$.detail' }] }));
    await events.send(new PutEventsCommand({ Entries: [{ Source: 'shop', DetailType: 'Order', Detail: '{"order":7}' }] }));
    expect(json(await receiver.post(ofType('/events', 'Notification'))).Message).toBe('{"order":7}');
    events.destroy();
  });

  it('delivers what it has acknowledged though it is killed while the receiver is away', async () => {
    await subscribed('/late');
    receiver.answer = ({ path }) => (path === '/late' ? 'hang' : 200);
    const { MessageId } = await sns('publish', '--topic-arn', TopicArn, '--message', 'not lost');
    await receiver.post(ofType('/late', 'Notification'));
    await server.kill9();
    receiver.answer = () => 200;
    await server.restart();
    expect(json(await receiver.post(ofType('/late', 'Notification'), 2)).MessageId).toBe(MessageId);
  });
});

/** A source, something to approve. */
const pipeline = (name: string) => ({
  name,
  roleArn: `arn:aws:iam::${ACCOUNT}:role/pipeline`,
  artifactStore: { type: 'S3', location: 'artifacts' } as const,
  stages: [
    {
      name: 'Source',
      actions: [
        {
          name: 'Checkout',
          actionTypeId: type('Source', 'CodeCommit'),
          configuration: { RepositoryName: 'site', BranchName: 'main' },
          outputArtifacts: [{ name: 'Code' }],
        },
      ],
    },
    {
      name: 'Release',
      actions: [
        {
          name: 'Ask',
          actionTypeId: type('Approval', 'Manual'),
          configuration: {
            NotificationArn: TopicArn,
            CustomData: 'Version <2> to everybody?',
            ExternalEntityLink: 'https://example.com/changes',
          },
        },
      ],
    },
  ],
});

describe('an approval', () => {
  const ask = async (name: string) => {
    const { stageStates } = await aws.codepipeline.send(new GetPipelineStateCommand({ name }));
    return stageStates!.find(({ stageName }) => stageName === 'Release')!.actionStates![0]!.latestExecution;
  };

  beforeAll(async () => {
    await aws.s3.send(new CreateBucketCommand({ Bucket: 'artifacts' }));
    await aws.codecommit.send(new CreateRepositoryCommand({ repositoryName: 'site' }));
    const putFiles = [{ filePath: 'page.html', fileContent: Buffer.from('<h1>2</h1>') }];
    await aws.codecommit.send(new CreateCommitCommand({ repositoryName: 'site', branchName: 'main', putFiles }));
    await sns('subscribe', '--topic-arn', TopicArn, '--protocol', 'email', '--notification-endpoint', 'ann@example.com');
    const asked = await mails.mail(({ to }) => to === 'ann@example.com');
    const page = /^http\S+\/confirm\?\S+$/m.exec(asked.text)![0];
    expect(await (await fetch(page)).text()).toContain('<button>Confirm</button>');
    expect((await sns('list-subscriptions')).Subscriptions).toContainEqual(
      expect.objectContaining({ SubscriptionArn: 'PendingConfirmation' }),
    );
    expect(await (await fetch(page, { method: 'POST' })).text()).toContain('The subscription is confirmed.');
  });

  it('comes by mail, with links that decide once, by a button', async () => {
    await subscribed('/approvals');
    await aws.codepipeline.send(new CreatePipelineCommand({ pipeline: pipeline('web') }));
    const mail = await mails.mail(({ headers }) => headers.subject === 'APPROVAL NEEDED: AWS CodePipeline web for action Ask');
    expect(mail.headers.from).toBe('"Releases" <pipewright@example.com>');
    const { Message } = json(await receiver.post(ofType('/approvals', 'Notification')));
    const { approval } = JSON.parse(Message!) as { approval: Record<string, string> };
    const waiting = await server.until('the approval', async () => {
      const run = await ask('web');
      return run?.token !== undefined && run;
    });
    expect(approval).toMatchObject({ pipelineName: 'web', stageName: 'Release', actionName: 'Ask', token: waiting.token });

    const link = /^Approve: (\S+)$/m.exec(mail.text)![1]!;
    expect(link).toBe(approval.approveLink);
    const page = await (await fetch(link)).text();
    expect(page).toContain('Version &lt;2&gt; to everybody?');
    expect(page).toContain('href="https://example.com/changes"');
    expect((await ask('web'))!.status).toBe('InProgress');

    const decide = (url: string, decision: string, headers: Record<string, string> = {}) =>
      fetch(url, { method: 'POST', headers, body: new URLSearchParams({ decision, comment: 'looks good' }) });
    expect((await decide(link, 'approve', { origin: 'http://evil.example' })).status).toBe(403);
    expect((await ask('web'))!.status).toBe('InProgress');
    expect(await (await decide(link, 'approve', { origin: server.endpoint })).text()).toContain('<h1>Approved</h1>');
    const decided = await server.until('the decision', async () => {
      const run = await ask('web');
      return run?.status === 'Succeeded' && run;
    });
    expect(decided).toMatchObject({
      summary: 'looks good',
      lastUpdatedBy: expect.stringMatching(/:assumed-role\/ApprovalLink\/link-[0-9a-f]{16}$/) as string,
    });
    expect(await (await decide(approval.rejectLink!, 'reject')).text()).toContain('<h1>Approved</h1>');
    expect(server.log).not.toContain(new URL(link).pathname.split('/').at(-1));
    expect(server.log).not.toContain('mail secret');
  });

  it('fails with a reason where its topic is not there', async () => {
    const { stages, ...rest } = pipeline('lost');
    const [source, release] = stages;
    const action = { ...release!.actions[0]!, configuration: { NotificationArn: arn('sns', 'nowhere') } };
    const changed = { ...rest, stages: [source!, { name: 'Release', actions: [action] }] };
    await aws.codepipeline.send(new CreatePipelineCommand({ pipeline: changed }));
    const run = await server.until('the failure', async () => {
      const latest = await ask('lost');
      return latest?.status === 'Failed' && latest;
    });
    expect(run.errorDetails).toEqual({
      code: 'ConfigurationError',
      message: `The approval could not be sent to ${arn('sns', 'nowhere')}: Topic does not exist`,
    });
  });

  it('and its failure are told by notification rules', async () => {
    const rule = {
      Name: 'web',
      Resource: arn('codepipeline', 'web'),
      DetailType: 'FULL',
      EventTypeIds: ['codepipeline-pipeline-manual-approval-needed', 'codepipeline-pipeline-pipeline-execution-failed'],
      Targets: [
        { TargetType: 'AWSChatbotSlack', TargetAddress: `${receiver.url}/slack/T0/secret` },
        { TargetType: 'AWSChatbotMicrosoftTeams', TargetAddress: `${receiver.url}/teams/secret` },
        { TargetType: 'SNS', TargetAddress: TopicArn },
      ],
    };
    const notifications = (...args: readonly string[]) => cli('v1', 'codestar-notifications', ...args);
    const { Arn } = await notifications('create-notification-rule', '--cli-input-json', JSON.stringify(rule));
    const shown = await notifications('describe-notification-rule', '--arn', Arn as string);
    expect(shown.Targets).toHaveLength(3);
    expect(JSON.stringify(shown)).not.toContain('secret');

    await aws.codepipeline.send(new StartPipelineExecutionCommand({ name: 'web' }));
    const slack = await receiver.post(({ path }) => path === '/slack/T0/secret');
    expect(slack.text).toContain('✋ web: Manual approval: Needed');
    expect(slack.text).toContain('Version &lt;2&gt; to everybody?');
    await receiver.post(({ path }) => path === '/teams/secret');

    const isApproval = (mail: ReceivedMail): boolean => mail.text.includes('Reject:') && mail.text.includes('pipeline web ');
    const reject = /^Reject: {2}(\S+)$/m.exec((await mails.mail(isApproval, 2)).text)![1]!;
    await fetch(reject, { method: 'POST', body: new URLSearchParams({ decision: 'reject', comment: 'not today' }) });
    const failed = await receiver.post((post) => post.path === '/approvals' && json(post).Message!.includes('"state":"FAILED"'));
    expect(JSON.parse(json(failed).Message!)).toMatchObject({
      notificationRuleArn: Arn,
      detailType: 'CodePipeline Pipeline Execution State Change',
      additionalAttributes: {
        failedActionCount: 1,
        failedActions: [{ action: 'Ask', additionalInformation: 'not today' }],
        failedStage: 'Release',
      },
    });
    expect(server.log).not.toContain('/slack/T0/secret');
    await notifications('delete-notification-rule', '--arn', Arn as string);
  });
});

it('names itself in messages as others reach it', async () => {
  const inside = await StartedServer.start({ args: ['--public-url', 'https://ci.example.com/'] });
  try {
    const options = { endpoint: inside.endpoint, key: inside.key };
    const { stdout } = await awsCli('v2', ['sns', 'create-topic', '--name', 't', '--query', 'TopicArn', '--output', 'text'], options);
    const endpoint = `${receiver.url}/public`;
    await awsCli(
      'v2',
      ['sns', 'subscribe', '--topic-arn', stdout.trim(), '--protocol', 'http', '--notification-endpoint', endpoint],
      options,
    );
    const { SubscribeURL, SigningCertURL } = json(await receiver.post(({ path }) => path === '/public'));
    expect(SubscribeURL).toMatch(/^https:\/\/ci\.example\.com\/\?Action=ConfirmSubscription&/);
    const { pathname } = new URL(SigningCertURL!);
    expect((await send(inside, { path: pathname, headers: { host: 'ci.example.com' } })).text).toContain('BEGIN CERTIFICATE');
    expect((await send(inside, { path: pathname, headers: { host: 'other.example.com' } })).status).toBe(403);
  } finally {
    await inside.end();
  }
});
