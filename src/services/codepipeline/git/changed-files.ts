import { PipewrightError } from '../../../kernel/errors.ts';
import type { GitEvent } from '../../../kernel/git-event.ts';
import type { GitConnections } from '../../../ports/connections.ts';
import type { Git, Oid, RemoteAccess } from '../../../ports/git.ts';
import type { Aws } from '../../aws.gen.ts';
import type { GitSource } from './sources.ts';

export interface ChangedFilesTools {
  readonly git: Git;
  readonly connections: GitConnections;
  readonly aws: Aws;
}

/** A repository that is here, and the two ends of a change in it; without `from` everything is new. */
interface Change {
  readonly repository: string;
  readonly from: Oid | undefined;
  readonly to: Oid;
}

async function pathsOf(git: Git, { repository, from, to }: Change): Promise<readonly string[]> {
  const treeOf = async (id: Oid | undefined) => (id === undefined ? undefined : (await git.commit(repository, id))?.tree);
  const paths: string[] = [];
  for await (const { path } of git.diff(repository, await treeOf(from), await treeOf(to))) paths.push(path);
  return paths;
}

/** What the change is to be compared with where it has no "before": the branch it is meant for, or the default branch. */
function other(event: GitEvent, refs: ReadonlyMap<string, Oid>): Oid | undefined {
  if (event.kind === 'pullRequest') return event.base ?? refs.get(`refs/heads/${event.destinationBranch}`);
  return refs.get('HEAD');
}

async function remoteChange(git: Git, event: GitEvent, url: string, access: RemoteAccess): Promise<Change> {
  const to = event.commit;
  const before = event.kind === 'push' ? event.before : undefined;
  if (before !== undefined) {
    try {
      const { repository } = await git.fetchRemote(url, to, access);
      await git.fetchRemote(url, before, access);
      return { repository, from: before, to };
    } catch (error) {
      // A commit that a forced push has thrown away may be gone at the host.
      if (!(error instanceof PipewrightError && error.code === 'RemoteFailed')) throw error;
    }
  }
  const refs = await git.lsRemote(url, access);
  const base = other(event, refs);
  const repository = await git.fetchHistory(url, base === undefined ? [to] : [to, base], access);
  return { repository, from: await forkPoint(git, repository, event, base), to };
}

async function forkPoint(git: Git, repository: string, event: GitEvent, base: Oid | undefined): Promise<Oid | undefined> {
  // The first push of the default branch itself: all of it is new.
  if (base === undefined || (event.kind === 'push' && base === event.commit)) return undefined;
  const found = await git.mergeBase(repository, event.commit, base);
  if (event.kind === 'pullRequest' && found === event.commit)
    throw new PipewrightError('FilesUnknown', 'the pull request is merged already, and the host does not say from where it began');
  return found;
}

async function codeCommitChange(tools: ChangedFilesTools, event: GitEvent, source: GitSource): Promise<Change> {
  const { account, sourceRegion: region, role } = source;
  const { codecommit } = tools.aws.as({ account, region, role, session: 'codepipeline-source', purpose: 'pipeline' });
  const { repositoryMetadata } = await codecommit.getRepository({ repositoryName: source.repository });
  const repository = repositoryMetadata?.repositoryId ?? '';
  if (event.kind === 'push' && event.before !== undefined) return { repository, from: event.before, to: event.commit };
  const branch = repositoryMetadata?.defaultBranch;
  const base = branch === undefined ? undefined : (await tools.git.refs(repository)).get(`refs/heads/${branch}`);
  return { repository, from: await forkPoint(tools.git, repository, event, base), to: event.commit };
}

/** The paths that an event changed, asked of git. Rejects where they cannot be told (code FilesUnknown) or not now. */
export async function changedFiles(
  tools: ChangedFilesTools,
  event: GitEvent,
  source: GitSource,
  signal: AbortSignal,
): Promise<readonly string[]> {
  if (source.kind === 'codecommit') return pathsOf(tools.git, await codeCommitChange(tools, event, source));
  const { url, access } = await tools.connections.repository(source.arn, source.repository, source);
  return pathsOf(tools.git, await remoteChange(tools.git, event, url, { ...access, signal }));
}
