import { createHmac } from 'node:crypto';
import type { CreateWebhookInput, Project, ProjectSource, Webhook } from '../api.gen.ts';
import type { World } from './world.ts';

export const [A, B] = ['a'.repeat(40), 'b'.repeat(40)];

export const push = (more: object = {}) => ({
  ref: 'refs/heads/main',
  before: A,
  after: B,
  head_commit: { id: B, message: 'Mend' },
  ...more,
});
/** A pull request of a fork. */
export const pull = (action: string, more: object = {}) => ({
  action,
  number: 7,
  pull_request: {
    number: 7,
    user: { login: 'eve' },
    head: { ref: 'topic', sha: B, repo: { full_name: 'eve/shop' } },
    base: { ref: 'main', sha: A },
    ...more,
  },
});

/** Projects of GitHub with webhooks, and what GitHub sends. */
export function hookTools(of: () => World) {
  let deliveries = 0;

  async function project(source: Partial<ProjectSource> = {}, name = 'shop'): Promise<Project> {
    const { project } = await of().call('createProject', {
      name,
      source: { type: 'GITHUB', location: 'https://github.com/acme/shop', ...source },
      artifacts: { type: 'NO_ARTIFACTS' },
      environment: { type: 'LINUX_CONTAINER', image: 'host', computeType: 'BUILD_GENERAL1_SMALL' },
      serviceRole: 'builds',
    });
    return project!;
  }

  const token = (serverType: 'GITHUB' | 'GITLAB' | 'BITBUCKET' = 'GITHUB') =>
    of().call('importSourceCredentials', { serverType, authType: 'PERSONAL_ACCESS_TOKEN', token: 't0ken' });

  /** A webhook that is made by hand, with its secret. */
  async function webhook(input: Partial<CreateWebhookInput> = {}): Promise<Webhook> {
    return (await of().call('createWebhook', { projectName: 'shop', manualCreation: true, ...input })).webhook!;
  }

  /** What GitHub would send. */
  function deliver({ payloadUrl = '', secret = '' }: Webhook, event: string, payload: object, id = `delivery-${++deliveries}`) {
    const body = Buffer.from(JSON.stringify({ repository: { full_name: 'acme/shop' }, sender: { id: 42, login: 'ada' }, ...payload }));
    const headers = {
      'content-type': 'application/json',
      'user-agent': 'GitHub-Hookshot/044aadd',
      'x-github-event': event,
      'x-github-delivery': id,
      'x-hub-signature-256': `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`,
    };
    return of().service.receiveHook({ id: payloadUrl.split('/').at(-1)!, headers, body });
  }

  return { project, token, webhook, deliver };
}
