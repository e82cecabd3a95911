import { afterAll, beforeAll, expect, test } from 'vitest';
import { prepareAll } from '../../../test/support/database.ts';
import type { SqliteDatabase } from '../../store/sqlite/index.ts';
import * as tables from './tables.ts';
import { ACCOUNT, PIPELINE, PROJECT, refused, REGION, ROLE, World } from './testing/world.ts';

let world: World;
let count = 0;
const name = (): string => `rule-${++count}`;
const PATTERN = JSON.stringify({ source: ['shop'] });
const arn = (resource: string): string => `arn:aws:events:${REGION}:${ACCOUNT}:${resource}`;

beforeAll(async () => {
  world = new World();
  await world.start();
});
afterAll(() => world.remove());

test('every statement fits the schema', () => {
  expect(prepareAll(world.db as SqliteDatabase, tables.sql)).toBeGreaterThan(20);
});

test('buses are made, shown, listed and deleted; the default one is always there', async () => {
  const made = await world.call('createEventBus', { Name: 'orders', Description: 'd', Tags: [{ Key: 'k', Value: 'v' }] });
  expect(made).toEqual({ EventBusArn: arn('event-bus/orders'), Description: 'd' });
  expect(await refused(world.call('createEventBus', { Name: 'orders' }))).toBe(
    'ResourceAlreadyExistsException: Event bus orders already exists.',
  );
  expect(await refused(world.call('createEventBus', { Name: 'default' }))).toContain('ResourceAlreadyExistsException');
  expect(await world.call('describeEventBus', { Name: arn('event-bus/orders') })).toMatchObject({
    Name: 'orders',
    CreationTime: world.clock.now(),
  });
  expect(await world.call('describeEventBus', {})).toEqual({ Name: 'default', Arn: arn('event-bus/default') });
  const { EventBuses, NextToken } = await world.call('listEventBuses', { Limit: 1 });
  expect(EventBuses).toEqual([{ Name: 'default', Arn: arn('event-bus/default') }]);
  expect((await world.call('listEventBuses', { Limit: 1, NextToken: NextToken! })).EventBuses).toMatchObject([{ Name: 'orders' }]);
  expect((await world.call('listEventBuses', { NamePrefix: 'o' })).EventBuses).toHaveLength(1);

  await world.call('putRule', { Name: 'r', EventBusName: 'orders', EventPattern: PATTERN });
  expect(await refused(world.call('deleteEventBus', { Name: 'orders' }))).toContain("can't be deleted since it has rules");
  await world.call('deleteRule', { Name: 'r', EventBusName: 'orders' });
  await world.call('deleteEventBus', { Name: 'orders' });
  expect(await refused(world.call('describeEventBus', { Name: 'orders' }))).toBe(
    'ResourceNotFoundException: Event bus orders does not exist.',
  );
  expect(await refused(world.call('deleteEventBus', { Name: 'default' }))).toBe('ValidationException: Cannot delete event bus default.');
});

test('rules are put, shown, changed, switched and deleted', async () => {
  const rule = name();
  const { RuleArn } = await world.call('putRule', { Name: rule, EventPattern: PATTERN, Description: 'd', RoleArn: ROLE });
  expect(RuleArn).toBe(arn(`rule/${rule}`));
  const shown = {
    Name: rule,
    Arn: RuleArn,
    EventPattern: PATTERN,
    State: 'ENABLED',
    Description: 'd',
    RoleArn: ROLE,
    EventBusName: 'default',
  };
  expect(await world.call('describeRule', { Name: rule })).toEqual({ ...shown, CreatedBy: ACCOUNT });
  expect((await world.call('listRules', { NamePrefix: rule })).Rules).toEqual([shown]);
  await world.call('disableRule', { Name: rule });
  expect((await world.call('describeRule', { Name: rule })).State).toBe('DISABLED');
  await world.call('putRule', { Name: rule, ScheduleExpression: 'rate(1 minute)' });
  const changed = await world.call('describeRule', { Name: rule });
  expect(changed).toEqual({
    Name: rule,
    Arn: RuleArn,
    ScheduleExpression: 'rate(1 minute)',
    State: 'ENABLED',
    EventBusName: 'default',
    CreatedBy: ACCOUNT,
  });

  await world.call('putTargets', { Rule: rule, Targets: [{ Id: 't', Arn: PIPELINE, RoleArn: ROLE }] });
  expect(await refused(world.call('deleteRule', { Name: rule }))).toBe("ValidationException: Rule can't be deleted since it has targets.");
  await world.call('removeTargets', { Rule: rule, Ids: ['t'] });
  await world.call('deleteRule', { Name: rule });
  await world.call('deleteRule', { Name: rule });
  expect(await refused(world.call('describeRule', { Name: rule }))).toBe(
    `ResourceNotFoundException: Rule ${rule} does not exist on EventBus default.`,
  );
});

