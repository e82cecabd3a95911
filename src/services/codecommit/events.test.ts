import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ACCOUNT, ann, refused, repositoryName, text, World } from './testing/world.ts';

let world: World;

beforeEach(async () => {
  world = new World();
  await world.start();
});

afterEach(() => world.remove());

describe('events', () => {
  const shape = (event: string, name: string, id: string, more: object) => ({
    event,
    repositoryName,
    repositoryId: id,
    referenceType: 'branch',
    referenceName: name,
    referenceFullName: `refs/heads/${name}`,
    callerUserArn: ann.arn,
    ...more,
  });

  test('each change of a branch or tag is told once, in AWS’s words', async () => {
    const id = await world.create();
    const one = await world.put('a', '1');
    const two = await world.put('a', '2', one.commitId);
    await world.call('createBranch', { repositoryName, branchName: 'topic', commitId: one.commitId });
    await world.call('deleteBranch', { repositoryName, branchName: 'topic' });
    world.cli(id, '-c', 'user.name=A', '-c', 'user.email=a@b', 'tag', '-m', 'v1', 'v1', two.commitId);
    await Promise.all([world.service.afterPush({ id }, ann), world.service.afterPush({ id }, ann)]);
    expect(await world.events()).toEqual([
      shape('referenceCreated', 'main', id, { commitId: one.commitId }),
      shape('referenceUpdated', 'main', id, { commitId: two.commitId, oldCommitId: one.commitId }),
      shape('referenceCreated', 'topic', id, { commitId: one.commitId }),
      shape('referenceDeleted', 'topic', id, { oldCommitId: one.commitId }),
      { ...shape('referenceCreated', 'v1', id, { commitId: two.commitId }), referenceType: 'tag', referenceFullName: 'refs/tags/v1' },
    ]);
    const [first] = await world.bus.read(0, 1);
    expect(first).toMatchObject({
      source: 'aws.codecommit',
      detailType: 'CodeCommit Repository State Change',
      resources: [`arn:aws:codecommit:eu-west-1:${ACCOUNT}:demo`],
    });
  });

  test('a push whose server died before telling is told at the next start, once', async () => {
    const id = await world.create();
    await world.put('a', '1');
    const told = (await world.events()).length;
    // What a push does before anybody looks: references move, nothing else.
    const written = await world.git.write(id, {
      ref: 'refs/heads/pushed',
      author: { name: 'A', email: 'a', seconds: 1, offset: '+0000' },
      committer: { name: 'A', email: 'a', seconds: 1, offset: '+0000' },
      message: 'x',
      edits: [{ kind: 'put', path: 'p', mode: '100644', content: text('p') }],
    });
    for (let restarts = 0; restarts < 2; restarts++) {
      await world.restart();
    }
    expect((await world.events()).slice(told)).toEqual([
      { ...shape('referenceCreated', 'pushed', id, { commitId: written.commit }), callerUserArn: `arn:aws:iam::${ACCOUNT}:root` },
    ]);
  });

  test('a repository that goes away while it is looked at tells nothing and breaks nothing', async () => {
    const id = await world.create();
    await world.put('a', '1');
    await Promise.all([world.call('deleteRepository', { repositoryName }), world.service.afterPush({ id }, ann)]);
    expect(await refused(world.call('getRepository', { repositoryName }))).toBe('RepositoryDoesNotExistException');
  });
});
