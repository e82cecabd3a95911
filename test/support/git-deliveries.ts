import { createHmac } from 'node:crypto';

let deliveries = 0;

export const hmac = (body: string, secret: string): string => createHmac('sha256', secret).update(body).digest('hex');

/** What each kind of host sends for a push, signed its way; each delivery has an id of its own. */
export const hostDeliveries = (secret: string) =>
  ({
    GitLabSelfManaged: {
      push: (branch: string, { before, after }: { before: string; after: string }) => ({
        object_kind: 'push',
        ref: `refs/heads/${branch}`,
        before,
        after,
        checkout_sha: after,
        user_name: 'Ada',
        project: { path_with_namespace: 'acme/shop' },
        commits: [],
        total_commits_count: 9,
      }),
      headers: () => ({ 'x-gitlab-token': secret, 'x-gitlab-event': 'Push Hook', 'x-gitlab-event-uuid': `d${++deliveries}` }),
      status: (commit: string) => `/api/v4/projects/acme%2Fshop/statuses/${commit}`,
    },
    Gitea: {
      push: (branch: string, { before, after }: { before: string; after: string }) => ({
        ref: `refs/heads/${branch}`,
        before,
        after,
        repository: { full_name: 'acme/shop' },
        head_commit: { id: after, message: 'Change', author: { name: 'Ada', email: 'ada@example.com', username: 'ada' } },
        commits: [],
      }),
      headers: (body: string) => ({
        'x-gitea-signature': hmac(body, secret),
        'x-gitea-event': 'push',
        'x-gitea-delivery': `d${++deliveries}`,
      }),
      status: (commit: string) => `/api/v1/repos/acme/shop/statuses/${commit}`,
    },
    Bitbucket: {
      push: (branch: string, { before, after }: { before: string; after: string }) => ({
        repository: { full_name: 'acme/shop' },
        actor: { nickname: 'ada' },
        push: {
          changes: [
            { new: { type: 'branch', name: branch, target: { hash: after, message: 'Change' } }, old: { target: { hash: before } } },
          ],
        },
      }),
      headers: (body: string) => ({
        'x-hub-signature': `sha256=${hmac(body, secret)}`,
        'x-event-key': 'repo:push',
        'x-request-uuid': `d${++deliveries}`,
      }),
      status: (commit: string) => `/2.0/repositories/acme/shop/commit/${commit}/statuses/build`,
    },
  }) as const;
