import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { CreateSecretRequest, FiltersListType, GetSecretValueRequest } from './api.gen.ts';
import { purge } from './index.ts';
import { refused, World } from './testing/world.ts';

const DAY_MS = 86_400_000;
const MISSING = "ResourceNotFoundException: Secrets Manager can't find the specified secret.";

let world: World;
beforeEach(async () => {
  world = new World();
  await world.start();
});
afterEach(() => world.db.close());

const token = (n: number): string => `token-${String(n).padStart(32, '0')}`;
const create = (Name: string, more: Partial<CreateSecretRequest> = {}) =>
  world.call('createSecret', { Name, SecretString: 'text', ...more });
const value = async (SecretId: string, more: Partial<GetSecretValueRequest> = {}) => world.call('getSecretValue', { SecretId, ...more });
const put = (SecretId: string, SecretString: string, more: object = {}) =>
  world.call('putSecretValue', { SecretId, SecretString, ...more });
const stages = async (SecretId: string) => (await world.call('describeSecret', { SecretId })).VersionIdsToStages;

describe('a secret', () => {
  it('has six random characters in its ARN and is found by name, ARN and partial ARN', async () => {
    const { ARN } = await create('prod/db-secret', { ClientRequestToken: token(1) });
    expect(ARN).toMatch(/^arn:aws:secretsmanager:us-east-1:123456789012:secret:prod\/db-secret-[A-Za-z0-9]{6}$/);
    for (const id of ['prod/db-secret', ARN!, ARN!.slice(0, -7)]) {
      expect(await value(id)).toEqual({
        ARN,
        Name: 'prod/db-secret',
        VersionId: token(1),
        SecretString: 'text',
        VersionStages: ['AWSCURRENT'],
        CreatedDate: world.clock.now(),
      });
    }
    for (const id of ['absent', `${ARN!.slice(0, -6)}xxxxxx`, ARN!.replace('123456789012', '999999999999')])
      expect(await refused(value(id))).toBe(MISSING);
  });

  it('is sealed, text and bytes alike', async () => {
    await create('text', { SecretString: 'a remarkable text' });
    await world.call('createSecret', { Name: 'bytes', SecretBinary: Buffer.from('remarkable bytes') });
    const rows = await world.db.all({ sql: 'SELECT * FROM secretsmanager_versions' });
    const clear = JSON.stringify(rows);
    for (const bytes of ['remarkable text', 'remarkable bytes', Buffer.from('remarkable bytes').toString('base64')])
      expect(clear).not.toContain(bytes);
    expect(Buffer.from((await value('bytes')).SecretBinary!).toString()).toBe('remarkable bytes');
  });

  it('is made once; the same call again answers the same', async () => {
    const first = await create('a', { ClientRequestToken: token(1) });
    expect(await create('a', { ClientRequestToken: token(1) })).toEqual(first);
    const exists = 'ResourceExistsException: The operation failed because the secret a already exists.';
    expect(await refused(create('a', { ClientRequestToken: token(2) }))).toBe(exists);
    expect(await refused(create('a', { ClientRequestToken: token(1), SecretString: 'other' }))).toBe(exists);
    const made = await Promise.all(Array.from({ length: 5 }, () => refused(create('b'))));
    expect(made.filter((text) => text === 'it succeeded').length).toBe(1);
  });

  it('may have no value yet', async () => {
    expect(await world.call('createSecret', { Name: 'empty' })).not.toHaveProperty('VersionId');
    expect(await refused(value('empty'))).toMatch(/^ResourceNotFoundException: .*secret value for staging label: AWSCURRENT$/);
    await put('empty', 'first', { VersionStages: ['mine'] });
    expect((await value('empty')).VersionStages).toEqual(['AWSCURRENT', 'mine']);
  });

  it.each<readonly [input: Partial<CreateSecretRequest>, refusal: RegExp]>([
    [{ Name: 'a b' }, /^ValidationException: Invalid name\. Must be a valid name containing alphanumeric characters/],
    [{ SecretBinary: Buffer.from('x') }, /^InvalidParameterException: You can't specify both/],
    [{ SecretString: 'é'.repeat(40_000) }, /^InvalidParameterException: .*65536 bytes/],
    [{ Tags: [{ Key: 'aws:x', Value: '' }] }, /^InvalidParameterException: The tag key/],
    [{ AddReplicaRegions: [{ Region: 'eu-west-1' }] }, /^NotImplementedException: /],
  ])('is not made of %j', async (input, refusal) => {
    expect(await refused(create('a', input))).toMatch(refusal);
  });
});

describe('versions', () => {
  beforeEach(async () => {
    await create('a', { ClientRequestToken: token(1), SecretString: 'one' });
  });

  it('succeed each other as current and previous', async () => {
    expect(await put('a', 'two', { ClientRequestToken: token(2) })).toMatchObject({ VersionId: token(2), VersionStages: ['AWSCURRENT'] });
    await put('a', 'three', { ClientRequestToken: token(3) });
    expect(await stages('a')).toEqual({ [token(3)]: ['AWSCURRENT'], [token(2)]: ['AWSPREVIOUS'] });
    expect((await value('a')).SecretString).toBe('three');
    expect((await value('a', { VersionStage: 'AWSPREVIOUS' })).SecretString).toBe('two');
    expect((await value('a', { VersionId: token(1) })).SecretString).toBe('one');
    expect(await refused(value('a', { VersionId: token(1), VersionStage: 'AWSCURRENT' }))).toBe(
      'InvalidRequestException: You provided a VersionStage that is not associated to the provided VersionId.',
    );
    expect(await refused(value('a', { VersionId: token(9) }))).toMatch(/secret value for VersionId: token-0+9$/);
    expect((await world.call('listSecretVersionIds', { SecretId: 'a' })).Versions!.length).toBe(2);
    const { Versions } = await world.call('listSecretVersionIds', { SecretId: 'a', IncludeDeprecated: true });
    expect(Versions!.map(({ VersionId, VersionStages }) => [VersionId, VersionStages])).toEqual([
      [token(1), undefined],
      [token(2), ['AWSPREVIOUS']],
      [token(3), ['AWSCURRENT']],
    ]);
  });

  it('are told apart by their tokens', async () => {
    await put('a', 'two', { ClientRequestToken: token(2) });
    await put('a', 'two', { ClientRequestToken: token(2) });
    expect(await refused(put('a', 'other', { ClientRequestToken: token(2) }))).toMatch(
      /^ResourceExistsException: You can't use ClientRequestToken token-0+2 because that value is already in use/,
    );
    expect(await stages('a')).toEqual({ [token(2)]: ['AWSCURRENT'], [token(1)]: ['AWSPREVIOUS'] });
  });

  it('put at the same instant all have their turn', async () => {
    await Promise.all(Array.from({ length: 8 }, (_, i) => put('a', `v${i}`)));
    const { Versions } = await world.call('listSecretVersionIds', { SecretId: 'a', IncludeDeprecated: true });
    expect(Versions!.length).toBe(9);
    expect(Object.values((await stages('a'))!).toSorted((a, b) => (a[0]! < b[0]! ? -1 : 1))).toEqual([['AWSCURRENT'], ['AWSPREVIOUS']]);
  });

  it('are moved by their labels', async () => {
    await put('a', 'two', { ClientRequestToken: token(2), VersionStages: ['AWSPENDING'] });
    expect((await value('a')).SecretString).toBe('one');
    const move = (VersionStage: string, more: object) => world.call('updateSecretVersionStage', { SecretId: 'a', VersionStage, ...more });
    expect(await refused(move('AWSCURRENT', { MoveToVersionId: token(2) }))).toMatch(
      /^InvalidParameterException: The parameter RemoveFromVersionId can't be empty\. Staging label AWSCURRENT is currently attached to version token-0+1/,
    );
    await move('AWSCURRENT', { MoveToVersionId: token(2), RemoveFromVersionId: token(1) });
    expect(await stages('a')).toEqual({ [token(2)]: ['AWSCURRENT', 'AWSPENDING'], [token(1)]: ['AWSPREVIOUS'] });
    await move('AWSCURRENT', { MoveToVersionId: token(1), RemoveFromVersionId: token(2) });
    expect(await stages('a')).toEqual({ [token(1)]: ['AWSCURRENT'], [token(2)]: ['AWSPENDING', 'AWSPREVIOUS'] });
    await move('AWSPENDING', { RemoveFromVersionId: token(2) });
    expect(await stages('a')).toEqual({ [token(1)]: ['AWSCURRENT'], [token(2)]: ['AWSPREVIOUS'] });
    expect(await refused(move('AWSCURRENT', { RemoveFromVersionId: token(1) }))).toMatch(/can’t be completely removed/);
    expect(await refused(move('x', { MoveToVersionId: token(9) }))).toMatch(/^ResourceNotFoundException/);
  });

  it('without a label go when there are too many and they are old', async () => {
    for (let i = 2; i <= 103; i++) await put('a', `v${i}`, { ClientRequestToken: token(i) });
    const count = async () =>
      (await world.call('listSecretVersionIds', { SecretId: 'a', IncludeDeprecated: true, MaxResults: 100 })).NextToken;
    expect(await count()).toBeDefined();
    world.clock.advance(2 * DAY_MS);
    await put('a', 'last');
    expect(await count()).toBeUndefined();
  });

  it('are made by UpdateSecret, which changes the rest too', async () => {
    const { VersionId } = await world.call('updateSecret', { SecretId: 'a', SecretString: 'new', Description: 'About' });
    expect(await value('a')).toMatchObject({ SecretString: 'new', VersionId });
    expect(await world.call('updateSecret', { SecretId: 'a', KmsKeyId: 'alias/mine' })).not.toHaveProperty('VersionId');
    expect(await world.call('describeSecret', { SecretId: 'a' })).toMatchObject({ Description: 'About', KmsKeyId: 'alias/mine' });
  });
});

describe('deletion', () => {
  it('waits for its recovery window, and can be undone meanwhile', async () => {
    await create('a');
    const { DeletionDate } = await world.call('deleteSecret', { SecretId: 'a', RecoveryWindowInDays: 7 });
    expect(DeletionDate).toBe(world.clock.now() + 7 * DAY_MS);
    const marked = "InvalidRequestException: You can't perform this operation on the secret because it was marked for deletion.";
    expect(await refused(value('a'))).toBe(marked);
    expect(await refused(put('a', 'x'))).toBe(marked);
    expect(await refused(create('a'))).toMatch(/^InvalidRequestException: You can't create this secret because .* scheduled for deletion/);
    expect(await world.call('describeSecret', { SecretId: 'a' })).toMatchObject({ DeletedDate: world.clock.now() });
    expect((await world.call('listSecrets', {})).SecretList).toEqual([]);
    expect((await world.call('listSecrets', { IncludePlannedDeletion: true })).SecretList!.length).toBe(1);
    await world.call('restoreSecret', { SecretId: 'a' });
    expect((await value('a')).SecretString).toBe('text');
  });

  it('is final when the window is over', async () => {
    await create('a');
    await create('b');
    const { ARN } = await create('c');
    for (const SecretId of ['a', 'b']) await world.call('deleteSecret', { SecretId, RecoveryWindowInDays: 7 });
    world.clock.advance(7 * DAY_MS);
    expect(await refused(world.call('restoreSecret', { SecretId: 'a' }))).toBe(MISSING);
    await create('a', { SecretString: 'another' });
    await purge(world.tools);
    expect(await world.db.all({ sql: 'SELECT name FROM secretsmanager_secrets ORDER BY name' })).toEqual([{ name: 'a' }, { name: 'c' }]);
    expect((await value('a')).SecretString).toBe('another');
    expect((await value(ARN!)).SecretString).toBe('text');
  });

  it('can be had at once', async () => {
    const { ARN } = await create('a');
    expect(await world.call('deleteSecret', { SecretId: 'a', ForceDeleteWithoutRecovery: true })).toMatchObject({ ARN, Name: 'a' });
    expect(await refused(world.call('describeSecret', { SecretId: 'a' }))).toBe(MISSING);
    expect(await world.call('deleteSecret', { SecretId: 'a', ForceDeleteWithoutRecovery: true })).toMatchObject({ Name: 'a' });
    expect(await refused(world.call('deleteSecret', { SecretId: 'a' }))).toBe(MISSING);
  });

  it.each([
    [{ RecoveryWindowInDays: 7, ForceDeleteWithoutRecovery: true }, /in conjunction with RecoveryWindowInDays/],
    [{ RecoveryWindowInDays: 6 }, /between 7 and 30 days/],
    [{ RecoveryWindowInDays: 31 }, /between 7 and 30 days/],
  ])('is refused with %j', async (input, refusal) => {
    await create('a');
    expect(await refused(world.call('deleteSecret', { SecretId: 'a', ...input }))).toMatch(refusal);
  });
});

describe('lists', () => {
  beforeEach(async () => {
    await create('prod/db', { Description: 'The main database', Tags: [{ Key: 'team', Value: 'red' }] });
    world.clock.advance(1000);
    await create('prod/api', { Tags: [{ Key: 'team', Value: 'blue' }] });
    world.clock.advance(1000);
    await create('test/db');
  });

  const names = async (Filters: FiltersListType, more: object = {}) =>
    (await world.call('listSecrets', { Filters, ...more })).SecretList!.map(({ Name }) => Name);

  it.each<readonly [FiltersListType, readonly string[]]>([
    [[], ['test/db', 'prod/api', 'prod/db']],
    [[{ Key: 'name', Values: ['prod/'] }], ['prod/api', 'prod/db']],
    [[{ Key: 'name', Values: ['prod/', '!prod/api'] }], ['prod/db']],
    [[{ Key: 'name', Values: ['!prod/'] }], ['test/db']],
    [[{ Key: 'description', Values: ['MAIN data'] }], ['prod/db']],
    [
      [
        { Key: 'tag-key', Values: ['te'] },
        { Key: 'tag-value', Values: ['bl'] },
      ],
      ['prod/api'],
    ],
    [[{ Key: 'all', Values: ['red'] }], ['prod/db']],
    [[{ Key: 'primary-region', Values: ['us-'] }], ['test/db', 'prod/api', 'prod/db']],
    [[{ Key: 'owning-service', Values: ['rds'] }], []],
  ])('hold what fits %j', async (filters, expected) => {
    expect(await names(filters)).toEqual(expected);
  });

  it('are sorted and paged', async () => {
    expect(await names([], { SortBy: 'name', SortOrder: 'asc' })).toEqual(['prod/api', 'prod/db', 'test/db']);
    expect(await names([], { SortOrder: 'asc' })).toEqual(['prod/db', 'prod/api', 'test/db']);
    const first = await world.call('listSecrets', { MaxResults: 2 });
    const second = await world.call('listSecrets', { MaxResults: 2, NextToken: first.NextToken! });
    expect(second.SecretList!.map(({ Name }) => Name)).toEqual(['prod/db']);
    expect(second.NextToken).toBeUndefined();
    expect(await refused(world.call('listSecrets', { MaxResults: 2, NextToken: 'nonsense' }))).toMatch(/^InvalidNextTokenException/);
  });

  it('give many values at once, and say which they could not', async () => {
    const answer = await world.call('batchGetSecretValue', { SecretIdList: ['prod/db', 'absent'] });
    expect(answer.SecretValues).toMatchObject([{ Name: 'prod/db', SecretString: 'text' }]);
    expect(answer.Errors).toEqual([{ SecretId: 'absent', ErrorCode: 'ResourceNotFoundException', Message: MISSING.slice(27) }]);
    const page = await world.call('batchGetSecretValue', { Filters: [{ Key: 'name', Values: ['prod/'] }], MaxResults: 1 });
    expect(page.SecretValues!.map(({ Name }) => Name)).toEqual(['prod/db']);
    expect(await refused(world.call('batchGetSecretValue', {}))).toMatch(/^InvalidParameterException/);
  });

  it('remember the day of the last access', async () => {
    await value('prod/db');
    const { LastAccessedDate } = await world.call('describeSecret', { SecretId: 'prod/db' });
    expect(LastAccessedDate).toBe(Math.floor(world.clock.now() / DAY_MS) * DAY_MS);
  });
});

it('policies and tags are kept', async () => {
  await create('a');
  const policy = (Principal: string) =>
    JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Principal, Action: '*', Resource: '*' }] });
  const putPolicy = (ResourcePolicy: string) => world.call('putResourcePolicy', { SecretId: 'a', ResourcePolicy, BlockPublicPolicy: true });
  expect(await refused(putPolicy('{'))).toBe('MalformedPolicyDocumentException: This resource policy contains invalid Json');
  expect(await refused(putPolicy(policy('*')))).toMatch(/^PublicPolicyException/);
  await putPolicy(policy('123456789012'));
  expect((await world.call('getResourcePolicy', { SecretId: 'a' })).ResourcePolicy).toBe(policy('123456789012'));
  await world.call('deleteResourcePolicy', { SecretId: 'a' });
  expect(await world.call('getResourcePolicy', { SecretId: 'a' })).not.toHaveProperty('ResourcePolicy');
  await world.call('tagResource', {
    SecretId: 'a',
    Tags: [
      { Key: 'x', Value: '1' },
      { Key: 'y', Value: '2' },
    ],
  });
  await world.call('untagResource', { SecretId: 'a', TagKeys: ['x'] });
  expect((await world.call('describeSecret', { SecretId: 'a' })).Tags).toEqual([{ Key: 'y', Value: '2' }]);
});

