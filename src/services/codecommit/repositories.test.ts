import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ACCOUNT, refused, repositoryName, World } from './testing/world.ts';

let world: World;

beforeEach(async () => {
  world = new World();
  await world.start();
});

afterEach(() => world.remove());

describe('repositories', () => {
  test('are created, described, renamed, listed and deleted', async () => {
    const { repositoryMetadata } = await world.call('createRepository', {
      repositoryName,
      repositoryDescription: 'mine',
      tags: { team: 'a' },
    });
    expect(repositoryMetadata).toEqual({
      accountId: ACCOUNT,
      repositoryId: repositoryMetadata!.repositoryId,
      repositoryName,
      repositoryDescription: 'mine',
      creationDate: world.clock.now(),
      lastModifiedDate: world.clock.now(),
      cloneUrlHttp: 'http://127.0.0.1:4566/v1/repos/demo',
      Arn: `arn:aws:codecommit:eu-west-1:${ACCOUNT}:demo`,
    });
    expect(await world.call('listTagsForResource', { resourceArn: repositoryMetadata!.Arn! })).toEqual({ tags: { team: 'a' } });
    await world.call('updateRepositoryName', { oldName: repositoryName, newName: 'other' });
    expect(await refused(world.call('getRepository', { repositoryName }))).toBe('RepositoryDoesNotExistException');
    await world.call('createRepository', { repositoryName });
    expect(await refused(world.call('updateRepositoryName', { oldName: repositoryName, newName: 'other' }))).toBe(
      'RepositoryNameExistsException',
    );
    const listed = await world.call('listRepositories', { order: 'descending' });
    expect(listed.repositories!.map((each) => each.repositoryName)).toEqual(['other', repositoryName]);
    expect(await world.call('deleteRepository', { repositoryName: 'other' })).toEqual({ repositoryId: repositoryMetadata!.repositoryId });
    expect(await world.call('deleteRepository', { repositoryName: 'other' })).toEqual({});
    const batch = await world.call('batchGetRepositories', { repositoryNames: ['other', repositoryName] });
    expect([batch.repositories!.length, batch.repositoriesNotFound]).toEqual([1, ['other']]);
  });

  test('of two created at once one is; names that git would trip over are refused', async () => {
    const both = await Promise.all([
      refused(world.call('createRepository', { repositoryName })),
      refused(world.call('createRepository', { repositoryName })),
    ]);
    expect(both.toSorted()).toEqual(['RepositoryNameExistsException', 'it succeeded']);
    expect(await world.git.list()).toHaveLength(1);
    expect(await refused(world.call('createRepository', { repositoryName: 'x.git' }))).toBe('InvalidRepositoryNameException');
  });

  test('belong to their region, and a git address without one finds them', async () => {
    const id = await world.create();
    expect(await refused(world.call('getRepository', { repositoryName }, { region: 'us-east-1' }))).toBe('RepositoryDoesNotExistException');
    expect(await world.service.findRepository(repositoryName, ACCOUNT, 'localhost:4566')).toEqual({ id, region: 'eu-west-1' });
    expect(await world.service.findRepository(repositoryName, ACCOUNT, 'git-codecommit.us-east-1.amazonaws.com')).toBeUndefined();
    await world.call('createRepository', { repositoryName }, { region: 'us-east-1' });
    expect((await world.service.findRepository(repositoryName, ACCOUNT, 'localhost'))?.region).toBe('us-east-1');
    expect((await world.service.findRepository(repositoryName, ACCOUNT, 'git-codecommit.eu-west-1.amazonaws.com'))?.id).toBe(id);
    expect(await world.service.findRepository(repositoryName, '111111111111', 'localhost')).toBeUndefined();
    expect(await world.service.regions('git-codecommit.eu-west-1.amazonaws.com')).toEqual(['eu-west-1', 'us-east-1']);
  });

  test('a crash between row and folder is made good, both ways', async () => {
    const id = await world.create();
    await world.git.delete(id);
    await world.restart();
    expect((await world.put('a', '1')).commitId).toBe((await world.git.refs(id)).get('refs/heads/main'));
  });
});
