import { at, commitId, list, number, present, text } from '../../../../kernel/git-hooks/read.ts';
import { approvedCommit, nothing, one, type Delivered, type WebhookEvent, type WebhookEventType } from './event.ts';

const PULLS: Readonly<Record<string, WebhookEventType>> = {
  'pullrequest:created': 'PULL_REQUEST_CREATED',
  'pullrequest:updated': 'PULL_REQUEST_UPDATED',
  'pullrequest:fulfilled': 'PULL_REQUEST_MERGED',
  'pullrequest:rejected': 'PULL_REQUEST_CLOSED',
};

interface Common {
  readonly repository: string;
  readonly actor: string;
  readonly actorName: string | undefined;
}

/** Bitbucket Cloud's payloads; `event` is X-Event-Key. https://docs.aws.amazon.com/codebuild/latest/userguide/bitbucket-webhook.html */
export function readBitbucket(event: string, payload: unknown): Delivered {
  const repository = text(payload, 'repository', 'full_name');
  if (repository === undefined) return nothing('an event of no repository');
  const uuid = text(payload, 'actor', 'uuid');
  const common: Common = { repository, actor: uuid?.replace(/^\{|\}$/g, '') ?? '', actorName: uuid };
  if (event === 'repo:push') return push(payload, common);
  if (event === 'pullrequest:comment_created') return comment(payload, common);
  const type = PULLS[event];
  return type ? pullRequest(type, payload, common) : nothing(`the event ${event}`);
}

function push(payload: unknown, common: Common): Delivered {
  // One push may move several references.
  const events = list(payload, 'push', 'changes').flatMap((change): readonly WebhookEvent[] => {
    const [type, name, commit] = [text(change, 'new', 'type'), text(change, 'new', 'name'), commitId(change, 'new', 'target', 'hash')];
    if ((type !== 'branch' && type !== 'tag') || name === undefined || commit === undefined) return [];
    const before = commitId(change, 'old', 'target', 'hash');
    return [
      present<WebhookEvent>({
        ...common,
        type: 'PUSH',
        headRef: `refs/${type === 'branch' ? 'heads' : 'tags'}/${name}`,
        trigger: `${type}/${name}`,
        sourceVersion: commit,
        commit,
        previousCommit: before,
        message: text(change, 'new', 'target', 'message'),
        range: before === undefined ? undefined : { from: before, to: commit },
      } as WebhookEvent),
    ];
  });
  return events.length === 0 ? nothing('a push that only deletes') : { kind: 'events', events };
}

function pullRequest(type: WebhookEventType, payload: unknown, common: Common): Delivered {
  const pull = at(payload, 'pullrequest');
  const [head, base] = [text(pull, 'source', 'branch', 'name'), text(pull, 'destination', 'branch', 'name')];
  const [commit, id] = [text(pull, 'source', 'commit', 'hash'), number(pull, 'id')];
  if (head === undefined || base === undefined || id === undefined || !/^[0-9a-f]{12,40}$/.test(commit ?? ''))
    return nothing('a pull request without its branches');
  const source = text(pull, 'source', 'repository', 'full_name');
  const pullId = String(id);
  return one(
    present<WebhookEvent>({
      ...common,
      type,
      headRef: `refs/heads/${head}`,
      baseRef: `refs/heads/${base}`,
      trigger: `pr/${pullId}`,
      // Bitbucket has no references for pull requests: the branch is what can be fetched, as long as it is there.
      sourceVersion: type === 'PULL_REQUEST_MERGED' ? `refs/heads/${base}` : `refs/heads/${head}`,
      commit,
      mergeCommit: type === 'PULL_REQUEST_MERGED' ? text(pull, 'merge_commit', 'hash') : undefined,
      range: { pull: pullId },
      pull: present({ id: pullId, fork: source !== undefined && source !== common.repository, author: text(pull, 'author', 'uuid') }),
    } as WebhookEvent),
  );
}

function comment(payload: unknown, { repository, actor, actorName }: Common): Delivered {
  const commit = approvedCommit(text(payload, 'comment', 'content', 'raw'));
  const pull = number(payload, 'pullrequest', 'id');
  if (commit === undefined || pull === undefined) return nothing('a comment that asks for no build');
  return {
    kind: 'approval',
    comment: { repository, pull: String(pull), commit, actor, ...(actorName !== undefined && { actorName }) },
  };
}
