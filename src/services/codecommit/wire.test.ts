import { execFile } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import {
  BatchGetRepositoriesCommand,
  CodeCommitClient,
  CreateCommitCommand,
  CreateRepositoryCommand,
  GetBranchCommand,
  GetCommitCommand,
  GetDifferencesCommand,
  GetFileCommand,
  GetFolderCommand,
  ParentCommitIdOutdatedException,
  PutFileCommand,
  RepositoryDoesNotExistException,
} from '@aws-sdk/client-codecommit';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createListener, type Listener } from '../../http/listener.ts';
import { randomIds } from '../../kernel/ids.ts';
import { silentLogger } from '../../kernel/log.ts';
import { createGitPlane } from '../../planes/git/index.ts';
import { createDispatcher } from '../../protocol/dispatcher.ts';
import { ACCOUNT, ann, repositoryName, World } from './testing/world.ts';

const KEY = { accessKeyId: 'AKIAEXAMPLE', secretAccessKey: 'secret' };
const run = promisify(execFile);
let world: World;
let listener: Listener;
let client: CodeCommitClient;

beforeEach(async () => {
  world = new World();
  await world.start();
  const clock = { now: () => Date.now() };
  const authorise = () => ({ allowed: true }) as const;
  const dispatcher = createDispatcher({
    services: [world.service],
    authorise,
    credentials: { find: async () => ({ ...KEY, principal: ann }) },
    clock,
    ids: randomIds(clock),
    log: silentLogger,
    settings: { account: ACCOUNT, region: 'us-east-1', auth: 'sigv4' },
  });
  const plane = createGitPlane({
    git: world.git,
    authenticate: async (login) => (login?.password === 'pw' ? ann : undefined),
    authorise,
    findRepository: (...asked) => world.service.findRepository(...asked),
    afterPush: (...pushed) => world.service.afterPush(...pushed),
    log: silentLogger,
  });
  listener = createListener({ dispatcher, planes: [plane], log: silentLogger });
  const { port } = await listener.listen(0, '127.0.0.1');
  client = new CodeCommitClient({ endpoint: `http://127.0.0.1:${port}`, region: 'us-east-1', credentials: KEY, maxAttempts: 1 });
});

afterEach(async () => {
  client.destroy();
  await listener.close(0);
  await world.remove();
});

async function git(cwd: string, ...args: string[]): Promise<string> {
  const env = { PATH: process.env['PATH'], HOME: '/nonexistent', GIT_CONFIG_NOSYSTEM: '1', GIT_TERMINAL_PROMPT: '0' };
  const { stdout } = await run(
    'git',
    ['-c', 'user.name=Ann', '-c', 'user.email=ann@example.com', '-c', 'init.defaultBranch=main', ...args],
    { cwd, env },
  );
  return stdout.trim();
}

test('the SDK and git see one repository: what either writes the other reads, and each change is told at once', async () => {
  const { repositoryMetadata } = await client.send(new CreateRepositoryCommand({ repositoryName }));
  const address = repositoryMetadata!.cloneUrlHttp!.replace('http://', 'http://ann:pw@');
  const tree = mkdtempSync(join(world.folder, 'work-'));
  const bytes = Uint8Array.from({ length: 256 }, (_, n) => n);
  await git(tree, 'init', '-q');
  writeFileSync(join(tree, 'all.bin'), bytes);
  await git(tree, 'add', '.');
  await git(tree, 'commit', '-q', '-m', 'über');
  await git(tree, 'push', '-q', address, 'main');
  // No waiting: the push is answered after its event is there.
  expect(await world.events()).toMatchObject([{ event: 'referenceCreated', referenceName: 'main', callerUserArn: ann.arn }]);

  const file = await client.send(new GetFileCommand({ repositoryName, filePath: 'all.bin' }));
  expect([file.fileContent, file.fileSize, file.fileMode]).toEqual([bytes, 256, 'NORMAL']);
  const { branch } = await client.send(new GetBranchCommand({ repositoryName, branchName: 'main' }));
  expect(branch?.commitId).toBe(await git(tree, 'rev-parse', 'HEAD'));
  const { commit } = await client.send(new GetCommitCommand({ repositoryName, commitId: branch!.commitId }));
  expect([commit?.message, commit?.author?.name]).toEqual(['über\n', 'Ann']);

  const put = { repositoryName, branchName: 'main', filePath: 'docs/ü.md', fileContent: Buffer.from('two\n') };
  const second = await client.send(new PutFileCommand({ ...put, parentCommitId: branch!.commitId }));
  await git(tree, 'pull', '-q', address, 'main');
  expect(await git(tree, 'show', 'HEAD:docs/ü.md')).toBe('two');
  expect((await world.events()).at(-1)).toMatchObject({
    event: 'referenceUpdated',
    commitId: second.commitId,
    oldCommitId: branch!.commitId,
  });
  await expect(client.send(new PutFileCommand({ ...put, filePath: 'x', parentCommitId: branch!.commitId }))).rejects.toBeInstanceOf(
    ParentCommitIdOutdatedException,
  );

  const third = await client.send(
    new CreateCommitCommand({
      repositoryName,
      branchName: 'main',
      parentCommitId: second.commitId,
      deleteFiles: [{ filePath: 'all.bin' }],
    }),
  );
  expect(third.filesDeleted).toEqual([{ absolutePath: 'all.bin', blobId: file.blobId, fileMode: 'NORMAL' }]);
  const { differences } = await client.send(
    new GetDifferencesCommand({ repositoryName, beforeCommitSpecifier: branch!.commitId, afterCommitSpecifier: 'main', MaxResults: 10 }),
  );
  expect(differences?.map(({ changeType }) => changeType)).toEqual(['D', 'A']);
  const folder = await client.send(new GetFolderCommand({ repositoryName, folderPath: '/' }));
  expect(folder.subFolders?.map(({ absolutePath }) => absolutePath)).toEqual(['docs']);
});

test('what is not there is said in AWS’s words', async () => {
  const batch = await client.send(new BatchGetRepositoriesCommand({ repositoryNames: ['none'] }));
  expect([batch.repositories, batch.repositoriesNotFound]).toEqual([[], ['none']]);
  const missing = client.send(new GetFileCommand({ repositoryName: 'none', filePath: 'x' }));
  await expect(missing).rejects.toBeInstanceOf(RepositoryDoesNotExistException);
  await expect(missing).rejects.toMatchObject({ message: 'none does not exist' });
});
