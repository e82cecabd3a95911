import {
  AddUserToGroupCommand,
  CreateAccessKeyCommand,
  CreateGroupCommand,
  CreateUserCommand,
  DeleteAccessKeyCommand,
  DeleteGroupCommand,
  DeleteUserCommand,
  GetAccessKeyLastUsedCommand,
  GetGroupCommand,
  GetUserCommand,
  ListAccessKeysCommand,
  ListGroupsForUserCommand,
  ListUsersCommand,
  ListUserTagsCommand,
  RemoveUserFromGroupCommand,
  TagUserCommand,
  UntagUserCommand,
  UpdateAccessKeyCommand,
  UpdateUserCommand,
  type IAMClient,
} from '@aws-sdk/client-iam';
import { GetCallerIdentityCommand } from '@aws-sdk/client-sts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ACCOUNT, startIamServer, type Keys, type RestartableServer } from './testing/server.ts';

let server: RestartableServer;
let iam: IAMClient;
beforeAll(async () => {
  server = await startIamServer();
  iam = server.now.iamAs(server.now.root);
});
afterAll(() => server.close());

async function newKey(UserName?: string): Promise<Keys> {
  const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName }));
  return { accessKeyId: AccessKey!.AccessKeyId!, secretAccessKey: AccessKey!.SecretAccessKey! };
}

const whoAmI = async (keys: Keys) => (await server.now.stsAs(keys).send(new GetCallerIdentityCommand({}))).Arn;

describe('users', () => {
  it('are made once, whatever the case of the name', async () => {
    const { User } = await iam.send(new CreateUserCommand({ UserName: 'Ann', Path: '/a/b/', Tags: [{ Key: 'Team', Value: 'x' }] }));
    expect(User).toMatchObject({ Arn: `arn:aws:iam::${ACCOUNT}:user/a/b/Ann`, Path: '/a/b/', Tags: [{ Key: 'Team', Value: 'x' }] });
    expect(User!.UserId).toMatch(/^AIDA[A-Z2-7]{17}$/);
    expect((await iam.send(new GetUserCommand({ UserName: 'Ann' }))).User).toEqual(User);
    await expect(iam.send(new CreateUserCommand({ UserName: 'ann' }))).rejects.toMatchObject({
      name: 'EntityAlreadyExistsException',
      message: 'User with name ann already exists.',
      $metadata: { httpStatusCode: 409 },
    });
    await expect(iam.send(new GetUserCommand({ UserName: 'ann' }))).rejects.toMatchObject({
      name: 'NoSuchEntityException',
      message: 'The user with name ann cannot be found.',
      $metadata: { httpStatusCode: 404 },
    });
  });

  it('come in pages, by path', async () => {
    for (let n = 0; n < 5; n++) await iam.send(new CreateUserCommand({ UserName: `page${n}`, Path: '/pages/' }));
    const names: string[] = [];
    let Marker: string | undefined;
    do {
      const answer = await iam.send(new ListUsersCommand({ PathPrefix: '/pages/', MaxItems: 2, Marker }));
      expect(answer.IsTruncated).toBe(answer.Marker !== undefined);
      names.push(...answer.Users!.map((user) => user.UserName!));
      Marker = answer.Marker;
    } while (Marker);
    expect(names).toEqual(['page0', 'page1', 'page2', 'page3', 'page4']);
    const { Marker: other } = await iam.send(new ListUsersCommand({ MaxItems: 1 }));
    await expect(iam.send(new ListUsersCommand({ PathPrefix: '/pages/', Marker: other }))).rejects.toMatchObject({
      name: 'ValidationError',
    });
  });

  it('keep their keys, groups and tags when they get another name', async () => {
    await iam.send(new CreateUserCommand({ UserName: 'before', Tags: [{ Key: 'k', Value: 'v' }] }));
    const key = await newKey('before');
    expect(await whoAmI(key)).toBe(`arn:aws:iam::${ACCOUNT}:user/before`);
    await iam.send(new UpdateUserCommand({ UserName: 'before', NewUserName: 'after', NewPath: '/new/' }));
    expect(await whoAmI(key)).toBe(`arn:aws:iam::${ACCOUNT}:user/new/after`);
    expect((await iam.send(new ListUserTagsCommand({ UserName: 'after' }))).Tags).toEqual([{ Key: 'k', Value: 'v' }]);
    await expect(iam.send(new UpdateUserCommand({ UserName: 'after', NewUserName: 'Ann' }))).rejects.toMatchObject({
      name: 'EntityAlreadyExistsException',
    });
  });

  it('know themselves', async () => {
    await iam.send(new CreateUserCommand({ UserName: 'self' }));
    const self = server.now.iamAs(await newKey('self'));
    expect((await self.send(new GetUserCommand({}))).User).toMatchObject({ UserName: 'self', Path: '/' });
    const { User } = await iam.send(new GetUserCommand({}));
    expect(User).toMatchObject({ UserId: ACCOUNT, Arn: `arn:aws:iam::${ACCOUNT}:root` });
    expect(User!.UserName).toBeUndefined();
  });

  it('are not deleted while something hangs on them', async () => {
    await iam.send(new CreateUserCommand({ UserName: 'leaving', Tags: [{ Key: 'k', Value: 'v' }] }));
    const key = await newKey('leaving');
    const leave = () => iam.send(new DeleteUserCommand({ UserName: 'leaving' }));
    await expect(leave()).rejects.toMatchObject({
      name: 'DeleteConflictException',
      message: 'Cannot delete entity, must delete access keys first.',
      $metadata: { httpStatusCode: 409 },
    });
    expect((await iam.send(new ListUserTagsCommand({ UserName: 'leaving' }))).Tags).toHaveLength(1);
    await iam.send(new DeleteAccessKeyCommand({ UserName: 'leaving', AccessKeyId: key.accessKeyId }));
    await leave();
    await expect(leave()).rejects.toMatchObject({ name: 'NoSuchEntityException' });
  });
});

