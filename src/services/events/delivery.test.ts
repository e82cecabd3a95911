import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { JsonObject } from '../../kernel/json.ts';
import { ACCOUNT, PIPELINE, PROJECT, refusal, REGION, ROLE, World } from './testing/world.ts';

const RULE = `arn:aws:events:${REGION}:${ACCOUNT}:rule/r`;
const OTHER = '210987654321';
let world: World;

beforeEach(async () => {
  world = new World();
  await world.start();
});
afterEach(() => world.remove());

const received = (count: number) => world.until(() => world.received.length >= count);
const inputs = (): JsonObject[] => world.received.map(({ input }) => input);

describe('an event that a rule matches', () => {
  test('starts a pipeline under the session of the rule, once', async () => {
    await world.rule('r', { source: ['shop'] }, {});
    await world.put({ a: 1 });
    await world.put({ a: 2 }, { Source: 'other' });
    await received(1);
    await world.settled();
    expect(world.received).toEqual([
      {
        operation: 'StartPipelineExecution',
        input: { name: 'web', clientRequestToken: expect.stringMatching(/^[0-9a-f]{64}$/) },
        principal: `arn:aws:sts::${ACCOUNT}:assumed-role/Events/events:${RULE}`,
      },
    ]);
    expect(await world.failed()).toEqual([]);
  });

  test('of a service itself', async () => {
    await world.rule('r', { source: ['aws.codecommit'], detail: { referenceName: ['main'] } }, {});
    await world.emit('aws.codecommit', 'CodeCommit Repository State Change', { referenceName: 'topic' });
    await world.emit('aws.codecommit', 'CodeCommit Repository State Change', { referenceName: 'main' });
    await received(1);
    await world.settled();
    expect(world.received).toHaveLength(1);
  });

  test('may pin revisions and set variables by an input transformer, and nothing else', async () => {
    const InputTemplate =
      '{"name": "other", "sourceRevisions": [{"actionName": "Source", "revisionType": "COMMIT_ID", "revisionValue": <id>}], "variables": [{"name": "K", "value": "<id>"}]}';
    await world.rule('r', { source: ['shop'] }, { InputTransformer: { InputPathsMap: { id: '$.detail.commit' }, InputTemplate } });
    await world.put({ commit: 'abc' });
    await received(1);
    expect(inputs()[0]).toMatchObject({
      name: 'web',
      sourceRevisions: [{ actionName: 'Source', revisionType: 'COMMIT_ID', revisionValue: 'abc' }],
      variables: [{ name: 'K', value: 'abc' }],
    });
  });

  test('starts a build with the overrides of the input', async () => {
    const Input = JSON.stringify({
      sourceVersion: 'v1',
      projectName: 'other',
      unknown: 1,
      environmentVariablesOverride: [{ name: 'A', value: 'b' }],
    });
    await world.rule('r', { source: ['shop'] }, { Arn: PROJECT, Input });
    await world.put();
    await received(1);
    const [{ idempotencyToken, ...input } = {}] = inputs();
    expect(idempotencyToken).toMatch(/^[0-9a-f]{64}$/);
    expect(input).toEqual({ projectName: 'web', sourceVersion: 'v1', environmentVariablesOverride: [{ name: 'A', value: 'b' }] });
  });

  test('becomes a line of a log group', async () => {
    const { logs } = world.aws.as({ session: 's', account: ACCOUNT, region: REGION });
    await logs.createLogGroup({ logGroupName: '/events/shop' });
    await world.rule('r', { source: ['shop'] }, { Arn: `arn:aws:logs:${REGION}:${ACCOUNT}:log-group:/events/shop:*` });
    await world.put({ order: 1 });
    await world.put({ order: 2 });
    await world.settled();
    const { events = [] } = await logs.filterLogEvents({ logGroupName: '/events/shop' });
    const details = events.map(({ message = '' }) => (JSON.parse(message) as { detail: { order: number } }).detail.order);
    expect(details.toSorted((a, b) => a - b)).toEqual([1, 2]);
  });

  test('is forwarded to another bus with its source and id, and not round and round', async () => {
    await world.call('createEventBus', { Name: 'far' });
    const bus = (name: string) => `arn:aws:events:${REGION}:${ACCOUNT}:event-bus/${name}`;
    await world.rule('out', { source: ['shop'] }, { Arn: bus('far') });
    await world.rule('back', { source: ['shop'] }, { Arn: bus('default') }, 'far');
    await world.rule('r', { source: ['shop'] }, {}, 'far');
    const id = await world.put({ a: 1 });
    await received(1);
    await world.settled();
    const events = (await world.bus.read(0, 100)).filter(({ source }) => source === 'shop');
    expect(events.map((event) => [event.bus, event.id, event.source])).toEqual([
      ['default', id, 'shop'],
      ['far', id, 'shop'],
    ]);
    expect(world.received).toHaveLength(1);
  });

  test('reaches the targets of all rules and of one rule', async () => {
    await world.rule('r', { source: ['shop'] }, {});
    await world.call('putTargets', { Rule: 'r', Targets: [{ Id: 'b', Arn: PROJECT, RoleArn: ROLE }] });
    await world.rule('s', { detail: { a: [{ exists: true }] } }, {});
    await world.put({ a: 1 });
    await received(3);
    expect(world.received.map(({ operation }) => operation).toSorted()).toEqual([
      'StartBuild',
      'StartPipelineExecution',
      'StartPipelineExecution',
    ]);
  });

  test('does nothing where the rule is disabled or gone', async () => {
    await world.rule('r', { source: ['shop'] }, {});
    await world.rule('s', { source: ['shop'] }, { Arn: PROJECT });
    await world.call('disableRule', { Name: 'r' });
    await world.put();
    await received(1);
    await world.call('removeTargets', { Rule: 's', Ids: ['t'] });
    await world.call('deleteRule', { Name: 's' });
    await world.call('enableRule', { Name: 'r' });
    await world.put();
    await received(2);
    await world.settled();
    expect(world.received.map(({ operation }) => operation)).toEqual(['StartBuild', 'StartPipelineExecution']);
  });
});