test('rules of another bus have its name in their ARN', async () => {
  await world.call('createEventBus', { Name: 'other' });
  const { RuleArn } = await world.call('putRule', { Name: 'r', EventBusName: 'other', EventPattern: PATTERN });
  expect(RuleArn).toBe(arn('rule/other/r'));
  expect((await world.call('listRules', { EventBusName: 'other' })).Rules).toHaveLength(1);
});

test('rules are listed in pages', async () => {
  for (const rule of ['page-a', 'page-b', 'page-c']) await world.call('putRule', { Name: rule, EventPattern: PATTERN });
  const first = await world.call('listRules', { NamePrefix: 'page-', Limit: 2 });
  const rest = await world.call('listRules', { NamePrefix: 'page-', Limit: 2, NextToken: first.NextToken! });
  expect([...first.Rules!, ...rest.Rules!].map(({ Name }) => Name)).toEqual(['page-a', 'page-b', 'page-c']);
  expect(rest.NextToken).toBeUndefined();
  expect(await refused(world.call('listRules', { NamePrefix: 'other', NextToken: first.NextToken! }))).toContain('ValidationException');
});

test.each([
  [{}, 'ValidationException: Parameter(s) EventPattern or ScheduleExpression must be specified.'],
  [
    { EventPattern: '{"source": "a"}' },
    'InvalidEventPatternException: Event pattern is not valid. Reason: "source" must be an object or an array',
  ],
  [{ ScheduleExpression: 'rate(5 minute)' }, 'ValidationException: Parameter ScheduleExpression is not valid.'],
  [
    { ScheduleExpression: 'rate(5 minutes)', EventBusName: 'other' },
    'ValidationException: ScheduleExpression is supported only on the default event bus.',
  ],
  [{ EventPattern: PATTERN, EventBusName: 'nowhere' }, 'ResourceNotFoundException: Event bus nowhere does not exist.'],
])('a rule of %j is refused', async (input, message) => {
  expect(await refused(world.call('putRule', { Name: name(), ...input }))).toBe(message);
});

test('targets are put, replaced, listed, found by ARN and removed', async () => {
  const rule = name();
  await world.call('putRule', { Name: rule, EventPattern: PATTERN });
  const target = { Id: 'a', Arn: PROJECT, RoleArn: ROLE };
  expect(await world.call('putTargets', { Rule: rule, Targets: [target] })).toEqual({ FailedEntryCount: 0, FailedEntries: [] });
  await world.call('putTargets', {
    Rule: rule,
    Targets: [
      { ...target, Input: '{}' },
      { ...target, Id: 'b' },
    ],
  });
  expect((await world.call('listTargetsByRule', { Rule: rule })).Targets).toEqual([
    { ...target, Input: '{}' },
    { ...target, Id: 'b' },
  ]);
  expect((await world.call('listRuleNamesByTarget', { TargetArn: PROJECT })).RuleNames).toEqual([rule]);
  expect(await world.call('removeTargets', { Rule: rule, Ids: ['a', 'x'] })).toMatchObject({
    FailedEntryCount: 1,
    FailedEntries: [{ TargetId: 'x', ErrorCode: 'ResourceNotFoundException' }],
  });
  expect((await world.call('listTargetsByRule', { Rule: rule })).Targets).toHaveLength(1);
  const six = Array.from({ length: 5 }, (_, n) => ({ ...target, Id: `t${n}` }));
  expect(await refused(world.call('putTargets', { Rule: rule, Targets: six }))).toBe(
    'LimitExceededException: The requested resource exceeds the maximum number allowed.',
  );
});

test.each([
  [{ Arn: PIPELINE }, `RoleArn is required for target ${PIPELINE}.`],
  [{ Arn: 'pipeline' }, 'Parameter pipeline is not valid. Reason: Provided Arn is not in correct format.'],
  [{ Arn: PIPELINE, RoleArn: ROLE, InputPath: 'detail' }, 'InputPath for target t is invalid.'],
  [{ Arn: `arn:aws:events:${REGION}:${ACCOUNT}:event-bus/default` }, 'The event bus default cannot be a target of its own rule.'],
])('a target of %j is refused', async (target, message) => {
  const rule = name();
  await world.call('putRule', { Name: rule, EventPattern: PATTERN });
  expect(await refused(world.call('putTargets', { Rule: rule, Targets: [{ Id: 't', ...target }] }))).toBe(
    `ValidationException: ${message}`,
  );
});

