import type { Dialect } from '../../../kernel/git-hooks/dialect.ts';
import { at, list, number, text } from '../../../kernel/git-hooks/read.ts';
import type { ChangeRange } from '../../../kernel/git-hooks/host.ts';

/** Files that a host tells in one answer; whether there are more it says by filling it. */
export const MOST_FILES = 100;
/** GitHub's compare answers no more files than these: https://docs.github.com/en/rest/commits/commits#compare-two-commits */
const MOST_COMPARED = 300;

/** One page of the paths that changed. */
export function filesPath(dialect: Dialect, repository: string, range: ChangeRange, page: number): string {
  const paged = `per_page=${MOST_FILES}&page=${page}`;
  const project = encodeURIComponent(repository);
  const [from, to] = 'pull' in range ? ['', ''] : [encodeURIComponent(range.from), encodeURIComponent(range.to)];
  switch (dialect) {
    case 'github':
    case 'gitea':
      return 'pull' in range ? `/repos/${repository}/pulls/${range.pull}/files?${paged}` : `/repos/${repository}/compare/${from}...${to}`;
    case 'gitlab':
      return 'pull' in range
        ? `/projects/${project}/merge_requests/${range.pull}/diffs?${paged}`
        : `/projects/${project}/repository/compare?from=${from}&to=${to}`;
    case 'bitbucket': {
      const place = 'pull' in range ? `pullrequests/${range.pull}/diffstat` : `diffstat/${to}..${from}`;
      return `/repositories/${repository}/${place}?pagelen=${MOST_FILES}&page=${page}`;
    }
  }
}

export interface FilesPage {
  readonly files: readonly string[];
  /** Whether another page is to be asked for. */
  readonly more: boolean;
  /** The host has left some out. */
  readonly cut: boolean;
}

/** What an answer to `filesPath` says. */
export function readFiles(dialect: Dialect, range: ChangeRange, answer: unknown): FilesPage {
  const compared = !('pull' in range);
  const entries = entriesOf(dialect, compared, answer);
  const names = dialect === 'gitlab' ? ['old_path', 'new_path'] : ['filename', 'previous_filename'];
  const files = entries.flatMap((entry) =>
    dialect === 'bitbucket'
      ? [text(entry, 'old', 'path'), text(entry, 'new', 'path')].filter((path) => path !== undefined)
      : names.map((name) => text(entry, name)).filter((path) => path !== undefined),
  );
  const github = dialect === 'github' || dialect === 'gitea';
  return {
    files,
    more: dialect === 'bitbucket' ? text(answer, 'next') !== undefined : !compared && entries.length === MOST_FILES,
    cut: compared && (github ? entries.length >= MOST_COMPARED : at(answer, 'compare_timeout') === true),
  };
}

function entriesOf(dialect: Dialect, compared: boolean, answer: unknown): readonly unknown[] {
  if (dialect === 'bitbucket') return list(answer, 'values');
  if (!compared) return Array.isArray(answer) ? (answer as unknown[]) : [];
  return list(answer, dialect === 'gitlab' ? 'diffs' : 'files');
}

export function commitPath(dialect: Dialect, repository: string, commit: string): string {
  switch (dialect) {
    case 'github':
      return `/repos/${repository}/commits/${commit}`;
    case 'gitea':
      return `/repos/${repository}/git/commits/${commit}`;
    case 'gitlab':
      return `/projects/${encodeURIComponent(repository)}/repository/commits/${commit}`;
    case 'bitbucket':
      return `/repositories/${repository}/commit/${commit}`;
  }
}

export function readCommitMessage(dialect: Dialect, answer: unknown): string | undefined {
  return dialect === 'github' || dialect === 'gitea' ? text(answer, 'commit', 'message') : text(answer, 'message');
}

/** `user` is a login at GitHub, a number at GitLab, a UUID in braces at Bitbucket. */
export function rolePath(dialect: Dialect, repository: string, user: string): string {
  const name = encodeURIComponent(user);
  switch (dialect) {
    case 'github':
    case 'gitea':
      return `/repos/${repository}/collaborators/${name}/permission`;
    case 'gitlab':
      return `/projects/${encodeURIComponent(repository)}/members/all/${name}`;
    case 'bitbucket': {
      const workspace = repository.slice(0, repository.indexOf('/'));
      return `/workspaces/${workspace}/permissions/repositories/${repository.slice(workspace.length + 1)}?q=${encodeURIComponent(`user.uuid="${user}"`)}`;
    }
  }
}

/** https://docs.gitlab.com/api/access_requests/#valid-access-levels */
const GITLAB_LEVELS: Readonly<Record<number, string>> = {
  10: 'guest',
  15: 'planner',
  20: 'reporter',
  30: 'developer',
  40: 'maintainer',
  50: 'owner',
};

export function readRole(dialect: Dialect, answer: unknown): string | undefined {
  switch (dialect) {
    case 'github':
    case 'gitea':
      return text(answer, 'role_name') ?? text(answer, 'permission');
    case 'gitlab':
      return GITLAB_LEVELS[number(answer, 'access_level') ?? 0];
    case 'bitbucket':
      return text(list(answer, 'values')[0], 'permission');
  }
}
