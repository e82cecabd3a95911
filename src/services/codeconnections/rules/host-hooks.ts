import type { Dialect } from '../../../kernel/git-hooks/dialect.ts';
import { at, number, text } from '../../../kernel/git-hooks/read.ts';
import type { HookPlace, HookSubject, MadeHook, NewHook } from '../../../kernel/git-hooks/host.ts';

const GITHUB: Readonly<Record<HookSubject, readonly string[]>> = {
  push: ['push'],
  pullRequest: ['pull_request'],
  release: ['release'],
  workflowJob: ['workflow_job'],
  comment: ['issue_comment'],
};
const GITLAB: Readonly<Record<HookSubject, readonly string[]>> = {
  push: ['push_events', 'tag_push_events'],
  pullRequest: ['merge_requests_events'],
  release: ['releases_events'],
  workflowJob: [],
  comment: ['note_events'],
};
const BITBUCKET: Readonly<Record<HookSubject, readonly string[]>> = {
  push: ['repo:push'],
  pullRequest: ['pullrequest:created', 'pullrequest:updated', 'pullrequest:fulfilled', 'pullrequest:rejected'],
  release: [],
  workflowJob: [],
  comment: ['pullrequest:comment_created'],
};

const named = (words: Readonly<Record<HookSubject, readonly string[]>>, { subjects }: NewHook) => subjects.flatMap((each) => words[each]);

/** Below the API's base, where webhooks are made; undefined where the host has no such place. */
export function hooksAt(dialect: Dialect, place: HookPlace): string | undefined {
  const repository = 'repository' in place ? place.repository : undefined;
  const owner = encodeURIComponent('organization' in place ? place.organization : '');
  switch (dialect) {
    case 'github':
    case 'gitea':
      return repository === undefined ? `/orgs/${owner}/hooks` : `/repos/${repository}/hooks`;
    case 'gitlab':
      return repository === undefined ? `/groups/${owner}/hooks` : `/projects/${encodeURIComponent(repository)}/hooks`;
    case 'bitbucket':
      return repository === undefined ? undefined : `/repositories/${repository}/hooks`;
  }
}

/** What makes a webhook. https://docs.github.com/en/rest/repos/webhooks, https://docs.gitlab.com/api/project_webhooks/ */
export function newHookBody(dialect: Dialect, hook: NewHook): object {
  const { url, secret } = hook;
  switch (dialect) {
    case 'github':
    case 'gitea': {
      const config = { url, content_type: 'json', insecure_ssl: '0', secret };
      return { ...(dialect === 'gitea' ? { type: 'gitea' } : { name: 'web' }), active: true, events: named(GITHUB, hook), config };
    }
    case 'gitlab':
      // Pushes are told unless they are refused.
      return { url, token: secret, push_events: false, ...Object.fromEntries(named(GITLAB, hook).map((name) => [name, true])) };
    case 'bitbucket':
      return { description: 'Pipewright', url, active: true, secret, events: named(BITBUCKET, hook) };
  }
}

/** What the host answers once it is made; undefined where that says nothing of it. */
export function madeHook(dialect: Dialect, answer: unknown, place: string): MadeHook | undefined {
  const id = dialect === 'bitbucket' ? text(answer, 'uuid') : number(answer, 'id')?.toString();
  if (id === undefined) return undefined;
  const self = dialect === 'bitbucket' ? at(answer, 'links', 'self', 'href') : at(answer, 'url');
  const own = typeof self === 'string' && dialect !== 'gitlab' ? self : `${place}/${id}`;
  return { id, url: own };
}
