import { CloudWatchLogsClient, CreateLogGroupCommand, FilterLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import {
  CreateEventBusCommand,
  DescribeRuleCommand,
  EventBridgeClient,
  ListTargetsByRuleCommand,
  PutEventsCommand,
  PutRuleCommand,
  PutTargetsCommand,
  TestEventPatternCommand,
} from '@aws-sdk/client-eventbridge';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createListener, type Listener } from '../../http/listener.ts';
import { randomIds } from '../../kernel/ids.ts';
import { silentLogger } from '../../kernel/log.ts';
import { createDispatcher } from '../../protocol/dispatcher.ts';
import { ACCOUNT, REGION, World } from './testing/world.ts';

let world: World;
let listener: Listener;
let events: EventBridgeClient;
let logs: CloudWatchLogsClient;

beforeAll(async () => {
  world = new World();
  await world.start();
  const settings = { account: ACCOUNT, region: REGION, auth: 'off' as const };
  const credentials = { find: async () => undefined };
  const common = { clock: world.clock, ids: randomIds(world.clock), log: silentLogger };
  const dispatcher = createDispatcher({ ...common, services: world.services, authorise: () => ({ allowed: true }), credentials, settings });
  listener = createListener({ dispatcher, planes: [], log: silentLogger });
  const { port } = await listener.listen(0, '127.0.0.1');
  const config = { endpoint: `http://127.0.0.1:${port}`, region: REGION, credentials: { accessKeyId: 'a', secretAccessKey: 'b' } };
  events = new EventBridgeClient({ ...config, maxAttempts: 1 });
  logs = new CloudWatchLogsClient({ ...config, maxAttempts: 1 });
});
afterAll(async () => {
  events.destroy();
  logs.destroy();
  await listener.close(1000);
  await world.remove();
});

test('an event goes from the SDK over a bus and a transformer into a log group', async () => {
  await logs.send(new CreateLogGroupCommand({ logGroupName: '/orders' }));
  await events.send(new CreateEventBusCommand({ Name: 'orders' }));
  const EventPattern = JSON.stringify({ source: [{ prefix: 'sh' }], detail: { total: [{ numeric: ['>', 100] }] } });
  const { RuleArn } = await events.send(new PutRuleCommand({ Name: 'big', EventBusName: 'orders', EventPattern }));
  const target = {
    Id: 'log',
    Arn: `arn:aws:logs:${REGION}:${ACCOUNT}:log-group:/orders`,
    InputTransformer: { InputPathsMap: { total: '$.detail.total' }, InputTemplate: '{"rule": <aws.events.rule-name>, "total": <total>}' },
  };
  await events.send(new PutTargetsCommand({ Rule: 'big', EventBusName: 'orders', Targets: [target] }));
  expect((await events.send(new ListTargetsByRuleCommand({ Rule: 'big', EventBusName: 'orders' }))).Targets).toEqual([target]);
  expect(await events.send(new DescribeRuleCommand({ Name: 'big', EventBusName: 'orders' }))).toMatchObject({
    Arn: RuleArn,
    State: 'ENABLED',
  });
  const entry = (total: number) => ({
    EventBusName: 'orders',
    Source: 'shop',
    DetailType: 'Order',
    Detail: JSON.stringify({ total }),
    Time: new Date(world.clock.now()),
  });
  const put = await events.send(new PutEventsCommand({ Entries: [entry(50), entry(500), { ...entry(1), Source: 'aws.shop' }] }));
  expect(put.FailedEntryCount).toBe(1);
  expect(put.Entries!.map(({ ErrorCode }) => ErrorCode)).toEqual([undefined, undefined, 'NotAuthorizedForSourceException']);
  await world.settled();
  const found = await logs.send(new FilterLogEventsCommand({ logGroupName: '/orders', filterPattern: '{ $.total > 0 }' }));
  expect(found.events!.map(({ message = '' }) => JSON.parse(message) as unknown)).toEqual([{ rule: 'big', total: 500 }]);
});

test('errors have their names', async () => {
  await expect(events.send(new PutRuleCommand({ Name: 'x', EventPattern: '[]' }))).rejects.toMatchObject({
    name: 'InvalidEventPatternException',
  });
  await expect(events.send(new PutRuleCommand({ Name: 'x', ScheduleExpression: 'often' }))).rejects.toMatchObject({
    name: 'ValidationException',
  });
  await expect(events.send(new DescribeRuleCommand({ Name: 'none' }))).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  await expect(events.send(new PutRuleCommand({ Name: 'no spaces' }))).rejects.toMatchObject({ name: 'ValidationException' });
  await expect(events.send(new TestEventPatternCommand({ EventPattern: '{}', Event: '{' }))).rejects.toMatchObject({
    name: 'ValidationException',
  });
});
