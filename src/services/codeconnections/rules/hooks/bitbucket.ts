import type { GitPullRequest, GitPush, PullRequestAction } from '../../../../kernel/git-event.ts';
import { at, commitId, list, number, present, text } from '../../../../kernel/git-hooks/read.ts';
import { author, nothing, type HookContent } from './content.ts';

const ACTIONS: Readonly<Record<string, PullRequestAction>> = {
  'pullrequest:created': 'OPEN',
  'pullrequest:updated': 'UPDATED',
  'pullrequest:fulfilled': 'CLOSED',
  'pullrequest:rejected': 'CLOSED',
};

/** Bitbucket Cloud's payloads; `event` is X-Event-Key. https://support.atlassian.com/bitbucket-cloud/docs/event-payloads/ */
export function readBitbucket(event: string, payload: unknown): HookContent {
  if (event === 'repo:push') return push(payload);
  const action = ACTIONS[event];
  return action ? pullRequest(action, payload) : nothing(`the event ${event}`);
}

/** `Name <mail>`. */
function rawAuthor(target: unknown, user: unknown) {
  const raw = /^(.*?)\s*<([^>]*)>$/.exec(text(target, 'author', 'raw') ?? '');
  return author(text(user, 'nickname'), raw?.[1] ?? text(user, 'display_name'), raw?.[2]);
}

function push(payload: unknown): HookContent {
  const repository = text(payload, 'repository', 'full_name');
  if (repository === undefined) return nothing('a push without its repository');
  // One push may move several references.
  const found = list(payload, 'push', 'changes').flatMap((change): readonly GitPush[] => {
    const moved = at(change, 'new');
    const [type, name] = [text(moved, 'type'), text(moved, 'name')];
    const target = at(moved, 'target');
    const commit = commitId(target, 'hash');
    if ((type !== 'branch' && type !== 'tag') || name === undefined || commit === undefined) return [];
    return [
      present<GitPush>({
        kind: 'push',
        ref: type,
        name,
        repository,
        commit,
        before: commitId(change, 'old', 'target', 'hash'),
        message: text(target, 'message'),
        author: rawAuthor(target, at(payload, 'actor')),
        authoredAt: text(target, 'date'),
        files: undefined,
      }),
    ];
  });
  return found.length === 0 ? nothing('a push that only deletes') : { kind: 'events', events: found };
}

function pullRequest(action: PullRequestAction, payload: unknown): HookContent {
  const pull = at(payload, 'pullrequest');
  const repository = text(payload, 'repository', 'full_name');
  // Shortened to twelve digits by Bitbucket: whoever fetches completes it from the branch.
  const commit = text(pull, 'source', 'commit', 'hash');
  const [sourceBranch, destinationBranch] = [text(pull, 'source', 'branch', 'name'), text(pull, 'destination', 'branch', 'name')];
  if (repository === undefined || commit === undefined || sourceBranch === undefined || destinationBranch === undefined)
    return nothing('a pull request without its branches');
  if (!/^[0-9a-f]{12,40}$/.test(commit)) return nothing('a pull request without its commit');
  const id = String(number(pull, 'id') ?? '');
  const found = present<GitPullRequest>({
    kind: 'pullRequest',
    action,
    id,
    title: text(pull, 'title') ?? '',
    repository,
    commit,
    sourceBranch,
    destinationBranch,
    author: author(text(pull, 'author', 'nickname'), text(pull, 'author', 'display_name'), undefined),
  } as GitPullRequest);
  return { kind: 'events', events: [found] };
}
