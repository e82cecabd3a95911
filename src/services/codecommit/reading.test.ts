import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { refused, repositoryName, text, World } from './testing/world.ts';

let world: World;

beforeEach(async () => {
  world = new World();
  await world.start();
});

afterEach(() => world.remove());

describe('reading', () => {
  test('files, folders and blobs by branch, tag, id and HEAD', async () => {
    const id = await world.create();
    const one = await world.commit({
      putFiles: [
        { filePath: 'dir/a', fileContent: text('one') },
        { filePath: 'link', fileContent: text('dir/a'), fileMode: 'SYMLINK' },
      ],
    });
    world.cli(id, 'tag', 'v1', one.commitId!);
    const two = await world.put('dir/a', 'two', one.commitId!);
    const read = async (commitSpecifier?: string) =>
      Buffer.from(
        (await world.call('getFile', { repositoryName, filePath: 'dir/a', ...(commitSpecifier && { commitSpecifier }) })).fileContent,
      ).toString();
    expect(await Promise.all([read(), read('HEAD'), read('main'), read('refs/heads/main'), read(two.commitId)])).toEqual(
      Array(5).fill('two'),
    );
    expect(await Promise.all([read('v1'), read('refs/tags/v1'), read(one.commitId)])).toEqual(Array(3).fill('one'));
    for (const bad of ['nothing', 'main^', 'HEAD~1', ':dir/a', 'f'.repeat(40), '--help', 'a\nb'])
      expect(await refused(read(bad))).toBe('CommitDoesNotExistException');
    const root = await world.call('getFolder', { repositoryName, folderPath: '' });
    expect([root.subFolders, root.files, root.symbolicLinks?.map(({ absolutePath }) => absolutePath)]).toMatchObject([
      [{ absolutePath: 'dir' }],
      [],
      ['link'],
    ]);
    const inner = await world.call('getFolder', { repositoryName, folderPath: '/dir/', commitSpecifier: 'v1' });
    expect(inner.files).toMatchObject([{ absolutePath: 'dir/a', relativePath: 'a', fileMode: 'NORMAL' }]);
    expect(Buffer.from((await world.call('getBlob', { repositoryName, blobId: two.blobId })).content).toString()).toBe('two');
    expect(await refused(world.call('getBlob', { repositoryName, blobId: two.commitId }))).toBe('BlobIdDoesNotExistException');
    expect(await refused(world.call('getFile', { repositoryName, filePath: 'dir' }))).toBe('FileDoesNotExistException');
    expect(await refused(world.call('getFolder', { repositoryName, folderPath: 'dir/a' }))).toBe('FolderDoesNotExistException');
    expect(await refused(world.call('getCommit', { repositoryName, commitId: 'main' }))).toBe('InvalidCommitIdException');
    const batch = await world.call('batchGetCommits', { repositoryName, commitIds: [one.commitId!, 'f'.repeat(40)] });
    expect([batch.commits!.length, batch.errors!.map(({ errorCode }) => errorCode)]).toEqual([1, ['CommitDoesNotExistException']]);
  });

  test('differences, page by page and below a path', async () => {
    await world.create();
    const one = await world.commit({ putFiles: ['a', 'b/x', 'b/y'].map((filePath) => ({ filePath, fileContent: text('1') })) });
    const two = await world.commit({
      parentCommitId: one.commitId!,
      putFiles: [
        { filePath: 'b/x', fileContent: text('2') },
        { filePath: 'c', fileContent: text('2') },
      ],
      deleteFiles: [{ filePath: 'a' }],
    });
    const between = { repositoryName, beforeCommitSpecifier: one.commitId!, afterCommitSpecifier: 'main' };
    const all = (await world.call('getDifferences', between)).differences!;
    expect(all.map(({ changeType, beforeBlob, afterBlob }) => [changeType, (afterBlob ?? beforeBlob)!.path])).toEqual([
      ['D', 'a'],
      ['M', 'b/x'],
      ['A', 'c'],
    ]);
    const paged = [];
    let NextToken: string | undefined;
    do {
      const page = await world.call('getDifferences', { ...between, MaxResults: 1, ...(NextToken && { NextToken }) });
      paged.push(...page.differences!);
      ({ NextToken } = page);
    } while (NextToken);
    expect(paged).toEqual(all);
    expect(await refused(world.call('getDifferences', { ...between, afterPath: 'b', NextToken: 'x' }))).toBe(
      'InvalidContinuationTokenException',
    );
    const below = await world.call('getDifferences', { ...between, beforePath: 'b', afterPath: 'b' });
    expect(below.differences!.map(({ afterBlob }) => afterBlob!.path)).toEqual(['b/x']);
    const one_ = await world.call('getDifferences', { ...between, beforePath: 'b/x', afterPath: 'b/x' });
    expect(one_.differences).toEqual([all[1]]);
    expect(await refused(world.call('getDifferences', { ...between, beforePath: 'zz', afterPath: 'zz' }))).toBe(
      'PathDoesNotExistException',
    );
    const everything = await world.call('getDifferences', { repositoryName, afterCommitSpecifier: two.commitId! });
    expect(everything.differences!.map(({ changeType }) => changeType)).toEqual(['A', 'A', 'A']);
    const history = await world.call('listFileCommitHistory', { repositoryName, filePath: 'b/x' });
    expect(history.revisionDag.map(({ commit: of, revisionChildren }) => [of!.commitId, revisionChildren])).toEqual([
      [two.commitId, []],
      [one.commitId, [two.commitId]],
    ]);
  });

  test('branches', async () => {
    await world.create();
    const { commitId } = await world.put('a', '1');
    await world.call('createBranch', { repositoryName, branchName: 'topic/one', commitId });
    expect(await refused(world.call('createBranch', { repositoryName, branchName: 'topic/one', commitId }))).toBe(
      'BranchNameExistsException',
    );
    expect(await refused(world.call('createBranch', { repositoryName, branchName: 'x', commitId: 'f'.repeat(40) }))).toBe(
      'CommitDoesNotExistException',
    );
    for (const bad of ['a..b', 'a b', '-x', 'x.lock', 'a//b', '@', 'a\0b']) {
      expect(await refused(world.call('createBranch', { repositoryName, branchName: bad, commitId }))).toBe('InvalidBranchNameException');
    }
    expect((await world.call('listBranches', { repositoryName })).branches).toEqual(['main', 'topic/one']);
    expect(await refused(world.call('deleteBranch', { repositoryName, branchName: 'main' }))).toBe('DefaultBranchCannotBeDeletedException');
    await world.call('updateDefaultBranch', { repositoryName, defaultBranchName: 'topic/one' });
    expect(await world.call('deleteBranch', { repositoryName, branchName: 'main' })).toEqual({
      deletedBranch: { branchName: 'main', commitId },
    });
    expect(await world.call('deleteBranch', { repositoryName, branchName: 'main' })).toEqual({});
    expect(await refused(world.call('getBranch', { repositoryName, branchName: 'main' }))).toBe('BranchDoesNotExistException');
    expect(await world.call('getBranch', { repositoryName, branchName: 'topic/one' })).toEqual({
      branch: { branchName: 'topic/one', commitId },
    });
  });
});
