import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ParameterStringFilterList, PutParameterRequest } from './api.gen.ts';
import { refused, World } from './testing/world.ts';

let world: World;
beforeEach(async () => {
  world = new World();
  await world.start();
});
afterEach(() => world.db.close());

const put = (Name: string, more: Partial<PutParameterRequest> = {}) =>
  world.call('putParameter', { Name, Value: 'value', Type: 'String', ...more });
const get = async (Name: string, WithDecryption = false) => (await world.call('getParameter', { Name, WithDecryption })).Parameter!;

describe('a parameter', () => {
  it('is kept with all that is said of it', async () => {
    expect(await put('/app/db/host', { Description: 'Where', AllowedPattern: '^[a-z]+$', Tags: [{ Key: 'k', Value: 'v' }] })).toEqual({
      Version: 1,
      Tier: 'Standard',
    });
    expect(await get('/app/db/host')).toEqual({
      Name: '/app/db/host',
      Type: 'String',
      Value: 'value',
      Version: 1,
      LastModifiedDate: world.clock.now(),
      ARN: 'arn:aws:ssm:us-east-1:123456789012:parameter/app/db/host',
      DataType: 'text',
    });
    expect(await world.call('listTagsForResource', { ResourceType: 'Parameter', ResourceId: '/app/db/host' })).toEqual({
      TagList: [{ Key: 'k', Value: 'v' }],
    });
  });

  it('is found by ARN, with and without a slash in front of its name', async () => {
    await put('plain');
    await put('/deep/er');
    expect((await get('arn:aws:ssm:us-east-1:123456789012:parameter/plain')).Name).toBe('plain');
    expect((await get('arn:aws:ssm:us-east-1:123456789012:parameter/deep/er:1')).Name).toBe('/deep/er');
    expect(await refused(get('arn:aws:ssm:us-east-1:999999999999:parameter/plain'))).toBe('ParameterNotFound: ');
  });

  it('of type SecureString is sealed, and shown to those who ask for it', async () => {
    await put('secret', { Type: 'SecureString', Value: 'the text' });
    expect((await get('secret', true)).Value).toBe('the text');
    const shown = (await get('secret')).Value!;
    expect(shown).not.toContain('the text');
    const { value } = (await world.db.get<{ value: string }>({ sql: 'SELECT value FROM ssm_versions' }))!;
    expect(value).not.toContain('the text');
    expect(value).not.toContain(shown);
    const { Parameters } = await world.call('describeParameters', {});
    expect(Parameters).toMatchObject([{ Type: 'SecureString', KeyId: 'alias/aws/ssm' }]);
  });

  it('is not overwritten unasked, and remembers what it was', async () => {
    await put('a', { Value: 'one', Description: 'kept' });
    expect(await refused(put('a'))).toBe(
      'ParameterAlreadyExists: The parameter already exists. To overwrite this value, set the overwrite option in the request to true.',
    );
    expect(await put('a', { Value: 'two', Overwrite: true })).toMatchObject({ Version: 2 });
    const { Parameters } = await world.call('getParameterHistory', { Name: 'a' });
    expect(Parameters!.map(({ Value, Version, Description }) => [Value, Version, Description])).toEqual([
      ['one', 1, 'kept'],
      ['two', 2, 'kept'],
    ]);
  });

  it('takes writes at the same instant one after the other', async () => {
    await put('a');
    await Promise.all(Array.from({ length: 10 }, (_, i) => put('a', { Value: `v${i}`, Overwrite: true })));
    const { Parameters } = await world.call('getParameterHistory', { Name: 'a' });
    expect(Parameters!.map(({ Version }) => Version)).toEqual(Array.from({ length: 11 }, (_, i) => i + 1));
    expect(new Set(Parameters!.map(({ Value }) => Value)).size).toBe(11);
  });

  it('keeps a hundred versions, and those that a label holds', async () => {
    await put('a');
    for (let i = 2; i <= 101; i++) await put('a', { Overwrite: true });
    expect(await refused(get('a:1'))).toMatch(/^ParameterVersionNotFound: .*version 1 of a/);
    await world.call('labelParameterVersion', { Name: 'a', ParameterVersion: 2, Labels: ['held'] });
    expect(await refused(put('a', { Overwrite: true }))).toMatch(/^ParameterMaxVersionLimitExceeded: .*Version 2/);
  });

  it('tells the bus of its changes, never its value', async () => {
    await put('a', { Value: 'the text', Type: 'SecureString' });
    await put('a', { Value: 'the text', Overwrite: true, Type: 'SecureString' });
    await world.call('deleteParameter', { Name: 'a' });
    const events = await world.bus.read(0, 10);
    expect(events.map(({ source, detailType, detail }) => [source, detailType, detail['operation']])).toEqual(
      ['Create', 'Update', 'Delete'].map((operation) => ['aws.ssm', 'Parameter Store Change', operation]),
    );
    expect(JSON.stringify(events)).not.toContain('the text');
  });
});

