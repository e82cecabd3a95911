import type { GitPullRequest, GitPush, PullRequestAction } from '../../../../kernel/git-event.ts';
import { at, changedPaths, commitId, list, number, present, reference, text } from '../../../../kernel/git-hooks/read.ts';
import { author, events, nothing, type HookContent } from './content.ts';

/** From this many commits on GitHub leaves some out: https://docs.github.com/en/webhooks/webhook-events-and-payloads#push */
const MOST_COMMITS = 2048;
/** Gitea sends few commits, and says how many there are. */
const complete = (payload: unknown, commits: readonly unknown[]): boolean =>
  (number(payload, 'total_commits') ?? commits.length) === commits.length && commits.length < MOST_COMMITS;

const ACTIONS: Readonly<Record<string, PullRequestAction>> = {
  opened: 'OPEN',
  reopened: 'OPEN',
  synchronize: 'UPDATED',
  // Gitea's word.
  synchronized: 'UPDATED',
  closed: 'CLOSED',
};

/** GitHub's payloads, and Gitea's, which are made after them. `event` is the X-GitHub-Event (X-Gitea-Event) header. */
export function readGitHub(event: string, payload: unknown): HookContent {
  if (event === 'push') return push(payload);
  if (event === 'pull_request' || event === 'pull_request_sync') return pullRequest(payload);
  return nothing(`the event ${event}`);
}

function push(payload: unknown): HookContent {
  const ref = reference(text(payload, 'ref'));
  const repository = text(payload, 'repository', 'full_name');
  if (!ref || repository === undefined) return nothing('a push of neither a branch nor a tag');
  const after = commitId(payload, 'after');
  if (after === undefined) return nothing(`the deletion of the ${ref.ref} ${ref.name}`);
  const before = commitId(payload, 'before');
  const commits = list(payload, 'commits');
  const head = at(payload, 'head_commit') ?? commits.find((each) => text(each, 'id') === after);
  // The id of an annotated tag is not that of its commit; the head commit is.
  const commit = ref.ref === 'tag' ? (commitId(head, 'id') ?? after) : after;
  const whole =
    ref.ref === 'branch' && before !== undefined && at(payload, 'forced') !== true && commits.length > 0 && complete(payload, commits);
  const sender = text(payload, 'sender', 'login');
  return events(
    present<GitPush>({
      kind: 'push',
      ...ref,
      repository,
      commit,
      before,
      message: text(head, 'message'),
      author: author(text(head, 'author', 'username') ?? sender, text(head, 'author', 'name'), text(head, 'author', 'email')),
      authoredAt: text(head, 'timestamp'),
      files: changedPaths(commits, whole),
    }),
  );
}

function pullRequest(payload: unknown): HookContent {
  const said = text(payload, 'action') ?? '';
  const action = ACTIONS[said];
  if (!action) return nothing(`a pull request that was ${said}`);
  const pull = at(payload, 'pull_request');
  const [repository, commit] = [text(payload, 'repository', 'full_name'), commitId(pull, 'head', 'sha')];
  const [sourceBranch, destinationBranch] = [text(pull, 'head', 'ref'), text(pull, 'base', 'ref')];
  if (repository === undefined || commit === undefined || sourceBranch === undefined || destinationBranch === undefined)
    return nothing('a pull request without its branches');
  const login = text(pull, 'user', 'login');
  return events(
    present<GitPullRequest>({
      kind: 'pullRequest',
      action,
      id: String(number(pull, 'number') ?? number(payload, 'number') ?? ''),
      title: text(pull, 'title') ?? '',
      repository,
      commit,
      sourceBranch,
      destinationBranch,
      base: commitId(pull, 'base', 'sha'),
      author: author(login, text(pull, 'user', 'full_name') ?? login, text(pull, 'user', 'email')),
    } as GitPullRequest),
  );
}
