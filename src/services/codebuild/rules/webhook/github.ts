import { at, changedPaths, commitId, list, number, present, reference, text } from '../../../../kernel/git-hooks/read.ts';
import { approvedCommit, nothing, one, type Delivered, type WebhookEvent, type WebhookEventType } from './event.ts';

/** From this many commits on GitHub leaves some out: https://docs.github.com/en/webhooks/webhook-events-and-payloads#push */
const MOST_COMMITS = 2048;

const PULLS: Readonly<Record<string, WebhookEventType>> = {
  opened: 'PULL_REQUEST_CREATED',
  reopened: 'PULL_REQUEST_REOPENED',
  synchronize: 'PULL_REQUEST_UPDATED',
};
const RELEASES: Readonly<Record<string, WebhookEventType>> = { released: 'RELEASED', prereleased: 'PRERELEASED' };

/** GitHub's payloads; `event` is X-GitHub-Event. https://docs.aws.amazon.com/codebuild/latest/userguide/github-webhook.html */
export function readGitHub(event: string, payload: unknown): Delivered {
  const repository = text(payload, 'repository', 'full_name');
  if (repository === undefined) return nothing('an event of no repository');
  const common = {
    repository,
    cloneUrl: text(payload, 'repository', 'clone_url'),
    actor: String(number(payload, 'sender', 'id') ?? ''),
    actorName: text(payload, 'sender', 'login'),
  };
  switch (event) {
    case 'push':
      return push(payload, common);
    case 'pull_request':
      return pullRequest(payload, common);
    case 'release':
      return release(payload, common);
    case 'workflow_job':
      return workflowJob(payload, common);
    case 'issue_comment':
      return comment(payload, common);
    default:
      return nothing(`the event ${event}`);
  }
}

type Common = { readonly [K in 'repository' | 'cloneUrl' | 'actor' | 'actorName']: WebhookEvent[K] | undefined } & {
  readonly repository: string;
  readonly actor: string;
};

function push(payload: unknown, common: Common): Delivered {
  const ref = reference(text(payload, 'ref'));
  const after = commitId(payload, 'after');
  if (!ref) return nothing('a push of neither a branch nor a tag');
  if (after === undefined) return nothing(`the deletion of the ${ref.ref} ${ref.name}`);
  const before = commitId(payload, 'before');
  const commits = list(payload, 'commits');
  const head = at(payload, 'head_commit');
  // The id of an annotated tag is not that of its commit; the head commit is.
  const commit = commitId(head, 'id') ?? after;
  const whole =
    ref.ref === 'branch' && before !== undefined && at(payload, 'forced') !== true && commits.length > 0 && commits.length < MOST_COMMITS;
  const from = before ?? text(payload, 'repository', 'default_branch');
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
      files: changedPaths(commits, whole),
      range: from === undefined ? undefined : { from, to: commit },
    } as WebhookEvent),
  );
}

function pullRequest(payload: unknown, common: Common): Delivered {
  const pull = at(payload, 'pull_request');
  const action = text(payload, 'action') ?? '';
  const closed = at(pull, 'merged') === true ? 'PULL_REQUEST_MERGED' : 'PULL_REQUEST_CLOSED';
  const type = action === 'closed' ? closed : PULLS[action];
  if (!type) return nothing(`a pull request that was ${action}`);
  const [head, base] = [text(pull, 'head', 'ref'), text(pull, 'base', 'ref')];
  const [commit, id] = [commitId(pull, 'head', 'sha'), number(pull, 'number') ?? number(payload, 'number')];
  if (head === undefined || base === undefined || commit === undefined || id === undefined)
    return nothing('a pull request without its branches');
  const pullId = String(id);
  return one(
    present<WebhookEvent>({
      ...common,
      type,
      headRef: `refs/heads/${head}`,
      baseRef: `refs/heads/${base}`,
      trigger: `pr/${pullId}`,
      sourceVersion: `pr/${pullId}`,
      commit,
      mergeCommit: type === 'PULL_REQUEST_MERGED' ? commitId(pull, 'merge_commit_sha') : undefined,
      range: { pull: pullId },
      pull: present({
        id: pullId,
        fork: text(pull, 'head', 'repo', 'full_name') !== common.repository,
        author: text(pull, 'user', 'login'),
      }),
    } as WebhookEvent),
  );
}

function release(payload: unknown, common: Common): Delivered {
  const action = text(payload, 'action') ?? '';
  const type = RELEASES[action];
  const tag = text(payload, 'release', 'tag_name');
  if (!type || tag === undefined) return nothing(`a release that was ${action}`);
  return one(
    present<WebhookEvent>({
      ...common,
      type,
      headRef: `refs/tags/${tag}`,
      trigger: `tag/${tag}`,
      sourceVersion: `refs/tags/${tag}`,
      tagName: tag,
      releaseName: text(payload, 'release', 'name'),
    } as WebhookEvent),
  );
}

function workflowJob(payload: unknown, common: Common): Delivered {
  const job = at(payload, 'workflow_job');
  const [commit, branch] = [commitId(job, 'head_sha'), text(job, 'head_branch')];
  if (text(payload, 'action') !== 'queued') return nothing(`a workflow's job that is ${text(payload, 'action') ?? 'anything'}`);
  const label = list(job, 'labels').find((each): each is string => typeof each === 'string' && each.startsWith('codebuild-'));
  if (commit === undefined || branch === undefined || label === undefined) return nothing('a workflow’s job that asks for no build here');
  return one(
    present<WebhookEvent>({
      ...common,
      type: 'WORKFLOW_JOB_QUEUED',
      headRef: `refs/heads/${branch}`,
      trigger: `branch/${branch}`,
      sourceVersion: commit,
      commit,
      workflowName: text(job, 'workflow_name'),
      label,
    } as WebhookEvent),
  );
}

function comment(payload: unknown, { repository, actor, actorName }: Common): Delivered {
  const commit = approvedCommit(text(payload, 'comment', 'body'));
  const pull = number(payload, 'issue', 'number');
  const asked = text(payload, 'action') === 'created' && at(payload, 'issue', 'pull_request') !== undefined;
  if (!asked || commit === undefined || pull === undefined) return nothing('a comment that asks for no build');
  return {
    kind: 'approval',
    comment: { repository, pull: String(pull), commit, actor, ...(actorName !== undefined && { actorName }) },
  };
}
