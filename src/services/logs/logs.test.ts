import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { prepareAll } from '../../../test/support/database.ts';
import { sql } from './tables.ts';
import { ACCOUNT, group, messages, refused, REGION, World } from './testing/world.ts';

const ARN = `arn:aws:logs:${REGION}:${ACCOUNT}:log-group:${group}`;
const DAY = 86_400_000;
let world: World;

beforeEach(async () => {
  world = new World();
  await world.start();
  await world.call('createLogGroup', { logGroupName: group, tags: { a: '1' } });
});
afterEach(() => world.remove());

test('every statement fits the schema', () => {
  expect(prepareAll(world.db, sql)).toBeGreaterThan(10);
});

describe('groups and streams', () => {
  test('groups are made once, described and deleted with what they hold', async () => {
    expect(await refused(world.call('createLogGroup', { logGroupName: group }))).toBe(
      'ResourceAlreadyExistsException: The specified log group already exists',
    );
    await world.stream('s', [0, 'hello']);
    const { logGroups } = await world.call('describeLogGroups', { logGroupNamePrefix: '/aws/' });
    expect(logGroups).toMatchObject([{ logGroupName: group, arn: `${ARN}:*`, logGroupArn: ARN, storedBytes: 5, metricFilterCount: 0 }]);
    expect((await world.call('describeLogGroups', { logGroupNamePattern: 'BUILD' })).logGroups).toHaveLength(1);
    expect((await world.call('describeLogGroups', { logGroupNamePrefix: 'x' })).logGroups).toEqual([]);
    expect(await refused(world.call('describeLogGroups', { logGroupNamePrefix: 'a', logGroupNamePattern: 'bcd' }))).toContain(
      'mutually exclusive',
    );
    await world.call('deleteLogGroup', { logGroupName: group });
    expect(await refused(world.filter())).toBe('ResourceNotFoundException: The specified log group does not exist.');
    await world.call('createLogGroup', { logGroupName: group });
    await world.stream('s');
    expect(await world.filter()).toEqual([]);
    expect((await world.call('listTagsForResource', { resourceArn: ARN })).tags).toEqual({});
  });

  test('groups are listed in pages', async () => {
    for (const name of ['g-a', 'g-b', 'g-c']) await world.call('createLogGroup', { logGroupName: name });
    const first = await world.call('describeLogGroups', { logGroupNamePrefix: 'g-', limit: 2 });
    const rest = await world.call('describeLogGroups', { logGroupNamePrefix: 'g-', limit: 2, nextToken: first.nextToken! });
    expect([...first.logGroups!, ...rest.logGroups!].map(({ logGroupName }) => logGroupName)).toEqual(['g-a', 'g-b', 'g-c']);
    expect(rest.nextToken).toBeUndefined();
    expect((await world.call('listLogGroups', { logGroupNamePattern: '^g-b' })).logGroups).toMatchObject([{ logGroupName: 'g-b' }]);
  });

  test('streams are described by name or by their last event', async () => {
    await world.stream('a', [-1000, 'x']);
    await world.stream('b', [-5000, 'x'], [-3000, 'y']);
    await world.stream('c');
    const names = async (input: object) =>
      (await world.call('describeLogStreams', { logGroupName: group, ...input })).logStreams!.map(({ logStreamName }) => logStreamName);
    expect(await names({})).toEqual(['a', 'b', 'c']);
    expect(await names({ orderBy: 'LastEventTime', descending: true, limit: 2 })).toEqual(['a', 'b']);
    expect(await names({ logStreamNamePrefix: 'b' })).toEqual(['b']);
    const { logStreams } = await world.call('describeLogStreams', { logGroupIdentifier: ARN, logStreamNamePrefix: 'b' });
    const now = world.clock.now();
    expect(logStreams).toMatchObject([
      { firstEventTimestamp: now - 5000, lastEventTimestamp: now - 3000, lastIngestionTime: now, arn: `${ARN}:log-stream:b` },
    ]);
    await world.put('b', [0, 'z']);
    expect(await names({ orderBy: 'LastEventTime', descending: true, limit: 1 })).toEqual(['b']);
    await world.call('deleteLogStream', { logGroupName: group, logStreamName: 'b' });
    expect(await names({})).toEqual(['a', 'c']);
    expect(await refused(world.stream('a'))).toBe('ResourceAlreadyExistsException: The specified log stream already exists');
  });

  test('groups are tagged, the old way and the new', async () => {
    await world.call('tagResource', { resourceArn: ARN, tags: { b: '2' } });
    await world.call('tagLogGroup', { logGroupName: group, tags: { c: '3' } });
    await world.call('untagResource', { resourceArn: ARN, tagKeys: ['a'] });
    await world.call('untagLogGroup', { logGroupName: group, tags: ['c'] });
    expect(await world.call('listTagsForResource', { resourceArn: ARN })).toEqual({ tags: { b: '2' } });
    expect(await world.call('listTagsLogGroup', { logGroupName: group })).toEqual({ tags: { b: '2' } });
  });
});

