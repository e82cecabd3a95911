import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { prepareAll } from '../../../../test/support/database.ts';
import type { CreateWebhookInput, FilterGroups } from '../api.gen.ts';
import { A, B, hookTools, pull, push } from '../testing/hooks.ts';
import { refused, World } from '../testing/world.ts';
import { webhookSql } from './tables.ts';

const PUSHES: FilterGroups = [[{ type: 'EVENT', pattern: 'PUSH' }]];

let world: World;
beforeEach(async () => {
  world = new World();
  await world.start();
});
afterEach(() => world.end());
const { project, token, webhook, deliver } = hookTools(() => world);

async function builds() {
  const { ids = [] } = await world.call('listBuildsForProject', { projectName: 'shop' });
  return ids.length === 0 ? [] : (await world.call('batchGetBuilds', { ids })).builds!;
}

it('has statements that fit its tables', () => {
  expect(prepareAll(world.db, webhookSql)).toBe(10);
});

describe('CreateWebhook', () => {
  it('registers at the git host, and keeps the secret to itself', async () => {
    await project();
    await token();
    const { webhook } = await world.call('createWebhook', {
      projectName: 'shop',
      filterGroups: [[{ type: 'EVENT', pattern: 'PUSH, PULL_REQUEST_CREATED' }], [{ type: 'EVENT', pattern: 'RELEASED' }]],
    });
    expect(webhook).toMatchObject({ url: 'https://github.com/hooks/1', status: 'ACTIVE' });
    expect(webhook).not.toHaveProperty('secret');
    expect([...world.hosts.hooks.values()]).toEqual([
      {
        place: { repository: 'acme/shop' },
        hook: {
          url: webhook!.payloadUrl,
          secret: expect.stringMatching(/^[0-9a-f]{40}$/) as string,
          subjects: ['pullRequest', 'push', 'release'],
        },
      },
    ]);
    const shown = await world.call('batchGetProjects', { names: ['shop'] });
    expect(shown.projects![0]!.webhook).toEqual(webhook);
  });

  it('answers the secret of one that people make by hand, once', async () => {
    await project({ type: 'GITHUB_ENTERPRISE', location: 'https://git.acme.example/acme/shop.git' });
    const { webhook } = await world.call('createWebhook', { projectName: 'shop' });
    expect(webhook!.payloadUrl).toMatch(/^http:\/\/pipewright\.test\/_pipewright\/hooks\/b-[0-9a-f]{48}$/);
    expect(webhook!.secret).toMatch(/^[0-9a-f]{40}$/);
    const shown = (await world.call('batchGetProjects', { names: ['shop'] })).projects![0]!.webhook!;
    expect(shown).not.toHaveProperty('secret');
    expect(shown.lastModifiedSecret).toBe(world.clock.now());
    const rows = JSON.stringify(await world.db.all({ sql: 'SELECT * FROM codebuild_webhooks' }));
    expect(rows).not.toContain(webhook!.secret);
  });

  it('needs the project, its credentials, and the host’s consent', async () => {
    expect(await refused(webhook())).toMatch(/^ResourceNotFoundException: Project cannot be found/);
    await project();
    expect(await refused(webhook({ manualCreation: false }))).toBe(
      'ResourceNotFoundException: Could not find access token for server type github',
    );
    await token();
    world.hosts.refusal = 'No admin rights.';
    expect(await refused(webhook({ manualCreation: false }))).toBe('OAuthProviderException: No admin rights.');
    await webhook();
    expect(await refused(webhook())).toMatch(/^ResourceAlreadyExistsException: /);
  });

  it.each<[Partial<CreateWebhookInput>, string]>([
    [{ filterGroups: [[{ type: 'HEAD_REF', pattern: 'main' }]] }, 'at least one filter of type EVENT'],
    [{ filterGroups: [[{ type: 'EVENT', pattern: 'PUSHED' }]] }, 'Invalid event type: PUSHED'],
    [{ filterGroups: [[...PUSHES[0]!, { type: 'HEAD_REF', pattern: '(' }]] }, 'Invalid pattern for filter type HEAD_REF'],
    [{ filterGroups: [[...PUSHES[0]!, { type: 'TAG_NAME', pattern: 'v' }]] }, 'TAG_NAME is for events RELEASED, PRERELEASED only'],
    [{ filterGroups: PUSHES, branchFilter: 'main' }, 'not both'],
    [{ branchFilter: '(' }, 'Invalid branch filter'],
    [{ buildType: 'RUNNER_BUILDKITE_BUILD' }, 'RUNNER_BUILDKITE_BUILD'],
    [{ scopeConfiguration: { name: 'acme', scope: 'GITHUB_ORGANIZATION' } }, 'CODEBUILD_DEFAULT_WEBHOOK_SOURCE_LOCATION'],
    [{ pullRequestBuildPolicy: { requiresCommentApproval: 'ALL_PULL_REQUESTS', approverRoles: ['GITLAB_OWNER'] } }, 'GITLAB_OWNER'],
  ])('refuses %j', async (input, message) => {
    await project();
    expect(await refused(webhook(input))).toMatch(/^InvalidInputException: /);
    expect(await refused(webhook(input))).toContain(message);
  });

  it('refuses sources that have no webhooks', async () => {
    await project({ type: 'NO_SOURCE', buildspec: 'version: 0.2' });
    expect(await refused(webhook())).toMatch(/^InvalidInputException: Webhooks are not supported for source type NO_SOURCE/);
  });

  it('of an organization builds whichever repository tells', async () => {
    await project({ location: 'CODEBUILD_DEFAULT_WEBHOOK_SOURCE_LOCATION' });
    await token();
    const scopeConfiguration = { name: 'acme', scope: 'GITHUB_ORGANIZATION' } as const;
    const filterGroups: FilterGroups = [[...PUSHES[0]!, { type: 'REPOSITORY_NAME', pattern: '^li' }]];
    await webhook({ manualCreation: false, scopeConfiguration, filterGroups });
    const { place, hook } = [...world.hosts.hooks.values()][0]!;
    expect(place).toEqual({ organization: 'acme' });
    const made = { payloadUrl: hook.url, secret: hook.secret };
    const repository = (name: string) => ({ repository: { full_name: `acme/${name}`, clone_url: `https://github.com/acme/${name}.git` } });
    await deliver(made, 'push', push(repository('shop')));
    await deliver(made, 'push', push(repository('lib')));
    expect((await builds()).map(({ source }) => source!.location)).toEqual(['https://github.com/acme/lib.git']);
  });
});

