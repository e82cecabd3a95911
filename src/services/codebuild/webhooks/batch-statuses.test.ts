import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Batchspec } from '../../pipewright/api.gen.ts';
import type { ProjectBuildBatchConfig, StartBuildBatchInput } from '../api.gen.ts';
import { B, hookTools, pull } from '../testing/hooks.ts';
import { World } from '../testing/world.ts';

let world: World;
beforeEach(async () => {
  world = new World();
  await world.start();
});
afterEach(() => world.end());
const { project, token, webhook, deliver } = hookTools(() => world);

describe('the status of a batch’s commit', () => {
  const tasks = ['a', 'b'].map((identifier) => ({ identifier, dependsOn: [], ignoreFailure: false, variables: [] }));
  const told = () => world.hosts.told.map(({ status: { context, state } }) => `${context}: ${state}`);

  async function complete(
    more: { batchspec?: Batchspec; resolvedSourceVersion?: string },
    buildStatus: 'SUCCEEDED' | 'FAILED' = 'SUCCEEDED',
  ) {
    const { buildArn, epoch } = await world.eventually(() => world.job());
    await world.runner.completeBuild({ buildArn, epoch, buildStatus, phases: [], ...more }, world.context);
  }

  async function batch(config: Partial<ProjectBuildBatchConfig>, input: Partial<StartBuildBatchInput>) {
    await project({ reportBuildStatus: true });
    await token();
    const buildBatchConfigOverride = { serviceRole: 'batches', ...config };
    const { buildBatch } = await world.call('startBuildBatch', { projectName: 'shop', buildBatchConfigOverride, ...input });
    return { id: buildBatch!.id!, read: () => complete({ batchspec: { fastFail: false, tasks }, resolvedSourceVersion: B }) };
  }

  it('is one for the batch, unless somebody wants it otherwise', async () => {
    const { id, read } = await batch({}, { sourceVersion: 'main' });
    await world.settled();
    expect(told()).toEqual([]);
    await read();
    await world.settled();
    const context = 'AWS CodeBuild BuildBatch us-east-1 (shop)';
    expect(world.hosts.told.map(({ status }) => status)).toEqual([
      {
        repository: 'acme/shop',
        commit: B,
        state: 'pending',
        context,
        description: 'Batch build started',
        url: 'http://pipewright.test',
      },
    ]);
    await complete({});
    await complete({}, 'FAILED');
    await world.settled();
    expect(told()).toEqual([`${context}: pending`, `${context}: failure`]);
    await world.call('retryBuildBatch', { id, retryType: 'RETRY_FAILED_BUILDS' });
    await complete({});
    await world.settled();
    expect(told().slice(2)).toEqual([`${context}: pending`, `${context}: success`]);
  });

  it('is told at once where its commit is known, also where the batchspec cannot be read', async () => {
    await batch({ batchReportMode: 'REPORT_AGGREGATED_BATCH' }, { sourceVersion: B });
    await world.settled();
    await complete({}, 'FAILED');
    await world.settled();
    expect(world.hosts.told.map(({ status: { state } }) => state)).toEqual(['pending', 'failure']);
  });

  it('is one for each of its builds where the project says so', async () => {
    const { read } = await batch({ batchReportMode: 'REPORT_INDIVIDUAL_BUILDS' }, { sourceVersion: B });
    await read();
    await complete({});
    await complete({}, 'FAILED');
    await world.settled();
    const context = 'AWS CodeBuild us-east-1 (shop)';
    expect(new Set(told())).toEqual(
      new Set([`${context} a: pending`, `${context} b: pending`, `${context} a: success`, `${context} b: failure`]),
    );
  });

  it('names the batch where the source says what it is called', async () => {
    const { id } = await batch({}, { sourceVersion: B });
    world.hosts.told.length = 0;
    const buildStatusConfig = { context: '$CODEBUILD_BUILD_ID', targetUrl: 'https://ci.example/${CODEBUILD_BUILD_ARN}' };
    await world.call('updateProject', {
      name: 'shop',
      source: { ...(await project({ buildStatusConfig }, 'other')).source!, reportBuildStatus: true },
    });
    await world.call('stopBuildBatch', { id });
    const made = await world.call('startBuildBatch', {
      projectName: 'shop',
      buildBatchConfigOverride: { serviceRole: 'b' },
      sourceVersion: B,
    });
    const { arn, id: named } = made.buildBatch!;
    await world.settled();
    expect(world.hosts.told.map(({ status }) => [status.context, status.targetUrl])).toContainEqual([named, `https://ci.example/${arn}`]);
  });

  it('takes the place of the word that somebody has to approve the pull request', async () => {
    await project();
    await token();
    await world.call('updateProject', { name: 'shop', buildBatchConfig: { serviceRole: 'batches' } });
    const made = await webhook({ buildType: 'BUILD_BATCH', pullRequestBuildPolicy: { requiresCommentApproval: 'FORK_PULL_REQUESTS' } });
    await deliver(made, 'pull_request', pull('opened'));
    world.hosts.roles.set('ada', 'write');
    const body = `/codebuild_run(${B})`;
    const approve = () => deliver(made, 'issue_comment', { action: 'created', issue: { number: 7, pull_request: {} }, comment: { body } });
    await approve();
    await world.settled();
    const context = 'AWS CodeBuild BuildBatch us-east-1 (shop)';
    expect(told()).toEqual([`${context}: failure`, `${context}: pending`]);
    // Where the builds are told instead, nothing else would take it back.
    const buildBatchConfig = { serviceRole: 'batches', batchReportMode: 'REPORT_INDIVIDUAL_BUILDS' } as const;
    await world.call('updateProject', { name: 'shop', buildBatchConfig });
    world.hosts.roles.clear();
    await deliver(made, 'pull_request', pull('synchronize'));
    world.hosts.roles.set('ada', 'write');
    await approve();
    expect(told().slice(2)).toEqual([`${context}: failure`, `${context}: success`]);
  });
});
