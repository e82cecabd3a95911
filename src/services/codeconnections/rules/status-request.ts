import type { Dialect } from '../../../kernel/git-hooks/dialect.ts';

/** What a git host is told of a commit. */
export interface Status {
  readonly repository: string;
  readonly commit: string;
  readonly state: 'pending' | 'success' | 'failure' | 'error';
  readonly context: string;
  readonly description: string;
  readonly url: string;
  readonly targetUrl?: string;
}

/** A POST to a host's API; the token's header is the dialect's own. */
export interface StatusRequest {
  /** Below the API's base. */
  readonly path: string;
  readonly body: Readonly<Record<string, string>>;
}

const GITLAB = { pending: 'running', success: 'success', failure: 'failed', error: 'failed' } as const;
const BITBUCKET = { pending: 'INPROGRESS', success: 'SUCCESSFUL', failure: 'FAILED', error: 'FAILED' } as const;

/** Hosts cut or refuse longer ones. */
const LONGEST_DESCRIPTION = 140;
/** Bitbucket's key; the digest at the end of a longer one keeps two stages apart. */
const LONGEST_KEY = 40;

export function statusRequest(dialect: Dialect, status: Status, digest: (text: string) => string): StatusRequest {
  const { repository, commit, state, context, targetUrl } = status;
  const link = targetUrl !== undefined && { target_url: targetUrl };
  const description = status.description.slice(0, LONGEST_DESCRIPTION);
  switch (dialect) {
    case 'github':
    case 'gitea':
      return { path: `/repos/${repository}/statuses/${commit}`, body: { state, context, description, ...link } };
    case 'gitlab':
      return {
        path: `/projects/${encodeURIComponent(repository)}/statuses/${commit}`,
        body: { state: GITLAB[state], name: context, description, ...link },
      };
    case 'bitbucket': {
      const key = context.length <= LONGEST_KEY ? context : `${context.slice(0, LONGEST_KEY - 9)}-${digest(context).slice(0, 8)}`;
      return {
        path: `/repositories/${repository}/commit/${commit}/statuses/build`,
        body: { key, name: context, state: BITBUCKET[state], description, url: targetUrl ?? status.url },
      };
    }
  }
}

/** The headers that carry the token. */
export function tokenHeaders(dialect: Dialect, token: string, username: string | undefined): Readonly<Record<string, string>> {
  switch (dialect) {
    case 'github':
      return { authorization: `Bearer ${token}`, accept: 'application/vnd.github+json', 'x-github-api-version': '2022-11-28' };
    case 'gitea':
      return { authorization: `token ${token}` };
    case 'gitlab':
      return { 'private-token': token };
    case 'bitbucket':
      // Repository tokens go as they are; an account's tokens go with its name.
      return {
        authorization: username === undefined ? `Bearer ${token}` : `Basic ${Buffer.from(`${username}:${token}`).toString('base64')}`,
      };
  }
}

export type StatusVerdict = 'told' | 'again' | 'impossible';

/** What an answer means. A token may be renewed and a server repaired, so only what is wrong with the status itself is final. */
export function statusVerdict(dialect: Dialect, code: number, answer: string): StatusVerdict {
  if (code >= 200 && code < 300) return 'told';
  // GitLab refuses to tell what it has been told already, which a repeated request may well do.
  if (dialect === 'gitlab' && code === 400 && answer.includes('Cannot transition status')) return 'told';
  return code === 400 || code === 422 ? 'impossible' : 'again';
}