describe('events are put', () => {
  test('and refused as AWS refuses them', async () => {
    await world.stream('s');
    expect(await refused(world.put('s', [0, 'a'], [-1, 'b']))).toBe(
      'InvalidParameterException: Log events in a single PutLogEvents request must be in chronological order.',
    );
    expect(await refused(world.put('s', [-2 * DAY, 'a'], [0, 'b']))).toContain('cannot span more than 24 hours');
    expect(await refused(world.put('s', [0, 'x'.repeat(600_000)], [0, 'y'.repeat(600_000)]))).toContain('InvalidParameterException');
    expect(await refused(world.put('nothing', [0, 'a']))).toBe('ResourceNotFoundException: The specified log stream does not exist.');
    expect(messages(await world.filter())).toEqual([]);
  });

  test('without those that are too old, expired or too new', async () => {
    await world.stream('s');
    expect((await world.put('s', [-14 * DAY - 1, 'old'], [-14 * DAY, 'just'])).rejectedLogEventsInfo).toEqual({
      tooOldLogEventEndIndex: 1,
    });
    expect((await world.put('s', [0, 'now'], [3 * 3_600_000, 'tomorrow'])).rejectedLogEventsInfo).toEqual({ tooNewLogEventStartIndex: 1 });
    await world.call('putRetentionPolicy', { logGroupName: group, retentionInDays: 1 });
    expect((await world.put('s', [-2 * DAY, 'expired'])).rejectedLogEventsInfo).toEqual({ expiredLogEventEndIndex: 1 });
    expect(messages(await world.filter())).toEqual(['now']);
    await world.call('deleteRetentionPolicy', { logGroupName: group });
    expect(messages(await world.filter())).toEqual(['just', 'now']);
    expect(await refused(world.call('putRetentionPolicy', { logGroupName: group, retentionInDays: 2 }))).toContain(
      'InvalidParameterException',
    );
  });
});