describe('UpdateWebhook', () => {
  it('changes filters, and tells the host only what it has to know', async () => {
    await project();
    await token();
    await webhook({ manualCreation: false, branchFilter: '^main$' });
    await world.call('updateWebhook', { projectName: 'shop', filterGroups: PUSHES });
    expect(world.hosts.hooks.get('1')!.hook.subjects).toEqual(['push']);
    world.hosts.refusal = 'The host is not to be asked.';
    const filterGroups: FilterGroups = [[...PUSHES[0]!, { type: 'HEAD_REF', pattern: 'main', excludeMatchedPattern: true }]];
    const { webhook: after } = await world.call('updateWebhook', { projectName: 'shop', filterGroups });
    const unsaid = { excludeMatchedPattern: false };
    expect(after!.filterGroups).toEqual([[{ ...PUSHES[0]![0]!, ...unsaid }, filterGroups[0]![1]]]);
    expect(after).not.toHaveProperty('branchFilter');
    expect(await refused(world.call('updateWebhook', { projectName: 'shop', rotateSecret: true }))).toBe(
      'OAuthProviderException: The host is not to be asked.',
    );
  });

  it('rotates the secret: the old one is worth nothing then', async () => {
    await project();
    const before = await webhook();
    world.clock.advance(1_000);
    const { webhook: after } = await world.call('updateWebhook', { projectName: 'shop', rotateSecret: true });
    expect(after!.secret).not.toBe(before.secret);
    expect(after!.lastModifiedSecret).toBe(world.clock.now());
    expect(await deliver(before, 'push', push())).toMatchObject({ status: 401 });
    expect(await deliver(after!, 'push', push())).toMatchObject({ status: 200 });
  });
});

describe('DeleteWebhook', () => {
  it('removes it here and at the host', async () => {
    await project();
    await token();
    const made = await webhook({ manualCreation: false });
    await world.call('deleteWebhook', { projectName: 'shop' });
    expect(world.hosts.hooks.size).toBe(0);
    expect(await deliver({ ...made, secret: 'x' }, 'push', push())).toBeUndefined();
    expect(await refused(world.call('deleteWebhook', { projectName: 'shop' }))).toMatch(/^ResourceNotFoundException: /);
  });

  it('comes with the deletion of the project, which no git host can hinder', async () => {
    await project();
    await token();
    await webhook({ manualCreation: false });
    world.hosts.refusal = 'Not now.';
    await world.call('deleteProject', { name: 'shop' });
    world.hosts.refusal = undefined;
    await project();
    await webhook();
  });
});

