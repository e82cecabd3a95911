import { mkdir } from 'node:fs/promises';
import { systemClock, type Clock } from '../../kernel/clock.ts';
import { PipewrightError } from '../../kernel/errors.ts';
import type { ByteStream } from '../../ports/blobs.ts';
import type { Git, GitObjects, GitRemotes, GitRepositories, Oid, RemoteAccess, ServeRequest } from '../../ports/git.ts';
import type { SpawnedProcess, Spawner } from '../../ports/spawn.ts';
import { diffTrees } from './diff.ts';
import { homeOf, runGit, startGit, tryGit, type GitProgram } from './environment.ts';
import { createRepository, deleteRepository, existing, listRepositories, pathOf, sweep } from './folders.ts';
import { maintain, pruneCaches, removeLeavings } from './maintenance.ts';
import { ObjectReaders } from './object-readers.ts';
import { parseCommit, parseTree } from './objects.ts';
import { between, numstat } from './ranges.ts';
import { readHead, readRefs, syncRefs, updateRefs, writeHead } from './refs.ts';
import { cacheId, fetchCommit, fetchHistory, lsRemote } from './remotes.ts';
import { smallArchive } from './small-archive.ts';
import { writeCommit } from './write-commit.ts';

export interface GitOptions {
  /** Made where it is not there. */
  readonly folder: string;
  readonly spawner: Spawner;
  /** Transports allowed for foreign URLs. */
  readonly protocols?: string;
  /** The PATH of git and what it calls. */
  readonly path?: string;
  readonly clock?: Clock;
}

function repositories(program: GitProgram, readers: ObjectReaders): GitRepositories {
  const { folder } = program;
  return {
    create: (repository, branch = 'main') => createRepository(program, repository, branch),
    async delete(repository) {
      await readers.drop(repository);
      await deleteRepository(folder, repository);
    },
    list: () => listRepositories(folder),
    refs: (repository) => readRefs(pathOf(folder, repository), repository),
    head: (repository) => readHead(pathOf(folder, repository), repository),
    setHead: async (repository, ref) => writeHead(await existing(folder, repository), ref),
    async updateRefs(repository, updates) {
      const path = await existing(folder, repository);
      await updateRefs(program, path, updates);
      await syncRefs(
        path,
        updates.map(({ ref }) => ref),
      );
    },
    sync: async (repository, refs) => syncRefs(await existing(folder, repository), refs),
    maintain: async (repository) => maintain(program, await existing(folder, repository), repository),
  };
}

async function* archive(
  { program, readers }: { readonly program: GitProgram; readonly readers: ObjectReaders },
  repository: string,
  commit: Oid,
  format: 'zip' | 'tar',
  signal?: AbortSignal,
): ByteStream & AsyncGenerator<Uint8Array> {
  const path = await existing(program.folder, repository);
  const small = format === 'zip' ? await smallArchive(readers, repository, commit) : undefined;
  if (small) return yield small;
  const level = format === 'zip' ? ['-0'] : [];
  const args = [`--git-dir=${path}`, 'archive', `--format=${format}`, ...level, commit];
  const child = startGit(program, args, signal && { signal });
  yield* child.stdout;
  const { code } = await child.exit;
  if (code !== 0) throw new PipewrightError('GitFailed', `git archive ${commit}: ${child.stderr().trim()}`);
}

