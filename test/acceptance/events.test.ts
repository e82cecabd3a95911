import { CreateLogGroupCommand, FilterLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { CreateCommitCommand, CreateRepositoryCommand } from '@aws-sdk/client-codecommit';
import { CreatePipelineCommand, ListPipelineExecutionsCommand, type ActionDeclaration } from '@aws-sdk/client-codepipeline';
import {
  EventBridgeClient,
  ListRuleNamesByTargetCommand,
  ListTargetsByRuleCommand,
  PutEventsCommand,
  PutRuleCommand,
  PutTargetsCommand,
  TestEventPatternCommand,
  type Target,
} from '@aws-sdk/client-eventbridge';
import { CreateRoleCommand } from '@aws-sdk/client-iam';
import { CreateBucketCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Clients } from '../support/clients.ts';
import { StartedServer } from '../support/server.ts';

const ACCOUNT = '000000000000';
const arn = (service: string, resource: string): string => `arn:aws:${service}:us-east-1:${ACCOUNT}:${resource}`;
const ROLE = `arn:aws:iam::${ACCOUNT}:role/everything`;
const GROUP = '/events/orders';
const PIPELINE = 'site';
const ORDERS = 60;

const type = (category: string, provider: string) =>
  ({ category, owner: 'AWS', provider, version: '1' }) as ActionDeclaration['actionTypeId'];

/** A source that is told of changes by a rule only, and something that waits. */
const stages = [
  {
    name: 'Source',
    actions: [
      {
        name: 'Checkout',
        actionTypeId: type('Source', 'CodeCommit'),
        configuration: { RepositoryName: 'site', BranchName: 'main', PollForSourceChanges: 'false' },
        outputArtifacts: [{ name: 'Code' }],
      },
    ],
  },
  { name: 'Approve', actions: [{ name: 'Review', actionTypeId: type('Approval', 'Manual') }] },
];

let server: StartedServer;
let aws: Clients;
let events: EventBridgeClient;

async function rule(name: string, pattern: object, target: Omit<Target, 'Id'>): Promise<string> {
  const { RuleArn } = await events.send(new PutRuleCommand({ Name: name, EventPattern: JSON.stringify(pattern) }));
  const { FailedEntryCount } = await events.send(new PutTargetsCommand({ Rule: name, Targets: [{ ...target, Id: '1' }] }));
  expect(FailedEntryCount).toBe(0);
  return RuleArn!;
}

const newestExecution = async () => {
  const { pipelineExecutionSummaries: executions = [] } = await aws.codepipeline.send(
    new ListPipelineExecutionsCommand({ pipelineName: PIPELINE }),
  );
  return executions[0];
};

/** The numbers of the orders that reached the log group, each as often as it did. */
async function delivered(): Promise<number[]> {
  const messages: string[] = [];
  let nextToken: string | undefined;
  do {
    const page = await aws.logs.send(new FilterLogEventsCommand({ logGroupName: GROUP, nextToken }));
    messages.push(...page.events!.map(({ message }) => message!));
    nextToken = page.nextToken;
  } while (nextToken !== undefined);
  return messages.map((message) => (JSON.parse(message) as { detail: { order: number } }).detail.order);
}

const order = (n: number) => ({ Source: 'shop', DetailType: 'Order Placed', Detail: JSON.stringify({ order: n }) });

beforeAll(async () => {
  server = await StartedServer.start();
  aws = new Clients(server);
  events = new EventBridgeClient({ endpoint: server.endpoint, region: 'us-east-1', credentials: server.key });
  const trust = {
    Effect: 'Allow',
    Principal: { Service: ['codepipeline.amazonaws.com', 'events.amazonaws.com'] },
    Action: 'sts:AssumeRole',
  };
  const AssumeRolePolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement: [trust] });
  await aws.iam.send(new CreateRoleCommand({ RoleName: 'everything', AssumeRolePolicyDocument }));
  await aws.s3.send(new CreateBucketCommand({ Bucket: 'artifacts' }));
  await aws.codecommit.send(new CreateRepositoryCommand({ repositoryName: 'site' }));
  await aws.logs.send(new CreateLogGroupCommand({ logGroupName: GROUP }));
});
afterAll(async () => {
  aws.close();
  events.destroy();
  await server.end();
});