describe('GetLogEvents', () => {
  const get = (input: object = {}) => world.call('getLogEvents', { logGroupName: group, logStreamName: 's', ...input });

  test('reads forward from the head until the token stays the same', async () => {
    await world.stream('s', ...Array.from({ length: 5 }, (_, n) => [n, `m${n}`] as const));
    const first = await get({ startFromHead: true, limit: 3 });
    expect(messages(first.events)).toEqual(['m0', 'm1', 'm2']);
    const second = await get({ nextToken: first.nextForwardToken, limit: 3 });
    expect(messages(second.events)).toEqual(['m3', 'm4']);
    const third = await get({ nextToken: second.nextForwardToken });
    expect(third).toMatchObject({ events: [], nextForwardToken: second.nextForwardToken });
    await world.put('s', [9, 'm5']);
    expect(messages((await get({ nextToken: third.nextForwardToken })).events)).toEqual(['m5']);
    expect(messages((await get({ nextToken: second.nextBackwardToken })).events)).toEqual(['m0', 'm1', 'm2']);
  });

  test('reads backward from the tail until the token stays the same', async () => {
    await world.stream('s', ...Array.from({ length: 5 }, (_, n) => [n, `m${n}`] as const));
    const first = await get({ limit: 3 });
    expect(messages(first.events)).toEqual(['m2', 'm3', 'm4']);
    const second = await get({ nextToken: first.nextBackwardToken, limit: 3 });
    expect(messages(second.events)).toEqual(['m0', 'm1']);
    expect(await get({ nextToken: second.nextBackwardToken })).toMatchObject({ events: [], nextBackwardToken: second.nextBackwardToken });
  });

  test('keeps to the times, the later excluded', async () => {
    const now = world.clock.now();
    await world.stream('s', ...Array.from({ length: 2500 }, (_, n) => [n, `m${n}`] as const));
    expect(messages((await get({ startTime: now + 10, endTime: now + 12, startFromHead: true })).events)).toEqual(['m10', 'm11']);
    expect(messages((await get({ startTime: now + 10, endTime: now + 13, limit: 2 })).events)).toEqual(['m11', 'm12']);
  });

  test('gives the last megabyte, not the last of what one read gives', async () => {
    await world.stream('s');
    for (let batch = 0; batch < 12; batch++)
      await world.put('s', ...Array.from({ length: 9 }, (_, n) => [0, `${batch * 9 + n}:${'x'.repeat(100_000)}`] as const));
    const { events = [], nextBackwardToken } = await get();
    expect(messages(events).map((message) => Number(message.split(':')[0]))).toEqual(Array.from({ length: 10 }, (_, n) => 98 + n));
    const before = await get({ nextToken: nextBackwardToken });
    expect(messages(before.events).at(-1)).toMatch(/^97:/);
  });

  test('refuses other tokens', async () => {
    await world.stream('s');
    expect(await refused(get({ nextToken: 'x' }))).toBe('InvalidParameterException: The specified nextToken is invalid.');
  });
});