describe('access keys', () => {
  it('are two at most, also when asked for at once', async () => {
    await iam.send(new CreateUserCommand({ UserName: 'many' }));
    const results = await Promise.allSettled([newKey('many'), newKey('many'), newKey('many'), newKey('many')]);
    const refused = results.filter((result) => result.status === 'rejected').map((result) => result.reason as Error);
    expect(refused).toHaveLength(2);
    expect(refused[0]).toMatchObject({ name: 'LimitExceededException', message: 'Cannot exceed quota for AccessKeysPerUser: 2' });
    const { AccessKeyMetadata } = await iam.send(new ListAccessKeysCommand({ UserName: 'many' }));
    expect(AccessKeyMetadata).toHaveLength(2);
    expect(AccessKeyMetadata![0]).toMatchObject({ UserName: 'many', Status: 'Active' });
  });

  it('stop working at once when they are switched off or deleted', async () => {
    await iam.send(new CreateUserCommand({ UserName: 'key' }));
    const key = await newKey('key');
    const refused = { name: 'InvalidClientTokenId' };
    const set = (Status: 'Active' | 'Inactive') =>
      iam.send(new UpdateAccessKeyCommand({ UserName: 'key', AccessKeyId: key.accessKeyId, Status }));
    expect(await whoAmI(key)).toContain('user/key');
    await set('Inactive');
    await expect(whoAmI(key)).rejects.toMatchObject(refused);
    await set('Active');
    expect(await whoAmI(key)).toContain('user/key');
    await iam.send(new DeleteAccessKeyCommand({ UserName: 'key', AccessKeyId: key.accessKeyId }));
    await expect(whoAmI(key)).rejects.toMatchObject(refused);
    await expect(iam.send(new DeleteAccessKeyCommand({ UserName: 'key', AccessKeyId: key.accessKeyId }))).rejects.toMatchObject({
      name: 'NoSuchEntityException',
      message: `The Access Key with id ${key.accessKeyId} cannot be found.`,
    });
  });

  it('say when they were last used', async () => {
    await iam.send(new CreateUserCommand({ UserName: 'used' }));
    const key = await newKey('used');
    const lastUsed = () => iam.send(new GetAccessKeyLastUsedCommand({ AccessKeyId: key.accessKeyId }));
    expect((await lastUsed()).AccessKeyLastUsed).toEqual({ ServiceName: 'N/A', Region: 'N/A' });
    await whoAmI(key);
    await server.restart();
    iam = server.now.iamAs(server.now.root);
    expect(await lastUsed()).toMatchObject({
      UserName: 'used',
      AccessKeyLastUsed: { ServiceName: 'sts', Region: 'us-east-1', LastUsedDate: expect.any(Date) },
    });
  });
});