describe('a target that fails', () => {
  test('for good is given up, recorded and told', async () => {
    world.trouble = async () => {
      throw refusal('PipelineNotFoundException');
    };
    await world.rule('r', { source: ['shop'] }, {});
    await world.put();
    await world.settled();
    expect(await world.failed()).toMatchObject([{ rule_arn: RULE, target_arn: PIPELINE, error: 'PipelineNotFoundException: no' }]);
    expect(world.logged).toContainEqual({
      message: 'an event did not reach its target',
      fields: expect.objectContaining({ rule: RULE, target: PIPELINE }),
    });
  });

  test('for now is tried again, after longer and longer', async () => {
    let failures = 3;
    const times: number[] = [];
    world.trouble = async () => {
      times.push(world.clock.now());
      if (failures-- > 0) throw refusal('ThrottlingException');
    };
    await world.rule('r', { source: ['shop'] }, {});
    await world.put();
    for (const wait of [1_000, 2_000, 4_000]) {
      const before = times.length;
      await alarmIn(wait);
      world.clock.advance(wait);
      world.sleeper.ring();
      await world.until(() => times.length > before);
    }
    await world.settled();
    expect(times.map((time) => time - times[0]!)).toEqual([0, 1_000, 3_000, 7_000]);
    expect(world.received).toHaveLength(1);
  });

  /** The retry is written, and its alarm set, after the target has answered. */
  async function alarmIn(wait: number): Promise<void> {
    while (world.sleeper.next() !== world.clock.now() + wait) await new Promise((resolve) => setImmediate(resolve));
  }

  test('is given up after the retries that it allows', async () => {
    world.trouble = async () => {
      throw new Error('down');
    };
    await world.rule('r', { source: ['shop'] }, { RetryPolicy: { MaximumRetryAttempts: 0 } });
    await world.put();
    await world.settled();
    expect(await world.failed()).toMatchObject([{ error: 'down (after 1 attempts)' }]);
  });

  test('does not keep the others waiting, however many events hang on it', async () => {
    let release = (): void => undefined;
    const gate = new Promise<void>((resolve) => (release = resolve));
    world.trouble = (operation) => (operation === 'StartPipelineExecution' ? gate : Promise.resolve());
    await world.rule('bad', { source: ['shop'] }, {});
    await world.rule('good', { source: ['shop'] }, { Arn: PROJECT });
    for (let n = 0; n < 30; n++) await world.put({ n });
    await world.until(() => world.received.length === 30);
    expect(world.received.every(({ operation }) => operation === 'StartBuild')).toBe(true);
    release();
    await world.settled();
    expect(world.received).toHaveLength(60);
  });

  test.each([
    ['a kind that we do not know', { Arn: `arn:aws:sqs:${REGION}:${ACCOUNT}:queue` }, 'does not deliver to targets of this kind yet'],
    ['a pipeline of another account', { Arn: PIPELINE.replace(ACCOUNT, OTHER) }, 'belongs to another account'],
    [
      'a log group of another account',
      { Arn: `arn:aws:logs:${REGION}:${OTHER}:log-group:g`, RoleArn: undefined },
      'belongs to another account',
    ],
    ['a bus of another account', { Arn: `arn:aws:events:${REGION}:${OTHER}:event-bus/default` }, 'belongs to another account'],
    ['an input path that leads nowhere', { InputPath: '$.detail.nothing' }, 'nothing at the input path'],
    [
      'a template that gives no JSON',
      { InputTransformer: { InputPathsMap: { d: '$.detail' }, InputTemplate: '{"a": "<d>"}' } },
      'valid JSON',
    ],
  ])('%s', async (_what, target, error) => {
    await world.rule('r', { source: ['shop'] }, target);
    await world.put({ a: 1 });
    await world.settled();
    expect(await world.failed()).toMatchObject([{ error: expect.stringContaining(error) }]);
    expect(world.received).toEqual([]);
  });
});