function objects(program: GitProgram, readers: ObjectReaders): GitObjects {
  const read = async (repository: string, id: string, type: string) => {
    const object = await readers.read(repository, id);
    return object?.type === type ? object : undefined;
  };
  const tree: GitObjects['tree'] = async (repository, id) => {
    const object = await read(repository, id, 'tree');
    return object && parseTree(object);
  };
  const commit: GitObjects['commit'] = async (repository, id) => {
    const object = await read(repository, id, 'commit');
    return object && parseCommit(object);
  };
  return {
    peel: async (repository, id) => (await readers.read(repository, `${id}^{commit}`, 0))?.id,
    commit,
    tree,
    async blob(repository, id, limit) {
      const object = await readers.read(repository, id, limit);
      if (object?.type !== 'blob') return undefined;
      if (!object.content) throw new PipewrightError('BlobTooLarge', `blob ${id} has ${object.size} bytes`);
      return object.content;
    },
    diff: (repository, before, after) => diffTrees(async (id) => (await tree(repository, id)) ?? [], before, after),
    async history(repository, from, path) {
      const dir = await existing(program.folder, repository);
      const args = ['--literal-pathspecs', `--git-dir=${dir}`, 'rev-list', '--end-of-options', from, '--', path];
      return (await runGit(program, args)).toString().split('\n').filter(Boolean);
    },
    async mergeBase(repository, one, other) {
      const dir = await existing(program.folder, repository);
      const { code, stdout } = await tryGit(program, [`--git-dir=${dir}`, 'merge-base', '--end-of-options', one, other]);
      return code === 0 ? stdout.toString().trim() : undefined;
    },
    async log(repository, from, to, limit, signal) {
      const ids = await between(program, await existing(program.folder, repository), { from, to, limit, signal });
      const commits = await Promise.all(ids.map((id) => commit(repository, id)));
      return commits.filter((one) => one !== undefined);
    },
    async relation(repository, from, to, signal) {
      const dir = await existing(program.folder, repository);
      const has = async (a: string, b: string) => (await between(program, dir, { from: a, to: b, limit: 1, signal })).length > 0;
      const [ahead, behind] = await Promise.all([has(from, to), has(to, from)]);
      return { ahead, behind };
    },
    async numstat(repository, from, to, limit, signal) {
      return numstat(program, await existing(program.folder, repository), { from, to, limit, signal });
    },
    async write(repository, change) {
      const path = await existing(program.folder, repository);
      const id = await writeCommit(program, path, change);
      await syncRefs(path, [change.ref]);
      return { commit: id, tree: (await commit(repository, id))!.tree };
    },
    archive: (repository, id, format, signal) => archive({ program, readers }, repository, id, format, signal),
  };
}

function serve(program: GitProgram, repository: string, request: ServeRequest): SpawnedProcess {
  const { service, advertise, protocol, stdin, signal } = request;
  const args = [
    service.slice('git-'.length),
    '--stateless-rpc',
    ...(advertise ? ['--advertise-refs'] : []),
    pathOf(program.folder, repository),
  ];
  // The header's value goes into git's environment: only the characters that the protocol knows.
  const env: Record<string, string> = protocol && /^[\w=:.,-]{1,200}$/.test(protocol) ? { GIT_PROTOCOL: protocol } : {};
  return startGit(program, args, { env, ...(stdin && { stdin }), ...(signal && { signal }) });
}

function remotes(program: GitProgram): GitRemotes {
  const cacheOf = async (url: string, commits: readonly Oid[], access: RemoteAccess): Promise<string> => {
    const strange = commits.find((commit) => !/^[0-9a-f]{40}$/.test(commit));
    if (strange !== undefined) throw new PipewrightError('RemoteFailed', `'${strange}' is no commit id`);
    const repository = cacheId(url, access);
    await createRepository(program, repository, 'main').catch((error: unknown) => {
      if (!(error instanceof PipewrightError && error.code === 'RepositoryExists')) throw error;
    });
    return repository;
  };
  return {
    lsRemote: (url, access = {}) => lsRemote(program, url, access),
    async fetchRemote(url, commit, access = {}) {
      const repository = await cacheOf(url, [commit], access);
      await fetchCommit(program, await existing(program.folder, repository), url, commit, access);
      return { repository, commit };
    },
    async fetchHistory(url, commits, access = {}) {
      const repository = await cacheOf(url, commits, access);
      await fetchHistory(program, await existing(program.folder, repository), { url, commits }, access);
      return repository;
    },
  };
}

/** Bare repositories in a folder, by the system's git. Sweeps what a crash left behind, and caches that nobody has used of late. */
export async function openGit(options: GitOptions): Promise<Git> {
  const { folder, spawner, protocols = 'https:http:ssh', path = process.env.PATH ?? '/usr/bin:/bin', clock = systemClock } = options;
  const program: GitProgram = { folder, spawner, protocols, path };
  await mkdir(homeOf(folder), { recursive: true });
  await sweep(folder);
  await pruneCaches(folder, clock.now());
  for (const repository of await listRepositories(folder)) await removeLeavings(pathOf(folder, repository), () => clock.now());
  const readers = new ObjectReaders(program);
  return {
    ...repositories(program, readers),
    ...objects(program, readers),
    ...remotes(program),
    serve: (repository, request) => serve(program, repository, request),
    close: () => readers.close(),
  };
}
