import { at, changedPaths, commitId, list, number, present, reference, text } from '../../../../kernel/git-hooks/read.ts';
import { approvedCommit, nothing, one, type Delivered, type WebhookEvent, type WebhookEventType } from './event.ts';

const REQUESTS: Readonly<Record<string, WebhookEventType>> = {
  open: 'PULL_REQUEST_CREATED',
  reopen: 'PULL_REQUEST_REOPENED',
  merge: 'PULL_REQUEST_MERGED',
  close: 'PULL_REQUEST_CLOSED',
};

interface Common {
  readonly repository: string;
  readonly cloneUrl: string | undefined;
  readonly actor: string;
  readonly actorName: string | undefined;
}

/** GitLab's payloads, which name themselves. https://docs.aws.amazon.com/codebuild/latest/userguide/gitlab-webhook.html */
export function readGitLab(payload: unknown): Delivered {
  const repository = text(payload, 'project', 'path_with_namespace');
  if (repository === undefined) return nothing('an event of no project');
  const id = number(payload, 'user_id') ?? number(payload, 'user', 'id');
  const common: Common = {
    repository,
    cloneUrl: text(payload, 'project', 'git_http_url'),
    actor: String(id ?? ''),
    actorName: id === undefined ? undefined : String(id),
  };
  const kind = text(payload, 'object_kind') ?? '';
  switch (kind) {
    case 'push':
    case 'tag_push':
      return push(payload, common);
    case 'merge_request':
      return mergeRequest(payload, common);
    case 'release':
      return release(payload, common);
    case 'note':
      return note(payload, common);
    default:
      return nothing(`the event ${kind}`);
  }
}

function push(payload: unknown, common: Common): Delivered {
  const ref = reference(text(payload, 'ref'));
  // `checkout_sha` is the commit, also of an annotated tag; it is null for a deletion.
  const commit = commitId(payload, 'checkout_sha');
  if (!ref) return nothing('a push of neither a branch nor a tag');
  if (commit === undefined) return nothing(`the deletion of the ${ref.ref} ${ref.name}`);
  const before = commitId(payload, 'before');
  const commits = list(payload, 'commits');
  const head = commits.find((each) => text(each, 'id') === commit);
  const whole = ref.ref === 'branch' && before !== undefined && number(payload, 'total_commits_count') === commits.length;
  const from = before ?? text(payload, 'project', 'default_branch');
  return one(
    present<WebhookEvent>({
      ...common,
      type: 'PUSH',
      headRef: text(payload, 'ref')!,
      trigger: `${ref.ref}/${ref.name}`,
      sourceVersion: commit,
      commit,
      previousCommit: before,
      message: text(head, 'message'),
      files: changedPaths(commits, whole && commits.length > 0),
      range: from === undefined ? undefined : { from, to: commit },
    } as WebhookEvent),
  );
}

/** `update` without an old revision changed words, not commits. */
function typeOf(request: unknown): WebhookEventType | undefined {
  const action = text(request, 'action') ?? '';
  if (action === 'update') return text(request, 'oldrev') === undefined ? undefined : 'PULL_REQUEST_UPDATED';
  return REQUESTS[action];
}

function mergeRequest(payload: unknown, common: Common): Delivered {
  const request = at(payload, 'object_attributes');
  const type = typeOf(request);
  if (!type) return nothing(`a merge request whose commits did not change (${text(request, 'action') ?? 'no action'})`);
  const [head, base] = [text(request, 'source_branch'), text(request, 'target_branch')];
  const [commit, id] = [commitId(request, 'last_commit', 'id'), number(request, 'iid')];
  if (head === undefined || base === undefined || commit === undefined || id === undefined)
    return nothing('a merge request without its branches');
  const pull = String(id);
  return one(
    present<WebhookEvent>({
      ...common,
      type,
      headRef: `refs/heads/${head}`,
      baseRef: `refs/heads/${base}`,
      trigger: `pr/${pull}`,
      sourceVersion: `pr/${pull}`,
      commit,
      mergeCommit: type === 'PULL_REQUEST_MERGED' ? commitId(request, 'merge_commit_sha') : undefined,
      message: text(request, 'last_commit', 'message'),
      range: { pull },
      pull: present({
        id: pull,
        fork: number(request, 'source_project_id') !== number(request, 'target_project_id'),
        author: number(request, 'author_id')?.toString(),
      }),
    } as WebhookEvent),
  );
}

function release(payload: unknown, common: Common): Delivered {
  const [action, tag] = [text(payload, 'action') ?? '', text(payload, 'tag')];
  if (action !== 'create' || tag === undefined) return nothing(`a release's ${action}`);
  return one(
    present<WebhookEvent>({
      ...common,
      type: 'RELEASED',
      headRef: `refs/tags/${tag}`,
      trigger: `tag/${tag}`,
      sourceVersion: `refs/tags/${tag}`,
      commit: commitId(payload, 'commit', 'id'),
      message: text(payload, 'commit', 'message'),
      tagName: tag,
      releaseName: text(payload, 'name'),
    } as WebhookEvent),
  );
}

function note(payload: unknown, { repository, actor, actorName }: Common): Delivered {
  const commit = approvedCommit(text(payload, 'object_attributes', 'note'));
  const pull = number(payload, 'merge_request', 'iid');
  if (commit === undefined || pull === undefined) return nothing('a comment that asks for no build');
  return {
    kind: 'approval',
    comment: { repository, pull: String(pull), commit, actor, ...(actorName !== undefined && { actorName }) },
  };
}
