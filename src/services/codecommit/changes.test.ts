import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { CreateCommitInput } from './api.gen.ts';
import { branchName, refused, repositoryName, text, World } from './testing/world.ts';

let world: World;

beforeEach(async () => {
  world = new World();
  await world.start();
});

afterEach(() => world.remove());

describe('commits through the API', () => {
  test('the first makes the branch and the default branch, the next need its id', async () => {
    await world.create();
    const one = await world.put('docs/a.md', 'one');
    expect((await world.call('getRepository', { repositoryName })).repositoryMetadata!.defaultBranch).toBe('main');
    expect(await refused(world.put('b', '1'))).toBe('ParentCommitIdRequiredException');
    const two = await world.put('docs/a.md', 'two', one.commitId);
    expect(await refused(world.put('b', '1', one.commitId))).toBe('ParentCommitIdOutdatedException');
    expect(await refused(world.put('b', '1', 'f'.repeat(40)))).toBe('ParentCommitDoesNotExistException');
    expect(await refused(world.put('docs/a.md', 'two', two.commitId))).toBe('SameFileContentException');
    expect(await refused(world.put('docs/a.md/x', '1', two.commitId))).toBe('DirectoryNameConflictsWithFileNameException');
    expect(await refused(world.put('docs', '1', two.commitId))).toBe('FileNameConflictsWithDirectoryNameException');
    expect(await refused(world.put('../x', '1', two.commitId))).toBe('InvalidPathException');
    expect(await refused(world.put('a/.git/config', '1', two.commitId))).toBe('InvalidPathException');
    expect(await refused(world.call('putFile', { repositoryName, branchName: 'none', filePath: 'x', fileContent: text('') }))).toBe(
      'BranchDoesNotExistException',
    );
    const { commit: read } = await world.call('getCommit', { repositoryName, commitId: two.commitId });
    const seconds = world.clock.now() / 1000;
    expect(read).toEqual({
      commitId: two.commitId,
      treeId: two.treeId,
      parents: [one.commitId],
      message: '',
      author: { name: 'ann', email: '', date: `${seconds} +0000` },
      committer: { name: 'ann', email: '', date: `${seconds} +0000` },
      additionalData: '',
    });
  });

  test('put, move, change of mode and delete at once, and what it says of them', async () => {
    const id = await world.create();
    const one = await world.commit({
      putFiles: ['keep', 'move', 'gone/only', 'run'].map((filePath) => ({ filePath, fileContent: text(filePath) })),
    });
    const two = await world.commit({
      parentCommitId: one.commitId!,
      authorName: 'Ann',
      email: 'ann@example.com',
      commitMessage: 'all at once',
      keepEmptyFolders: true,
      putFiles: [
        { filePath: 'moved/here', sourceFile: { filePath: 'move', isMove: true } },
        { filePath: 'keep', fileContent: text('kept'), fileMode: 'EXECUTABLE' },
      ],
      deleteFiles: [{ filePath: 'gone/only' }],
      setFileModes: [{ filePath: 'run', fileMode: 'EXECUTABLE' }],
    });
    expect(world.cli(id, 'ls-tree', '-r', '--format=%(objectmode) %(path)', two.commitId!)).toBe(
      ['100644 gone/.gitkeep', '100755 keep', '100644 moved/here', '100755 run'].join('\n'),
    );
    const names = (files: typeof two.filesAdded) => files!.map(({ absolutePath, fileMode }) => [absolutePath, fileMode]);
    expect(names(two.filesAdded)).toEqual([
      ['moved/here', 'NORMAL'],
      ['gone/.gitkeep', 'NORMAL'],
    ]);
    expect(names(two.filesUpdated)).toEqual([
      ['keep', 'EXECUTABLE'],
      ['run', 'EXECUTABLE'],
    ]);
    expect(names(two.filesDeleted).map(([path]) => path)).toEqual(['gone/only', 'move']);
    expect(world.cli(id, 'log', '-1', '--format=%an <%ae> %s')).toBe('Ann <ann@example.com> all at once');
    expect(world.cli(id, 'fsck', '--full', '--strict')).toBe('');
  });

  test('what cannot be is refused, and changes nothing', async () => {
    const id = await world.create();
    const { commitId: parentCommitId } = await world.put('a', '1');
    const file = { filePath: 'b', fileContent: text('2') };
    const copy = { filePath: 'c', sourceFile: { filePath: 'a', isMove: true } };
    const tries: [Partial<CreateCommitInput>, string][] = [
      [{}, 'FileEntryRequiredException'],
      [{ putFiles: [{ filePath: 'a', fileContent: text('1') }] }, 'NoChangeException'],
      [{ setFileModes: [{ filePath: 'a', fileMode: 'NORMAL' }] }, 'NoChangeException'],
      [{ deleteFiles: [{ filePath: 'none' }] }, 'FileDoesNotExistException'],
      [{ putFiles: [file, file] }, 'PutFileEntryConflictException'],
      [{ putFiles: [file], deleteFiles: [{ filePath: 'b' }] }, 'SamePathRequestException'],
      [{ putFiles: [copy], deleteFiles: [{ filePath: 'a' }] }, 'RestrictedSourceFileException'],
      [{ putFiles: [{ filePath: 'b' }] }, 'SourceFileOrContentRequiredException'],
      [{ putFiles: [{ ...file, ...copy }] }, 'FileContentAndSourceFileSpecifiedException'],
      [{ putFiles: [file, { ...file, filePath: 'b/c' }] }, 'DirectoryNameConflictsWithFileNameException'],
      [{ putFiles: Array.from({ length: 101 }, (_, n) => ({ ...file, filePath: `f${n}` })) }, 'MaximumFileEntriesExceededException'],
      [{ putFiles: [file], email: 'a>b' }, 'InvalidEmailException'],
    ];
    for (const [input, name] of tries)
      expect([await refused(world.commit({ parentCommitId: parentCommitId!, ...input })), input]).toEqual([name, input]);
    expect(world.cli(id, 'rev-list', '--count', 'main')).toBe('1');
    const gone = await world.call('deleteFile', { repositoryName, branchName, filePath: 'a', parentCommitId: parentCommitId! });
    expect(world.cli(id, 'log', '-1', '--format=%s')).toBe('Deleted a');
    expect((await world.call('getFolder', { repositoryName, folderPath: '/' })).files).toEqual([]);
    expect(gone.filePath).toBe('a');
  });

  const path = fc.constantFrom('a', 'b', 'c/a', 'c/b', 'd/e/f', 'd/g');
  const step = fc.record({ path, kind: fc.constantFrom('put', 'exec', 'delete'), value: fc.constantFrom('1', '2') });
  test('any series of commits leaves the files that a plain list of files would', async () => {
    const run = async (series: { path: string; kind: string; value: string }[][]) => {
      const name = `r${world.clock.now()}-${Math.trunc(performance.now() * 1000)}`;
      const id = (await world.call('createRepository', { repositoryName: name })).repositoryMetadata!.repositoryId!;
      const files = new Map<string, string>();
      let parentCommitId: string | undefined;
      for (const steps of series) {
        const unique = [...new Map(steps.map((each) => [each.path, each])).values()].filter(
          ({ kind, path: at }) => kind !== 'delete' || files.has(at),
        );
        const next = new Map(files);
        for (const { path: at, kind, value } of unique) {
          if (kind === 'delete') next.delete(at);
          else next.set(at, `${kind === 'exec' ? '100755' : '100644'} ${value}`);
        }
        const input: CreateCommitInput = {
          repositoryName: name,
          branchName,
          ...(parentCommitId !== undefined && { parentCommitId }),
          putFiles: unique
            .filter(({ kind }) => kind !== 'delete')
            .map((each) => ({
              filePath: each.path,
              fileContent: text(each.value),
              fileMode: each.kind === 'exec' ? 'EXECUTABLE' : 'NORMAL',
            })),
          deleteFiles: unique.filter(({ kind }) => kind === 'delete').map((each) => ({ filePath: each.path })),
        };
        const answer = await world.call('createCommit', input).catch((error: Error) => error.name);
        const same = isDeepStrictEqual(next, files);
        if (unique.length === 0) expect(answer).toBe('FileEntryRequiredException');
        else if (same) expect(answer).toBe('NoChangeException');
        if (typeof answer === 'string') continue;
        parentCommitId = answer.commitId;
        files.clear();
        for (const [at, value] of next) files.set(at, value);
      }
      if (parentCommitId === undefined) return;
      const listed = world.cli(id, 'ls-tree', '-r', '--format=%(objectmode) %(objectname) %(path)', 'main').split('\n').filter(Boolean);
      const actual = listed.map((line) => {
        const [mode, blob, at] = line.split(' ');
        return [at!, `${mode} ${world.cli(id, 'cat-file', 'blob', blob!)}`] as const;
      });
      expect(new Map(actual)).toEqual(files);
      expect(world.cli(id, 'fsck', '--strict', '--no-progress')).toBe('');
    };
    await fc.assert(fc.asyncProperty(fc.array(fc.array(step, { maxLength: 5 }), { maxLength: 4 }), run), { numRuns: 15 });
  });
});