describe('the root key', () => {
  it('is the same after a restart, and is not among the users', async () => {
    const { root } = server.now;
    await server.restart();
    iam = server.now.iamAs(server.now.root);
    expect(server.now.root).toEqual(root);
    expect((await iam.send(new ListUsersCommand({ PathPrefix: '/' }))).Users!.map((user) => user.UserName)).not.toContain('root');
    expect((await iam.send(new ListAccessKeysCommand({}))).AccessKeyMetadata).toEqual([
      { AccessKeyId: root.accessKeyId, Status: 'Active', CreateDate: expect.any(Date) },
    ]);
  });

  it('is put back, as it was, where the database has lost it', async () => {
    const known = { accessKeyId: 'AKIAKNOWNKNOWNKNOWNK', secretAccessKey: 'known' };
    expect(await server.now.iam.ensureRootKey('999999999999', known)).toEqual(known);
    expect(await server.now.iam.credentials.find(known.accessKeyId)).toMatchObject({
      ...known,
      principal: { kind: 'root', account: '999999999999' },
    });
  });
});

describe('groups', () => {
  it('hold users', async () => {
    await iam.send(new CreateUserCommand({ UserName: 'member' }));
    const { Group } = await iam.send(new CreateGroupCommand({ GroupName: 'devs', Path: '/g/' }));
    expect(Group).toMatchObject({ Arn: `arn:aws:iam::${ACCOUNT}:group/g/devs`, GroupId: expect.stringMatching(/^AGPA/) });
    const membership = { GroupName: 'devs', UserName: 'member' };
    await iam.send(new AddUserToGroupCommand(membership));
    await iam.send(new AddUserToGroupCommand(membership));
    expect((await iam.send(new GetGroupCommand({ GroupName: 'devs' }))).Users!.map((user) => user.UserName)).toEqual(['member']);
    expect((await iam.send(new ListGroupsForUserCommand({ UserName: 'member' }))).Groups).toEqual([Group]);
    const inGroup = { name: 'DeleteConflictException', message: 'Cannot delete entity, must remove users from group first.' };
    await expect(iam.send(new DeleteUserCommand({ UserName: 'member' }))).rejects.toMatchObject(inGroup);
    await expect(iam.send(new DeleteGroupCommand({ GroupName: 'devs' }))).rejects.toMatchObject(inGroup);
    await iam.send(new RemoveUserFromGroupCommand(membership));
    await expect(iam.send(new RemoveUserFromGroupCommand(membership))).rejects.toMatchObject({ name: 'NoSuchEntityException' });
    await iam.send(new DeleteGroupCommand({ GroupName: 'devs' }));
  });
});

describe('tags', () => {
  it('are told apart regardless of case, and keep the newest', async () => {
    await iam.send(new CreateUserCommand({ UserName: 'tagged' }));
    await iam.send(
      new TagUserCommand({
        UserName: 'tagged',
        Tags: [
          { Key: 'Team', Value: 'a' },
          { Key: 'Cost', Value: '1' },
        ],
      }),
    );
    await iam.send(new TagUserCommand({ UserName: 'tagged', Tags: [{ Key: 'team', Value: 'b' }] }));
    const tags = async () => (await iam.send(new ListUserTagsCommand({ UserName: 'tagged' }))).Tags;
    expect(await tags()).toEqual([
      { Key: 'Cost', Value: '1' },
      { Key: 'team', Value: 'b' },
    ]);
    await iam.send(new UntagUserCommand({ UserName: 'tagged', TagKeys: ['COST', 'none'] }));
    expect(await tags()).toEqual([{ Key: 'team', Value: 'b' }]);
    const twice = [
      { Key: 'x', Value: '1' },
      { Key: 'X', Value: '2' },
    ];
    await expect(iam.send(new TagUserCommand({ UserName: 'tagged', Tags: twice }))).rejects.toMatchObject({
      name: 'InvalidInputException',
    });
    const fifty = Array.from({ length: 50 }, (_, n) => ({ Key: `k${n}`, Value: '' }));
    await expect(iam.send(new TagUserCommand({ UserName: 'tagged', Tags: fifty }))).rejects.toMatchObject({
      name: 'LimitExceededException',
    });
    expect(await tags()).toHaveLength(1);
  });
});
