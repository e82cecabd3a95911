import { PipewrightError } from '../../kernel/errors.ts';
import type { ChangeRange } from '../../kernel/git-hooks/host.ts';
import type { GitHosts } from '../../ports/git-hosts.ts';
import { checkedRepository } from './checked-repository.ts';
import { openHost } from './open-host.ts';
import { callHost, shown, type OpenHost } from './requests.ts';
import { commitPath, filesPath, readCommitMessage, readFiles, readRole, rolePath } from './rules/host-lookups.ts';

const refused = (message: string) => new PipewrightError('HostRefused', message);

/** Pages of changed files that are read: more files than these are left out by GitHub, too. */
const MOST_PAGES = 30;

/** The JSON at a path; undefined where there is nothing. Rejects with code HostRefused. */
async function get(host: OpenHost, path: string, signal?: AbortSignal): Promise<unknown> {
  const answer = await callHost(host, { method: 'GET', path }, signal);
  if (answer.status === 404) return undefined;
  if (answer.status !== 200) throw refused(`The git host does not tell: ${shown(host, answer)}`);
  try {
    return JSON.parse(answer.text) as unknown;
  } catch {
    throw refused('The git host does not answer in JSON.');
  }
}

async function files(host: OpenHost, repository: string, range: ChangeRange, signal?: AbortSignal): Promise<readonly string[]> {
  const found = new Set<string>();
  for (let page = 1; page <= MOST_PAGES; page++) {
    const answer = await get(host, filesPath(host.dialect, repository, range, page), signal);
    const read = answer === undefined ? undefined : readFiles(host.dialect, range, answer);
    if (!read || read.cut) break;
    for (const file of read.files) found.add(file);
    if (!read.more) return [...found];
  }
  throw refused('The git host does not tell all the files that changed.');
}

/** What a git host is asked about a repository. */
export const hostLookups: Pick<GitHosts, 'changedFiles' | 'commitMessage' | 'role'> = {
  changedFiles: (access, repository, range, signal) => files(openHost(access), checkedRepository(repository), range, signal),

  async commitMessage(access, repository, commit, signal) {
    const host = openHost(access);
    const message = readCommitMessage(
      host.dialect,
      await get(host, commitPath(host.dialect, checkedRepository(repository), commit), signal),
    );
    if (message === undefined) throw refused(`The git host does not know the commit ${commit}.`);
    return message;
  },

  async role(access, repository, user, signal) {
    const host = openHost(access);
    return readRole(host.dialect, await get(host, rolePath(host.dialect, checkedRepository(repository), user), signal));
  },
};