describe('EventBridge, as the SDK uses it', () => {
  it('starts a pipeline when a branch moves, at the commit that the transformer pins', async () => {
    const pipeline = { name: PIPELINE, roleArn: ROLE, artifactStore: { type: 'S3', location: 'artifacts' } as const, stages };
    const files = [{ filePath: 'page.html', fileContent: Buffer.from('<h1>1</h1>') }];
    await aws.codecommit.send(new CreateCommitCommand({ repositoryName: 'site', branchName: 'main', putFiles: files }));
    await aws.codepipeline.send(new CreatePipelineCommand({ pipeline }));
    const first = await server.until('the execution of its creation', newestExecution);

    const pattern = {
      source: ['aws.codecommit'],
      'detail-type': ['CodeCommit Repository State Change'],
      resources: [arn('codecommit', 'site')],
      detail: { event: ['referenceCreated', 'referenceUpdated'], referenceName: [{ prefix: 'ma' }] },
    };
    const revision = { actionName: 'Checkout', revisionType: 'COMMIT_ID', revisionValue: '<commit>' };
    const ruleArn = await rule('site-moves', pattern, {
      Arn: arn('codepipeline', PIPELINE),
      RoleArn: ROLE,
      InputTransformer: { InputPathsMap: { commit: '$.detail.commitId' }, InputTemplate: JSON.stringify({ sourceRevisions: [revision] }) },
    });
    const parent = first.sourceRevisions?.[0]?.revisionId;
    const changed = [{ filePath: 'page.html', fileContent: Buffer.from('<h1>2</h1>') }];
    const { commitId } = await aws.codecommit.send(
      new CreateCommitCommand({
        repositoryName: 'site',
        branchName: 'main',
        parentCommitId:
          parent ?? (await server.until('the source', async () => (await newestExecution())?.sourceRevisions?.[0]?.revisionId)),
        putFiles: changed,
      }),
    );
    const started = await server.until('an execution of the second commit', async () => {
      const newest = await newestExecution();
      return newest?.sourceRevisions?.[0]?.revisionId === commitId && newest;
    });
    expect(started.trigger).toEqual({ triggerType: 'CloudWatchEvent', triggerDetail: ruleArn });
  });

  it('answers for each entry, and shows what it was given', async () => {
    const { FailedEntryCount, Entries } = await events.send(
      new PutEventsCommand({ Entries: [order(0), { ...order(0), Source: 'aws.shop' }, { ...order(0), Detail: '{' }] }),
    );
    expect(FailedEntryCount).toBe(2);
    expect(Entries!.map(({ EventId, ErrorCode }) => ErrorCode ?? typeof EventId)).toEqual([
      'string',
      'NotAuthorizedForSourceException',
      'MalformedDetail',
    ]);
    const { Targets } = await events.send(new ListTargetsByRuleCommand({ Rule: 'site-moves' }));
    expect(Targets).toMatchObject([{ Id: '1', Arn: arn('codepipeline', PIPELINE), RoleArn: ROLE }]);
    const { RuleNames } = await events.send(new ListRuleNamesByTargetCommand({ TargetArn: arn('codepipeline', PIPELINE) }));
    expect(RuleNames).toEqual(['site-moves']);
  });

  it('refuses what is no pattern, in the words of EventBridge', async () => {
    const bad = new PutRuleCommand({ Name: 'bad', EventPattern: '{"detail": {"n": [{"numeric": [">", 5, "<", 1]}]}}' });
    await expect(events.send(bad)).rejects.toMatchObject({
      name: 'InvalidEventPatternException',
      message: 'Event pattern is not valid. Reason: Bottom must be less than top',
    });
    const event = { id: '1', account: ACCOUNT, source: 'shop', time: '2026-01-01T00:00:00Z', region: 'us-east-1', resources: [] };
    const Event = JSON.stringify({ ...event, 'detail-type': 'Order Placed', detail: { ip: '10.0.0.7' } });
    const pattern = JSON.stringify({ detail: { ip: [{ cidr: '10.0.0.0/24' }] } });
    expect((await events.send(new TestEventPatternCommand({ EventPattern: pattern, Event }))).Result).toBe(true);
  });

  it('delivers every event that it took, though it is killed in the middle', async () => {
    await rule('orders', { source: ['shop'], detail: { order: [{ numeric: ['>', 0] }] } }, { Arn: arn('logs', `log-group:${GROUP}`) });
    const numbers = Array.from({ length: ORDERS }, (_, index) => index + 1);
    for (let from = 0; from < ORDERS; from += 10)
      await events.send(new PutEventsCommand({ Entries: numbers.slice(from, from + 10).map(order) }));
    await server.kill9();
    await server.restart();
    await server.until('every order in the log', async () => new Set(await delivered()).size === ORDERS);
    expect([...new Set(await delivered())].toSorted((a, b) => a - b)).toEqual(numbers);
  });
});