describe('a delivery', () => {
  it('starts a build of the very commit, and says by whom', async () => {
    await project();
    const made = await webhook();
    expect(await deliver(made, 'push', push())).toMatchObject({ status: 200, message: expect.stringMatching(/^Started shop:/) as string });
    const [build] = await builds();
    expect(build).toMatchObject({ initiator: 'GitHub-Hookshot/044aadd', sourceVersion: B });
    const { builtinVariables, sourceVersion } = await world.job();
    expect(sourceVersion).toBe(B);
    expect(Object.fromEntries(builtinVariables.map(({ name, value }) => [name, value]))).toMatchObject({
      CODEBUILD_INITIATOR: 'GitHub-Hookshot/044aadd',
      CODEBUILD_SOURCE_VERSION: B,
      CODEBUILD_WEBHOOK_ACTOR_ACCOUNT_ID: '42',
      CODEBUILD_WEBHOOK_EVENT: 'PUSH',
      CODEBUILD_WEBHOOK_HEAD_REF: 'refs/heads/main',
      CODEBUILD_WEBHOOK_PREV_COMMIT: A,
      CODEBUILD_WEBHOOK_TRIGGER: 'branch/main',
    });
  });

  it('of a pull request builds pr/N', async () => {
    await project();
    const made = await webhook();
    await deliver(made, 'pull_request', pull('opened'));
    expect(await builds()).toMatchObject([{ sourceVersion: 'pr/7' }]);
    const { builtinVariables } = await world.job();
    expect(Object.fromEntries(builtinVariables.map(({ name, value }) => [name, value]))).toMatchObject({
      CODEBUILD_WEBHOOK_BASE_REF: 'refs/heads/main',
      CODEBUILD_WEBHOOK_EVENT: 'PULL_REQUEST_CREATED',
      CODEBUILD_WEBHOOK_HEAD_REF: 'refs/heads/topic',
      CODEBUILD_WEBHOOK_TRIGGER: 'pr/7',
    });
  });

  it('that comes again starts nothing more', async () => {
    await project();
    const made = await webhook();
    await deliver(made, 'push', push(), 'same');
    await deliver(made, 'push', push(), 'same');
    expect(await builds()).toHaveLength(1);
  });

  it('of somebody else is refused', async () => {
    await project();
    const made = await webhook();
    expect(await deliver({ ...made, secret: 'guess' }, 'push', push())).toMatchObject({ status: 401 });
    expect(await deliver({ payloadUrl: '/x/nobody', secret: made.secret! }, 'push', push())).toBeUndefined();
    expect(await builds()).toEqual([]);
  });

  it('asks the host which files changed where it does not tell', async () => {
    await project();
    await token();
    const filterGroups: FilterGroups = [
      [
        { type: 'EVENT', pattern: 'PUSH,PULL_REQUEST_CREATED' },
        { type: 'FILE_PATH', pattern: '^docs/', excludeMatchedPattern: true },
        { type: 'COMMIT_MESSAGE', pattern: '(?i)^mend' },
      ],
    ];
    const made = await webhook({ filterGroups });
    expect(await deliver(made, 'push', push())).toMatchObject({ status: 503 });
    world.hosts.files.set(`${A}..${B}`, ['docs/a.md']).set('pull 7', ['src/a.ts']);
    expect(await deliver(made, 'push', push())).toMatchObject({ message: expect.stringContaining('does not fit') as string });
    world.hosts.messages.set(B, 'MEND it');
    expect(await deliver(made, 'pull_request', pull('opened'))).toMatchObject({ message: expect.stringMatching(/^Started/) as string });
    const commits = [{ id: B, added: [], removed: [], modified: ['src/b.ts'] }];
    expect(await deliver(made, 'push', push({ commits }))).toMatchObject({ message: expect.stringMatching(/^Started/) as string });
  });

  it('for a project that builds batches starts one', async () => {
    await project();
    await world.call('updateProject', { name: 'shop', buildBatchConfig: { serviceRole: 'batches' } });
    const made = await webhook({ buildType: 'BUILD_BATCH' });
    const { message } = (await deliver(made, 'push', push()))!;
    const ids = [/^Started (shop:.*)\.$/.exec(message)![1]!];
    expect((await world.call('batchGetBuildBatches', { ids })).buildBatches).toMatchObject([
      { sourceVersion: B, initiator: 'GitHub-Hookshot/044aadd' },
    ]);
    const { builtinVariables } = await world.eventually(() => world.job());
    expect(builtinVariables).toContainEqual({ name: 'CODEBUILD_WEBHOOK_TRIGGER', value: 'branch/main' });
  });
});

