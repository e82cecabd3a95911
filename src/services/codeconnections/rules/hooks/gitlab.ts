import type { GitPullRequest, GitPush, PullRequestAction } from '../../../../kernel/git-event.ts';
import { at, changedPaths, commitId, list, number, present, reference, text } from '../../../../kernel/git-hooks/read.ts';
import { author, events, nothing, type HookContent } from './content.ts';

/** GitLab's payloads, which name themselves. https://docs.gitlab.com/user/project/integrations/webhook_events/ */
export function readGitLab(payload: unknown): HookContent {
  const kind = text(payload, 'object_kind') ?? '';
  if (kind === 'push' || kind === 'tag_push') return push(payload);
  if (kind === 'merge_request') return mergeRequest(payload);
  return nothing(`the event ${kind}`);
}

function push(payload: unknown): HookContent {
  const ref = reference(text(payload, 'ref'));
  const repository = text(payload, 'project', 'path_with_namespace');
  if (!ref || repository === undefined) return nothing('a push of neither a branch nor a tag');
  // `checkout_sha` is the commit, also of an annotated tag; it is null for a deletion.
  const commit = commitId(payload, 'checkout_sha');
  if (commit === undefined) return nothing(`the deletion of the ${ref.ref} ${ref.name}`);
  const before = commitId(payload, 'before');
  const commits = list(payload, 'commits');
  const head = commits.find((each) => text(each, 'id') === commit);
  const whole =
    ref.ref === 'branch' && before !== undefined && commits.length > 0 && number(payload, 'total_commits_count') === commits.length;
  const name = text(head, 'author', 'name') ?? text(payload, 'user_name');
  return events(
    present<GitPush>({
      kind: 'push',
      ...ref,
      repository,
      commit,
      before,
      message: text(head, 'message'),
      author: author(text(payload, 'user_username'), name, text(head, 'author', 'email') ?? text(payload, 'user_email')),
      authoredAt: text(head, 'timestamp'),
      // Even then a forced push leaves out what went away; the server is asked where that matters.
      files: changedPaths(commits, whole && at(payload, 'forced') !== true),
    }),
  );
}

/** `update` without an old revision changed words, not commits. */
function actionOf(request: unknown): PullRequestAction | undefined {
  const action = text(request, 'action');
  if (action === 'open' || action === 'reopen') return 'OPEN';
  if (action === 'update' && text(request, 'oldrev') !== undefined) return 'UPDATED';
  return action === 'close' || action === 'merge' ? 'CLOSED' : undefined;
}

function mergeRequest(payload: unknown): HookContent {
  const request = at(payload, 'object_attributes');
  const action = actionOf(request);
  if (!action) return nothing(`a merge request whose commits did not change (${text(request, 'action') ?? 'no action'})`);
  const [repository, commit] = [text(payload, 'project', 'path_with_namespace'), commitId(request, 'last_commit', 'id')];
  const [sourceBranch, destinationBranch] = [text(request, 'source_branch'), text(request, 'target_branch')];
  if (repository === undefined || commit === undefined || sourceBranch === undefined || destinationBranch === undefined)
    return nothing('a merge request without its branches');
  const last = at(request, 'last_commit');
  return events(
    present<GitPullRequest>({
      kind: 'pullRequest',
      action,
      id: String(number(request, 'iid') ?? ''),
      title: text(request, 'title') ?? '',
      repository,
      commit,
      sourceBranch,
      destinationBranch,
      message: text(last, 'message'),
      author: author(text(payload, 'user', 'username'), text(last, 'author', 'name'), text(last, 'author', 'email')),
      authoredAt: text(last, 'timestamp'),
    } as GitPullRequest),
  );
}