it.each<readonly [name: string, more: Partial<PutParameterRequest>, refusal: RegExp]>([
  ['aws', {}, /^ValidationException: .*"aws" or "ssm"/],
  ['/aws/service/x', {}, /^AccessDeniedException: No access to reserved parameter name: \/aws\/service\/x\.$/],
  ['/SSM/x', {}, /^ValidationException: .*can't be prefixed with "ssm"/],
  ['a/b', {}, /^ValidationException: Parameter name must be a fully qualified name\.$/],
  ['a b', {}, /^ValidationException: /],
  ['a:1', {}, /^ValidationException: /],
  [`/${Array.from({ length: 16 }, () => 'x').join('/')}`, {}, /^HierarchyLevelLimitExceededException: /],
  ['a', { Value: 'x'.repeat(4097) }, /^ValidationException: Standard tier parameters support a maximum parameter value of 4096/],
  ['a', { Value: 'x'.repeat(8193), Tier: 'Advanced' }, /^ValidationException: Advanced tier parameters .* 8192/],
  ['a', { Value: 'x'.repeat(8193), Tier: 'Intelligent-Tiering' }, /^ValidationException: Advanced tier/],
  [
    'a',
    { AllowedPattern: '^\\d+$' },
    /^ParameterPatternMismatchException: Parameter value, cannot be validated against allowedPattern: \^\\d\+\$$/,
  ],
  ['a', { AllowedPattern: '(' }, /^InvalidAllowedPatternException: /],
  ['a', { AllowedPattern: '^(a+)+$', Value: `${'a'.repeat(60)}b` }, /^InvalidAllowedPatternException: /],
  ['a', { DataType: 'number' }, /^ValidationException: The following data type is not supported: number/],
  ['a', { Overwrite: true, Tags: [{ Key: 'a', Value: 'b' }] }, /^ValidationException: .*tags and overwrite can't be used together/],
  ['a', { Policies: '[{"Type":"Expiration"}]' }, /^InvalidPolicyTypeException: /],
])('%s is refused with %j', async (name, more, refusal) => {
  expect(await refused(put(name, more))).toMatch(refusal);
  expect((await world.call('describeParameters', {})).Parameters).toEqual([]);
});

it('a type must be given at first', async () => {
  expect(await refused(world.call('putParameter', { Name: 'a', Value: 'b' }))).toMatch(
    /^ValidationException: A parameter type is required/,
  );
});

it('the advanced tier is for ever, and chosen by itself where it is needed', async () => {
  expect(await put('a', { Tier: 'Intelligent-Tiering' })).toMatchObject({ Tier: 'Standard' });
  expect(await put('a', { Tier: 'Intelligent-Tiering', Value: 'x'.repeat(5000), Overwrite: true })).toMatchObject({ Tier: 'Advanced' });
  expect(await put('a', { Overwrite: true })).toMatchObject({ Tier: 'Advanced' });
  expect(await refused(put('a', { Tier: 'Standard', Overwrite: true }))).toMatch(/can't downgrade/);
});

describe('selectors', () => {
  beforeEach(async () => {
    await put('a', { Value: 'one' });
    await put('a', { Value: 'two', Overwrite: true });
  });

  it('lead to versions and labels', async () => {
    await world.call('labelParameterVersion', { Name: 'a', ParameterVersion: 1, Labels: ['prod', 'old'] });
    expect(await get('a:1')).toMatchObject({ Value: 'one', Selector: ':1' });
    expect(await get('a:prod')).toMatchObject({ Value: 'one', Selector: ':prod', Version: 1 });
    await world.call('labelParameterVersion', { Name: 'a', Labels: ['prod'] });
    expect(await get('a:prod')).toMatchObject({ Value: 'two' });
    expect(await world.call('unlabelParameterVersion', { Name: 'a', ParameterVersion: 1, Labels: ['old', 'prod'] })).toEqual({
      RemovedLabels: ['old'],
      InvalidLabels: ['prod'],
    });
    expect(await refused(get('a:old'))).toMatch(/^ParameterVersionNotFound: .*version label old of a/);
  });

  it('that are no labels are told, and not set', async () => {
    expect(await world.call('labelParameterVersion', { Name: 'a', Labels: ['1st', 'awsx', 'fine'] })).toEqual({
      InvalidLabels: ['1st', 'awsx'],
      ParameterVersion: 2,
    });
    expect(await refused(get('a:fine'))).toMatch(/^ParameterVersionNotFound/);
    await world.call('labelParameterVersion', { Name: 'a', Labels: Array.from({ length: 10 }, (_, i) => `l${i}`) });
    expect(await refused(world.call('labelParameterVersion', { Name: 'a', Labels: ['more'] }))).toMatch(
      /^ParameterVersionLabelLimitExceeded/,
    );
  });

  it('come back from GetParameters, and what is not there among the invalid', async () => {
    const answer = await world.call('getParameters', { Names: ['a:1', 'absent', 'a:7', '/aws/service/ami-amazon-linux-latest/x'] });
    expect(answer.Parameters).toMatchObject([{ Name: 'a', Selector: ':1', Value: 'one' }]);
    expect(answer.InvalidParameters).toEqual(['absent', 'a:7', '/aws/service/ami-amazon-linux-latest/x']);
  });

  it('delete nothing', async () => {
    expect(await refused(world.call('deleteParameter', { Name: 'a:1' }))).toBe('ParameterNotFound: ');
    expect(await world.call('deleteParameters', { Names: ['a', 'absent'] })).toEqual({
      DeletedParameters: ['a'],
      InvalidParameters: ['absent'],
    });
    expect(await refused(get('a'))).toBe('ParameterNotFound: ');
    expect(await put('a')).toMatchObject({ Version: 1 });
  });
});

describe('hierarchies', () => {
  beforeEach(async () => {
    for (const name of ['/app/a', '/app/b/c', '/app/b/d/e', '/apple/x', 'root', '/top']) await put(name);
    await put('/app/secret', { Type: 'SecureString' });
  });

  const names = async (Path: string, more: object = {}): Promise<(string | undefined)[]> =>
    (await world.call('getParametersByPath', { Path, ...more })).Parameters!.map(({ Name }) => Name);

  it('are read one level deep, or all the way down', async () => {
    expect(await names('/app')).toEqual(['/app/a', '/app/secret']);
    expect(await names('/app/', { Recursive: true })).toEqual(['/app/a', '/app/b/c', '/app/b/d/e', '/app/secret']);
    expect(await names('/')).toEqual(['/top', 'root']);
    expect(await names('/absent')).toEqual([]);
    expect(await refused(names('app'))).toMatch(/^ValidationException: The parameter doesn't meet the parameter name requirements/);
  });

  it('are filtered and paged', async () => {
    expect(await names('/app', { ParameterFilters: [{ Key: 'Type', Values: ['SecureString'] }] })).toEqual(['/app/secret']);
    expect(await refused(names('/app', { ParameterFilters: [{ Key: 'Name', Values: ['x'] }] }))).toMatch(
      /^InvalidFilterKey: The following filter key is not valid: Name\. Valid filter keys include: \[Type, KeyId, Label\]\.$/,
    );
    const seen: (string | undefined)[] = [];
    for (let NextToken: string | undefined; ;) {
      const page = await world.call('getParametersByPath', { Path: '/', Recursive: true, MaxResults: 3, ...(NextToken && { NextToken }) });
      seen.push(...page.Parameters!.map(({ Name }) => Name));
      NextToken = page.NextToken;
      if (NextToken === undefined) break;
    }
    expect(seen).toEqual(['/app/a', '/app/b/c', '/app/b/d/e', '/app/secret', '/apple/x', '/top', 'root']);
  });

  it.each<readonly [filters: ParameterStringFilterList, names: readonly string[]]>([
    [[{ Key: 'Name', Values: ['/app/a', 'top'] }], ['/app/a', '/top']],
    [[{ Key: 'Name', Option: 'BeginsWith', Values: ['/app/'] }], ['/app/a', '/app/b/c', '/app/b/d/e', '/app/secret']],
    [
      [
        { Key: 'Name', Option: 'Contains', Values: ['pp'] },
        { Key: 'Type', Values: ['SecureString'] },
      ],
      ['/app/secret'],
    ],
    [[{ Key: 'Path', Values: ['/app/b'] }], ['/app/b/c']],
    [[{ Key: 'Path', Option: 'Recursive', Values: ['/app/b'] }], ['/app/b/c', '/app/b/d/e']],
    [[{ Key: 'tag:team', Values: ['red'] }], ['root']],
    [[{ Key: 'tag:team' }], ['/top', 'root']],
    [[{ Key: 'Label', Values: ['prod'] }], ['/top']],
    [[{ Key: 'Tier', Values: ['Advanced'] }], []],
  ])('are described by %j', async (ParameterFilters, expected) => {
    const tag = (name: string, Value: string) =>
      world.call('addTagsToResource', { ResourceType: 'Parameter', ResourceId: name, Tags: [{ Key: 'team', Value }] });
    await tag('root', 'red');
    await tag('/top', 'blue');
    await world.call('labelParameterVersion', { Name: '/top', Labels: ['prod'] });
    const { Parameters } = await world.call('describeParameters', { ParameterFilters });
    expect(Parameters!.map(({ Name }) => Name)).toEqual(expected);
  });

  it.each([
    [[{ Key: 'Name', Option: 'Recursive', Values: ['a'] }], /^InvalidFilterOption: /],
    [[{ Key: 'Name' }], /^InvalidFilterValue: /],
    [
      [
        { Key: 'Type', Values: ['String'] },
        { Key: 'Type', Values: ['String'] },
      ],
      /^InvalidFilterKey: The following filter is duplicated/,
    ],
  ])('are not described by %j', async (ParameterFilters, refusal) => {
    expect(await refused(world.call('describeParameters', { ParameterFilters }))).toMatch(refusal);
  });
});

it('tags go on parameters only', async () => {
  await put('a');
  const add = (ResourceType: 'Parameter' | 'Document', count: number) =>
    world.call('addTagsToResource', {
      ResourceType,
      ResourceId: 'a',
      Tags: Array.from({ length: count }, (_, i) => ({ Key: `k${i}`, Value: 'v' })),
    });
  expect(await refused(add('Document', 1))).toMatch(/^InvalidResourceId: /);
  expect(await refused(add('Parameter', 51))).toMatch(/^TooManyTagsError: /);
  await add('Parameter', 2);
  await world.call('removeTagsFromResource', { ResourceType: 'Parameter', ResourceId: 'a', TagKeys: ['k0'] });
  expect(await world.call('listTagsForResource', { ResourceType: 'Parameter', ResourceId: 'a' })).toEqual({
    TagList: [{ Key: 'k1', Value: 'v' }],
  });
});