describe('FilterLogEvents', () => {
  test('mixes streams by time, in pages of any size', async () => {
    await world.stream('a', [0, 'a0'], [3, 'a3'], [6, 'a6']);
    await world.stream('b', [1, 'b1'], [4, 'b4'], [6, 'b6']);
    await world.stream('c', [5, 'c5']);
    const all = ['a0', 'b1', 'a3', 'b4', 'c5', 'a6', 'b6'];
    for (const limit of [1, 2, 3, 7, 100]) expect(messages(await world.filter({ limit }))).toEqual(all);
    expect(messages(await world.filter({ logStreamNames: ['a', 'c'] }))).toEqual(['a0', 'a3', 'c5', 'a6']);
    expect(messages(await world.filter({ logStreamNamePrefix: 'b' }))).toEqual(['b1', 'b4', 'b6']);
    expect(messages(await world.filter({ logGroupName: undefined as never, logGroupIdentifier: ARN }))).toEqual(all);
    const events = await world.filter();
    expect(new Set(events.map(({ eventId }) => eventId)).size).toBe(7);
    expect(events[0]).toMatchObject({ logStreamName: 'a', ingestionTime: world.clock.now() });
  });

  test('keeps to the times, both included', async () => {
    const now = world.clock.now();
    await world.stream('a', [0, 'a0'], [3, 'a3'], [6, 'a6']);
    expect(messages(await world.filter({ startTime: now + 3, endTime: now + 6 }))).toEqual(['a3', 'a6']);
    expect(messages(await world.filter({ endTime: now + 5 }))).toEqual(['a0', 'a3']);
  });

  test('goes on where a page ended, though streams have come meanwhile', async () => {
    await world.stream('a', [0, 'a0'], [3, 'a3']);
    const { events, nextToken } = await world.call('filterLogEvents', { logGroupName: group, limit: 1 });
    await world.stream('z', [5, 'z5']);
    const rest = await world.call('filterLogEvents', { logGroupName: group, limit: 10, nextToken: nextToken! });
    expect([...messages(events), ...messages(rest.events)]).toEqual(['a0', 'a3', 'z5']);
    expect(await refused(world.filter({ filterPattern: 'x', nextToken: nextToken! }))).toContain('The specified nextToken is invalid.');
  });

  test('finds every event once, however times run, in pages of any size', async () => {
    const times = fc.array(fc.array(fc.integer({ min: 0, max: 50 }), { minLength: 1, maxLength: 12 }), { minLength: 1, maxLength: 4 });
    let run = 0;
    await fc.assert(
      fc.asyncProperty(times, fc.integer({ min: 1, max: 9 }), fc.integer({ min: 0, max: 50 }), async (streams, limit, start) => {
        const prefix = `run${run++}-`;
        const expected: string[] = [];
        for (const [index, offsets] of streams.entries()) {
          await world.stream(`${prefix}${index}`);
          // One put each, as times may run backwards between batches only.
          for (const [n, offset] of offsets.entries()) {
            await world.put(`${prefix}${index}`, [offset, `${index}/${n}`]);
            if (offset >= start) expected.push(`${index}/${n}`);
          }
        }
        const found = messages(await world.filter({ logStreamNamePrefix: prefix, limit, startTime: world.clock.now() + start }));
        expect(found.toSorted()).toEqual(expected.toSorted());
      }),
      { numRuns: 15 },
    );
  });

  test.each([
    [
      '',
      ['one ERROR', 'two WARN', 'three ERROR WARN', '{"level":"error","code":500,"user":{"id":"u1"},"tags":["x"],"ok":true,"empty":null}'],
    ],
    ['ERROR', ['one ERROR', 'three ERROR WARN']],
    ['ERROR WARN', ['three ERROR WARN']],
    ['ERROR -WARN', ['one ERROR']],
    ['?one ?two', ['one ERROR', 'two WARN']],
    ['"ERROR WARN"', ['three ERROR WARN']],
    ['%^t.*WARN$%', ['two WARN', 'three ERROR WARN']],
    ['%W[A-Z]{3}$% -three', ['two WARN']],
    ['error', ['{"level":"error","code":500,"user":{"id":"u1"},"tags":["x"],"ok":true,"empty":null}']],
  ])('pattern %s', async (filterPattern, expected) => {
    await world.stream(
      's',
      [0, 'one ERROR'],
      [1, 'two WARN'],
      [2, 'three ERROR WARN'],
      [3, '{"level":"error","code":500,"user":{"id":"u1"},"tags":["x"],"ok":true,"empty":null}'],
    );
    expect(messages(await world.filter({ filterPattern }))).toEqual(expected);
  });

  test.each([
    ['{ $.level = "error" }', true],
    ['{ $.level = error }', true],
    ['{ $.level = "err*" }', true],
    ['{ $.level != "error" }', false],
    ['{ $.code >= 500 && $.code < 501 }', true],
    ['{ $.code = 4* || $.user.id = "u1" }', true],
    ['{ ($.code = 1 || $.code = 2) && $.ok IS TRUE }', false],
    ['{ $.tags[0] = "x" }', true],
    ['{ $.empty IS NULL }', true],
    ['{ $.missing NOT EXISTS }', true],
    ['{ $.ok IS FALSE }', false],
    ['{ $.code = * && $.level = "*" && $.code = "*" }', true],
    ['{ $.code = 5* }', true],
    ['{ $.code = "500" }', false],
    ['{ $.missing = * }', false],
    ['{ $.level = %^e.+r$% && $.code = %^5\\d\\d$% }', true],
    ['{ $.level != %^e.+r$% }', false],
  ])('pattern %s', async (filterPattern, found) => {
    await world.stream('s', [0, '{"level":"error","code":500,"user":{"id":"u1"},"tags":["x"],"ok":true,"empty":null}'], [1, 'no JSON']);
    expect((await world.filter({ filterPattern })).length).toBe(found ? 1 : 0);
  });

  test.each(['{ $.a = }', '{ $.a = 1', '{ a = 1 }', '"open', '[ip, user]', '%E(R)R%', '%a% %b% %c%', '{ $.a > x }'])(
    'pattern %s is refused',
    async (filterPattern) => {
      expect(await refused(world.filter({ filterPattern }))).toContain('InvalidParameterException');
    },
  );
});