it('rotation says what it lacks', async () => {
  await create('a');
  expect(await refused(world.call('rotateSecret', { SecretId: 'a' }))).toBe(
    'InvalidRequestException: No Lambda rotation function ARN is associated with this secret.',
  );
  const RotationLambdaARN = 'arn:aws:lambda:us-east-1:123456789012:function:f';
  expect(await refused(world.call('rotateSecret', { SecretId: 'a', RotationLambdaARN }))).toMatch(
    /Pipewright has none: the secret was not rotated/,
  );
});

describe('random passwords', () => {
  const password = async (input: object = {}) => (await world.call('getRandomPassword', input)).RandomPassword!;

  it('are what was asked for', async () => {
    expect(await password()).toHaveLength(32);
    expect(await password({ PasswordLength: 4, ExcludePunctuation: true, IncludeSpace: true })).toHaveLength(4);
    expect(await password({ PasswordLength: 200, ExcludePunctuation: true, ExcludeLowercase: true, ExcludeUppercase: true })).toMatch(
      /^\d{200}$/,
    );
    expect(await password({ PasswordLength: 400, ExcludeCharacters: 'abc"' })).not.toMatch(/[abc"]/);
    for (let i = 0; i < 20; i++) {
      const short = await password({ PasswordLength: 4 });
      for (const kind of [/[a-z]/, /[A-Z]/, /\d/, /[^a-zA-Z0-9]/]) expect(short).toMatch(kind);
    }
    expect(await password()).not.toBe(await password());
  });

  it.each([
    [{ PasswordLength: 3 }, /too short/],
    [{ ExcludeNumbers: true, ExcludePunctuation: true, ExcludeLowercase: true, ExcludeUppercase: true }, /everything is excluded/],
    [{ ExcludeCharacters: '0123456789' }, /leaves no character of a type/],
  ])('cannot be made of %j', async (input, refusal) => {
    expect(await refused(password(input))).toMatch(refusal);
  });
});