describe('after the process has ended', () => {
  test('what was under way is delivered again, as the same delivery', async () => {
    const tokens: unknown[] = [];
    let hang = true;
    world.trouble = async (_operation, input) => {
      tokens.push(input.clientRequestToken);
      if (hang) await new Promise(() => undefined);
    };
    await world.rule('r', { source: ['shop'] }, {});
    await world.put();
    await world.until(() => tokens.length === 1);
    hang = false;
    await world.restart();
    await received(1);
    await world.settled();
    expect(tokens).toHaveLength(2);
    expect(tokens[0]).toBe(tokens[1]);
  });

  test('events that came meanwhile are delivered, those before are not delivered again', async () => {
    await world.rule('r', { source: ['shop', 'night'] }, {});
    await world.put();
    await received(1);
    await world.settled();
    await world.service.stop!();
    await world.emit('night', 'x', {});
    await world.restart();
    await received(2);
    await world.settled();
    expect(world.received).toHaveLength(2);
  });

  test('a rule made later does not see events of before', async () => {
    await world.put({ early: true });
    await world.rule('r', { source: ['shop'] }, {});
    await world.restart();
    await world.put({ early: false });
    await received(1);
    await world.settled();
    expect(world.received).toHaveLength(1);
  });
});

describe('a schedule', () => {
  async function pass(ms: number): Promise<void> {
    const due = world.clock.now() + ms;
    while (world.sleeper.next() === undefined) await new Promise((resolve) => setImmediate(resolve));
    world.clock.advance(due - world.clock.now());
    world.sleeper.ring();
  }

  test('sends a Scheduled Event when it is due, and again', async () => {
    await world.call('putRule', { Name: 'tick', ScheduleExpression: 'rate(5 minutes)' });
    await world.call('putTargets', { Rule: 'tick', Targets: [{ Id: 't', Arn: PIPELINE, RoleArn: ROLE }] });
    await pass(299_000);
    expect(world.received).toHaveLength(0);
    await pass(1_000);
    await received(1);
    await world.settled();
    await pass(300_000);
    await received(2);
    await world.settled();
    expect(new Set(inputs().map(({ clientRequestToken }) => clientRequestToken)).size).toBe(2);
  });

  test('has the time at which it was due, the rule and nothing else', async () => {
    const { logs } = world.aws.as({ session: 's', account: ACCOUNT, region: REGION });
    await logs.createLogGroup({ logGroupName: 'g' });
    await world.call('putRule', { Name: 'tick', ScheduleExpression: 'cron(30 12 * * ? *)' });
    await world.call('putTargets', { Rule: 'tick', Targets: [{ Id: 't', Arn: `arn:aws:logs:${REGION}:${ACCOUNT}:log-group:g` }] });
    await pass(1_800_000);
    while ((await logs.filterLogEvents({ logGroupName: 'g' })).events!.length === 0) await new Promise((resolve) => setImmediate(resolve));
    const { events = [] } = await logs.filterLogEvents({ logGroupName: 'g' });
    expect(JSON.parse(events[0]!.message!)).toEqual({
      version: '0',
      id: expect.any(String),
      'detail-type': 'Scheduled Event',
      source: 'aws.events',
      account: ACCOUNT,
      time: '2026-01-01T12:30:00Z',
      region: REGION,
      resources: [`arn:aws:events:${REGION}:${ACCOUNT}:rule/tick`],
      detail: {},
    });
  });

  test('that was missed while the process was down fires once, late', async () => {
    await world.call('putRule', { Name: 'tick', ScheduleExpression: 'rate(1 hour)' });
    await world.call('putTargets', { Rule: 'tick', Targets: [{ Id: 't', Arn: PIPELINE, RoleArn: ROLE }] });
    await world.service.stop!();
    world.clock.advance(10 * 3_600_000 + 60_000);
    await world.restart();
    await received(1);
    await world.settled();
    expect(world.received).toHaveLength(1);
    await pass(3_600_000);
    await received(2);
  });

  test('rests while the rule is disabled', async () => {
    await world.call('putRule', { Name: 'tick', ScheduleExpression: 'rate(1 minute)' });
    await world.call('putTargets', { Rule: 'tick', Targets: [{ Id: 't', Arn: PIPELINE, RoleArn: ROLE }] });
    await world.call('disableRule', { Name: 'tick' });
    world.clock.advance(3_600_000);
    world.sleeper.ring();
    await world.call('enableRule', { Name: 'tick' });
    await world.settled();
    expect(world.received).toHaveLength(0);
  });
});