describe('a pull request that has to be approved', () => {
  const policy = { requiresCommentApproval: 'FORK_PULL_REQUESTS' } as const;
  const comment = (body: string) => ({ action: 'created', issue: { number: 7, pull_request: {} }, comment: { body } });

  it('waits for the comment of somebody who may', async () => {
    await project();
    await token();
    const made = await webhook({ pullRequestBuildPolicy: policy });
    await deliver(made, 'pull_request', pull('opened'));
    expect(await builds()).toEqual([]);
    expect(world.hosts.told).toMatchObject([
      { status: { commit: B, state: 'failure', description: 'Pull request approval required for starting a build' } },
    ]);
    expect(await deliver(made, 'issue_comment', comment(`/codebuild_run(${B})`))).toMatchObject({
      message: expect.stringContaining('may not approve') as string,
    });
    world.hosts.roles.set('ada', 'write');
    expect(await deliver(made, 'issue_comment', comment(`/codebuild_run(${A})`))).toMatchObject({
      message: expect.stringContaining('No pull request waits') as string,
    });
    await deliver(made, 'issue_comment', comment(`Looks fine.\n/codebuild_run(${B})`));
    expect(await builds()).toMatchObject([{ sourceVersion: B }]);
    await deliver(made, 'issue_comment', comment(`/codebuild_run(${B})`));
    expect(await builds()).toHaveLength(1);
  });

  it('does not wait where its author may approve, or it is of no fork', async () => {
    await project();
    await token();
    const made = await webhook({ pullRequestBuildPolicy: policy });
    await deliver(made, 'pull_request', pull('opened', { head: { ref: 'topic', sha: B, repo: { full_name: 'acme/shop' } } }));
    world.hosts.roles.set('eve', 'admin');
    await deliver(made, 'pull_request', pull('synchronize'));
    expect(await builds()).toHaveLength(2);
  });
});

describe('the status of the commit', () => {
  const states = () => world.hosts.told.map(({ status }) => status.state);

  async function ended(status: 'SUCCEEDED' | 'FAILED') {
    const { buildArn, epoch } = await world.job();
    await world.runner.completeBuild({ buildArn, epoch, buildStatus: status, phases: [] }, world.context);
    await world.settled();
  }

  it('is told for what a webhook started', async () => {
    await project();
    await token();
    await deliver(await webhook(), 'push', push());
    await world.settled();
    expect(states()).toEqual(['pending']);
    await ended('FAILED');
    expect(states()).toEqual(['pending', 'failure']);
    expect(world.hosts.told[1]!.status).toEqual({
      repository: 'acme/shop',
      commit: B,
      state: 'failure',
      context: 'AWS CodeBuild us-east-1 (shop)',
      description: 'Build failed for project shop',
      url: 'http://pipewright.test',
    });
  });

  it('is told for other builds where the source says so, once their commit is known', async () => {
    await project({
      reportBuildStatus: true,
      buildStatusConfig: { context: 'build $CODEBUILD_BUILD_NUMBER', targetUrl: 'https://ci.example/${CODEBUILD_INITIATOR}' },
    });
    await token();
    await world.call('startBuild', { projectName: 'shop', sourceVersion: 'main' });
    const { buildArn, epoch } = await world.job();
    await world.settled();
    expect(states()).toEqual([]);
    await world.runner.reportPhase({ buildArn, epoch, phases: [], resolvedSourceVersion: B }, world.context);
    await world.runner.reportPhase({ buildArn, epoch, phases: [], resolvedSourceVersion: B }, world.context);
    await world.runner.completeBuild({ buildArn, epoch, buildStatus: 'SUCCEEDED', phases: [] }, world.context);
    await world.settled();
    expect(states().at(-1)).toBe('success');
    expect(world.hosts.told[0]!.status).toMatchObject({ context: 'build 1', targetUrl: 'https://ci.example/root', commit: B });
  });

  it('is told for no others', async () => {
    await project();
    await token();
    await world.call('startBuild', { projectName: 'shop', sourceVersion: B });
    await ended('SUCCEEDED');
    expect(states()).toEqual([]);
  });
});
