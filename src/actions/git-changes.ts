import type { Git, GitCommit, Oid, RemoteAccess } from '../ports/git.ts';
import type { SourceChanges, SourceCommit } from '../services/codepipeline/provider.ts';

/** What people can look through before they approve; the rest is counted. */
const MOST_COMMITS = 50;
const MOST_FILES = 100;
/** A first line is cut here. */
const LONGEST_SUBJECT = 200;

interface Between {
  readonly repository: string;
  readonly from: Oid | undefined;
  readonly to: Oid;
  readonly signal: AbortSignal;
}

function commitOf({ id, author, committer, message }: GitCommit): SourceCommit {
  const subject = message.trimStart().split('\n', 1)[0]!.trimEnd().slice(0, LONGEST_SUBJECT);
  return { commitId: id, author: author.name, at: committer.seconds * 1000, subject };
}

const NO_FILES = { files: [], filesChanged: 0, insertions: 0, deletions: 0 };

/** The commits and files between two commits of one repository. Without an earlier one: the newest commits, and no files. */
export async function gitChanges(git: Git, { repository, from, to, signal }: Between): Promise<SourceChanges> {
  if (from === to) return { relation: 'SAME', commits: [], moreCommits: false, ...NO_FILES };
  if (from === undefined)
    return { relation: 'FIRST', ...listed(await git.log(repository, undefined, to, MOST_COMMITS + 1, signal)), ...NO_FILES };
  const { ahead, behind } = await git.relation(repository, from, to, signal);
  const [newer, older] = ahead ? [to, from] : [from, to];
  const commits = listed(await git.log(repository, older, newer, MOST_COMMITS + 1, signal));
  const { count: filesChanged, ...stat } = await git.numstat(repository, from, to, MOST_FILES, signal);
  return { relation: ahead ? (behind ? 'DIVERGED' : 'AHEAD') : 'BEHIND', ...commits, ...stat, filesChanged };
}

function listed(commits: readonly GitCommit[]): Pick<SourceChanges, 'commits' | 'moreCommits'> {
  return { commits: commits.slice(0, MOST_COMMITS).map(commitOf), moreCommits: commits.length > MOST_COMMITS };
}

interface RemoteBetween extends Omit<Between, 'repository'> {
  readonly url: string;
  readonly access?: RemoteAccess;
}

/** The same of a foreign repository. */
export async function remoteChanges(git: Git, { url, access = {}, ...between }: RemoteBetween): Promise<SourceChanges> {
  const { from, to, signal } = between;
  const repository = await withHistory(git, url, [...new Set([from ?? to, to])], { ...access, signal });
  return gitChanges(git, { ...between, repository });
}

/** Caches hold commits without their history: what lies between these is fetched now, of a single one what is shown of it. */
async function withHistory(git: Git, url: string, commits: readonly Oid[], access: RemoteAccess): Promise<string> {
  if (commits.length === 1) {
    return (await git.fetchRemote(url, commits[0]!, { ...access, history: { depth: MOST_COMMITS + 1 } })).repository;
  }
  const seconds: number[] = [];
  for (const id of commits) {
    const { repository, commit } = await git.fetchRemote(url, id, access);
    seconds.push((await git.commit(repository, commit))?.committer.seconds ?? 0);
  }
  const history = { since: Math.min(...seconds) - 1 };
  let found = '';
  for (const id of commits) ({ repository: found } = await git.fetchRemote(url, id, { ...access, history }));
  return found;
}