test('a role of another account is passed to nobody', async () => {
  const rule = name();
  const RoleArn = ROLE.replace(ACCOUNT, '210987654321');
  const message = 'AccessDeniedException: Cross-account pass role is not allowed.';
  expect(await refused(world.call('putRule', { Name: rule, EventPattern: PATTERN, RoleArn }))).toBe(message);
  await world.call('putRule', { Name: rule, EventPattern: PATTERN });
  expect(await refused(world.call('putTargets', { Rule: rule, Targets: [{ Id: 't', Arn: PIPELINE, RoleArn }] }))).toBe(message);
});

test('the role of the rule does for its targets', async () => {
  const rule = name();
  await world.call('putRule', { Name: rule, EventPattern: PATTERN, RoleArn: ROLE });
  await world.call('putTargets', { Rule: rule, Targets: [{ Id: 't', Arn: PIPELINE }] });
  await world.put();
  await world.until(() => world.received.some(({ operation }) => operation === 'StartPipelineExecution'));
  expect(world.received.at(-1)!.principal).toContain('assumed-role/Events/events:');
  await world.settled();
});

test('events are taken or refused one by one', async () => {
  const good = { Source: 'shop', DetailType: 'Order', Detail: '{"a": 1}' };
  const { FailedEntryCount, Entries = [] } = await world.call('putEvents', {
    Entries: [
      good,
      { ...good, Source: undefined },
      { ...good, DetailType: '' },
      { ...good, Detail: undefined },
      { ...good, Detail: '[1]' },
      { ...good, Detail: '{"a"' },
      { ...good, Detail: `{"a": ${'['.repeat(2000)}${']'.repeat(2000)}}` },
      { ...good, Source: 'aws.s3' },
      { ...good, Time: 1e20 },
      { ...good, EventBusName: 'nowhere' },
    ] as never,
  });
  expect(FailedEntryCount).toBe(8);
  expect(Entries.map(({ ErrorCode }) => ErrorCode)).toEqual([
    undefined,
    'InvalidArgument',
    'InvalidArgument',
    'InvalidArgument',
    'MalformedDetail',
    'MalformedDetail',
    'MalformedDetail',
    'NotAuthorizedForSourceException',
    'InvalidArgument',
    undefined,
  ]);
  expect(Entries[1]!.ErrorMessage).toBe('Parameter Source is not valid. Reason: Source is a required argument.');
  const stored = (await world.bus.read(0, 1000)).map(({ id }) => id);
  expect(stored).toContain(Entries[0]!.EventId);
  // As with AWS, whoever sends to a bus that is not there is not told.
  expect(stored).not.toContain(Entries[9]!.EventId);
});

test('a request of more than a megabyte is refused', async () => {
  const entry = { Source: 'shop', DetailType: 'Order', Detail: JSON.stringify({ a: 'x'.repeat(600_000) }) };
  expect((await world.call('putEvents', { Entries: [entry] })).FailedEntryCount).toBe(0);
  expect(await refused(world.call('putEvents', { Entries: [entry, entry] }))).toBe(
    'ValidationException: Total size of the entries in the request is over the limit.',
  );
});

test('patterns are tested on events', async () => {
  const event = { id: '1', account: ACCOUNT, source: 'shop', time: 't', region: REGION, resources: [], 'detail-type': 'x' };
  const result = async (EventPattern: string) =>
    (await world.call('testEventPattern', { EventPattern, Event: JSON.stringify(event) })).Result;
  expect(await result(PATTERN)).toBe(true);
  expect(await result('{"source": ["other"]}')).toBe(false);
  expect(await refused(result('{}'))).toContain('InvalidEventPatternException');
  expect(await refused(world.call('testEventPattern', { EventPattern: PATTERN, Event: '{}' }))).toContain('Parameter Event is not valid.');
});

test('rules and buses are tagged', async () => {
  const rule = name();
  const { RuleArn } = await world.call('putRule', { Name: rule, EventPattern: PATTERN, Tags: [{ Key: 'a', Value: '1' }] });
  const ResourceARN = RuleArn!;
  await world.call('tagResource', { ResourceARN, Tags: [{ Key: 'b', Value: '2' }] });
  await world.call('untagResource', { ResourceARN, TagKeys: ['a'] });
  expect(await world.call('listTagsForResource', { ResourceARN })).toEqual({ Tags: [{ Key: 'b', Value: '2' }] });
  expect(await refused(world.call('listTagsForResource', { ResourceARN: arn('rule/nothing') }))).toContain('ResourceNotFoundException');
  expect(await refused(world.call('listTagsForResource', { ResourceARN: arn('event-bus/nothing') }))).toContain(
    'ResourceNotFoundException',
  );
  expect(await refused(world.call('listTagsForResource', { ResourceARN: 'x' }))).toContain('ValidationException');
});
