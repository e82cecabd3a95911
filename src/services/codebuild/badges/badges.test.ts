import { afterEach, beforeEach, expect, it } from 'vitest';
import { prepareAll } from '../../../../test/support/database.ts';
import type { Batchspec } from '../../pipewright/api.gen.ts';
import type { Project } from '../api.gen.ts';
import { branchOf } from '../rules/badge.ts';
import { refused, World } from '../testing/world.ts';
import { badgeSql } from './tables.ts';

let world: World;
beforeEach(async () => {
  world = new World();
  await world.start();
});
afterEach(() => world.end());

const create = (input: { readonly type?: 'GITHUB' | 'S3'; readonly badgeEnabled?: boolean }) =>
  world.call('createProject', {
    name: 'shop',
    source: { type: input.type ?? 'GITHUB', location: input.type === 'S3' ? 'bucket/key.zip' : 'https://github.com/acme/shop' },
    artifacts: { type: 'NO_ARTIFACTS' },
    environment: { type: 'LINUX_CONTAINER', image: 'host', computeType: 'BUILD_GENERAL1_SMALL' },
    serviceRole: 'builds',
    badgeEnabled: input.badgeEnabled ?? true,
  });

async function shown({ badge }: Project, branch?: string): Promise<string | undefined> {
  const { searchParams } = new URL(badge!.badgeRequestUrl!);
  const svg = await world.service.badge(searchParams.get('uuid')!, branch ?? searchParams.get('branch'));
  return /<title>build: (.*)<\/title>/.exec(svg ?? '')?.[1];
}

async function build(sourceVersion?: string) {
  await world.call('startBuild', { projectName: 'shop', ...(sourceVersion !== undefined && { sourceVersion }) });
  const { buildArn, epoch } = await world.job();
  return {
    end: (buildStatus: 'SUCCEEDED' | 'FAILED' | 'FAULT') =>
      world.runner.completeBuild({ buildArn, epoch, buildStatus, phases: [] }, world.context),
  };
}

it('has statements that fit its tables', () => {
  expect(prepareAll(world.db, badgeSql)).toBe(5);
});

it('says how the newest build of each branch fares', async () => {
  const project = (await create({})).project!;
  expect(project.badge!.badgeRequestUrl).toMatch(/^http:\/\/pipewright\.test\/_pipewright\/badges\?uuid=[0-9a-f]{48}&branch=main$/);
  expect(await shown(project)).toBe('unknown');
  const first = await build();
  expect(await shown(project)).toBe('in progress');
  await first.end('SUCCEEDED');
  expect(await shown(project)).toBe('passing');
  await (await build('topic')).end('FAILED');
  expect(await shown(project)).toBe('passing');
  expect(await shown(project, 'topic')).toBe('failing');
  expect(await shown(project, 'other')).toBe('unknown');
  await (await build('refs/heads/main')).end('FAULT');
  expect(await shown(project)).toBe('failing');
});

it('is not moved back by an older build that ends later', async () => {
  const project = (await create({})).project!;
  const [older, newer] = [await build('main'), await build('main')];
  await newer.end('SUCCEEDED');
  await older.end('FAILED');
  expect(await shown(project)).toBe('passing');
});

it('says of a batch how that fares, not its builds, in one order with other builds', async () => {
  const project = (await create({})).project!;
  const end = async (buildStatus: 'SUCCEEDED' | 'FAILED', batchspec?: Batchspec) => {
    const { buildArn, epoch } = await world.eventually(() => world.job());
    await world.runner.completeBuild({ buildArn, epoch, buildStatus, phases: [], ...(batchspec && { batchspec }) }, world.context);
  };
  const begin = async () => {
    world.clock.advance(1);
    const buildBatchConfigOverride = { serviceRole: 'batches' };
    return (await world.call('startBuildBatch', { projectName: 'shop', sourceVersion: 'main', buildBatchConfigOverride })).buildBatch!.id!;
  };
  for (let builds = 0; builds < 3; builds++) await (await build('main')).end('SUCCEEDED');
  const id = await begin();
  expect(await shown(project)).toBe('in progress');
  const tasks = ['a', 'b'].map((identifier) => ({ identifier, dependsOn: [], ignoreFailure: identifier === 'a', variables: [] }));
  await end('SUCCEEDED', { fastFail: false, tasks });
  await end('FAILED');
  await world.settled();
  expect(await shown(project)).toBe('in progress');
  await end('FAILED');
  await world.settled();
  expect(await shown(project)).toBe('failing');
  world.clock.advance(1);
  await (await build('main')).end('SUCCEEDED');
  expect(await shown(project)).toBe('passing');
  // What is retried is the newest then.
  world.clock.advance(1);
  await world.call('retryBuildBatch', { id, retryType: 'RETRY_FAILED_BUILDS' });
  expect(await shown(project)).toBe('in progress');
  await world.call('stopBuildBatch', { id });
  await world.settled();
  expect(await shown(project)).toBe('failing');
});

it('is there for who knows its token, while it is enabled', async () => {
  expect(await world.service.badge('0'.repeat(48), 'main')).toBeUndefined();
  const { project } = await create({ badgeEnabled: false });
  expect(project!.badge).toEqual({ badgeEnabled: false });
  const on = (await world.call('updateProject', { name: 'shop', badgeEnabled: true })).project!;
  await (await build()).end('SUCCEEDED');
  const off = (await world.call('updateProject', { name: 'shop', badgeEnabled: false })).project!;
  expect(off.badge).toEqual({ badgeEnabled: false });
  expect(await shown(on)).toBe('unknown');
  const again = (await world.call('updateProject', { name: 'shop', badgeEnabled: true })).project!;
  expect(again.badge).toEqual(on.badge);
  expect(await shown(again)).toBe('passing');
  const { projects } = await world.call('batchGetProjects', { names: ['shop'] });
  expect(projects![0]!.badge).toEqual(on.badge);
  await world.call('deleteProject', { name: 'shop' });
  expect(await shown(on)).toBeUndefined();
});

it('is refused for sources without branches', async () => {
  expect(await refused(create({ type: 'S3' }))).toBe('InvalidInputException: Build badges are not supported for source type S3');
});

it.each([
  [{}, ''],
  [{ sourceVersion: 'main' }, 'main'],
  [{ sourceVersion: 'refs/heads/a/b' }, 'a/b'],
  [{ sourceVersion: 'refs/tags/v1' }, undefined],
  [{ sourceVersion: 'a'.repeat(40) }, undefined],
  [{ sourceVersion: 'pr/3' }, undefined],
  [{ sourceVersion: 'a'.repeat(40), webhook: { variables: { CODEBUILD_WEBHOOK_TRIGGER: 'branch/x' } } }, 'x'],
  [{ sourceVersion: 'a'.repeat(40), webhook: { variables: { CODEBUILD_WEBHOOK_TRIGGER: 'tag/x' } } }, undefined],
])('%j is of the branch %j', (spec, branch) => {
  expect(branchOf(spec)).toBe(branch);
});
