import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { prepareAll } from '../../../../test/support/database.ts';
import { refused, World } from '../testing/world.ts';
import { commandSql, sandboxSql } from './tables.ts';

let world: World;
beforeEach(async () => {
  world = new World();
  await world.start();
  await project('shop');
});
afterEach(() => world.end());

const project = (name: string) =>
  world.call('createProject', {
    name,
    source: { type: 'NO_SOURCE', buildspec: 'version: 0.2\n' },
    artifacts: { type: 'NO_ARTIFACTS' },
    environment: { type: 'LINUX_CONTAINER', image: 'host', computeType: 'BUILD_GENERAL1_SMALL' },
    serviceRole: 'builds',
    autoRetryLimit: 3,
  });

const start = async (idempotencyToken?: string, projectName = 'shop') =>
  (await world.call('startSandbox', { projectName, ...(idempotencyToken !== undefined && { idempotencyToken }) })).sandbox!;

const look = async (id: string) => (await world.call('batchGetSandboxes', { ids: [id] })).sandboxes![0]!;
const command = async (sandboxId: string, text: string) =>
  (await world.call('startCommandExecution', { sandboxId, command: text })).commandExecution!;
const execution = async (sandboxId: string, id: string) =>
  (await world.call('batchGetCommandExecutions', { sandboxId, commandExecutionIds: [id] })).commandExecutions![0]!;

/** A sandbox whose runner waits for commands. */
async function running() {
  const { id } = await start();
  const { buildArn, epoch, sandbox } = await world.job();
  expect(sandbox).toBe(true);
  const phases = [{ phaseType: 'BUILD', phaseStatus: 'IN_PROGRESS', startTime: world.clock.now() }] as const;
  await world.runner.reportPhase({ buildArn, epoch, phases }, world.context);
  const lease = { buildArn, epoch };
  return {
    id: id!,
    next: async (waitSeconds = 0) => (await world.runner.nextCommand({ ...lease, waitSeconds }, world.context)).command,
    complete: (commandId: string, exitCode: number, standardOutput = '', standardError = '') =>
      world.runner.completeCommand({ ...lease, id: commandId, exitCode, standardOutput, standardError }, world.context),
    end: (buildStatus: 'STOPPED' | 'FAILED') => world.runner.completeBuild({ ...lease, buildStatus, phases: [] }, world.context),
  };
}

it('has statements that fit its tables', () => {
  expect(prepareAll(world.db, sandboxSql)).toBe(5);
  expect(prepareAll(world.db, commandSql)).toBe(6);
});

describe('a sandbox', () => {
  it('waits, is provisioned, runs, and is stopped', async () => {
    const made = await start();
    expect(made).toMatchObject({
      arn: `arn:aws:codebuild:us-east-1:123456789012:sandbox/${made.id}`,
      projectName: 'shop',
      status: 'QUEUED',
      currentSession: { status: 'QUEUED', currentPhase: 'QUEUED' },
    });
    const { buildArn, epoch } = await world.job();
    expect(await look(made.id!)).toMatchObject({ status: 'PROVISIONING', startTime: world.clock.now() });
    const phases = [{ phaseType: 'BUILD', phaseStatus: 'IN_PROGRESS', startTime: world.clock.now() }] as const;
    await world.runner.reportPhase({ buildArn, epoch, phases }, world.context);
    expect(await look(made.arn!)).toMatchObject({ status: 'RUN_SANDBOX', currentSession: { currentPhase: 'RUN_SANDBOX' } });
    await world.call('stopSandbox', { id: made.id! });
    const held = { runnerId: 'runner', instanceId: 'instance', leases: [{ buildArn, epoch }] };
    expect((await world.runner.heartbeat(held, world.context)).stop).toEqual([{ buildArn, reason: 'STOPPED' }]);
    await world.runner.completeBuild({ buildArn, epoch, buildStatus: 'STOPPED', phases: [] }, world.context);
    expect(await look(made.id!)).toMatchObject({ status: 'STOPPED', endTime: world.clock.now() });
  });

  it('is none of the project’s builds, takes no number, and is not retried', async () => {
    const sandbox = await running();
    await sandbox.end('FAILED');
    await world.settled();
    expect((await world.call('listBuildsForProject', { projectName: 'shop' })).ids).toEqual([]);
    expect(await refused(world.call('stopBuild', { id: sandbox.id }))).toMatch(/^ResourceNotFoundException: /);
    const { build } = await world.call('startBuild', { projectName: 'shop' });
    expect(build!.buildNumber).toBe(1);
    expect((await world.call('listSandboxes', {})).ids).toEqual([sandbox.id]);
  });

  it('is the same for the same token', async () => {
    const first = await start('token');
    expect((await start('token')).id).toBe(first.id);
    expect((await world.call('listSandboxes', {})).ids).toHaveLength(1);
  });

  it('is listed by pages, of all projects or of one', async () => {
    await project('shopping');
    await project('sh_p');
    const ids: string[] = [];
    for (const name of ['shop', 'shopping', 'shop', 'sh_p']) {
      ids.push((await start(undefined, name)).id!);
      world.clock.advance(1_000);
    }
    const first = await world.call('listSandboxes', { maxResults: 3 });
    expect(first.ids).toEqual([ids[3], ids[2], ids[1]]);
    expect(await world.call('listSandboxes', { maxResults: 3, nextToken: first.nextToken! })).toEqual({ ids: [ids[0]] });
    expect((await world.call('listSandboxes', { sortOrder: 'ASCENDING' })).ids).toEqual(ids);
    expect((await world.call('listSandboxesForProject', { projectName: 'shop', sortOrder: 'ASCENDING' })).ids).toEqual([ids[0], ids[2]]);
    expect((await world.call('listSandboxesForProject', { projectName: 'sh_p' })).ids).toEqual([ids[3]]);
  });

  it('needs a project, and to be there', async () => {
    expect(await refused(start(undefined, 'other'))).toMatch(/^ResourceNotFoundException: /);
    expect(await refused(world.call('listSandboxesForProject', { projectName: 'other' }))).toMatch(/^ResourceNotFoundException: /);
    expect(await refused(world.call('stopSandbox', { id: 'shop:x' }))).toMatch(/^ResourceNotFoundException: /);
    expect(await world.call('batchGetSandboxes', { ids: ['shop:x'] })).toEqual({ sandboxes: [], sandboxesNotFound: ['shop:x'] });
  });
});

describe('commands', () => {
  it('are run one after another, in their order', async () => {
    const sandbox = await running();
    const [first, second] = [await command(sandbox.id, 'make'), await command(sandbox.id, 'false')];
    expect(first).toMatchObject({ status: 'SUBMITTED', command: 'make', type: 'SHELL', sandboxId: sandbox.id });
    expect(await sandbox.next()).toEqual({ id: first.id, command: 'make' });
    // Told again: the answer may have been lost.
    expect(await sandbox.next()).toEqual({ id: first.id, command: 'make' });
    expect(await execution(sandbox.id, first.id!)).toMatchObject({ status: 'RUNNING', startTime: world.clock.now() });
    await sandbox.complete(first.id!, 0, 'made\n');
    await sandbox.complete(first.id!, 1, 'twice\n');
    expect(await execution(sandbox.id, first.id!)).toMatchObject({
      status: 'SUCCEEDED',
      exitCode: '0',
      standardOutputContent: 'made\n',
      endTime: world.clock.now(),
    });
    expect((await sandbox.next())!.id).toBe(second.id);
    await sandbox.complete(second.id!, 3, '', 'no\n');
    expect(await execution(sandbox.id, second.id!)).toMatchObject({ status: 'FAILED', exitCode: '3', standardErrContent: 'no\n' });
    expect(await sandbox.next()).toBeUndefined();
    const page = await world.call('listCommandExecutionsForSandbox', { sandboxId: sandbox.id, sortOrder: 'ASCENDING', maxResults: 1 });
    expect(page.commandExecutions!.map(({ id }) => id)).toEqual([first.id]);
    const rest = { sandboxId: sandbox.id, sortOrder: 'ASCENDING', maxResults: 1, nextToken: page.nextToken! } as const;
    expect((await world.call('listCommandExecutionsForSandbox', rest)).commandExecutions!.map(({ id }) => id)).toEqual([second.id]);
  });

  it('wake the runner that waits for them', async () => {
    const sandbox = await running();
    const waiting = sandbox.next(20);
    const { id } = await command(sandbox.id, 'ls');
    expect((await waiting)!.id).toBe(id);
  });

  it('end with their sandbox, and are not taken by one that has ended', async () => {
    const sandbox = await running();
    const [first, second] = [await command(sandbox.id, 'sleep 60'), await command(sandbox.id, 'ls')];
    await sandbox.next();
    await sandbox.end('STOPPED');
    for (const { id } of [first, second])
      expect(await execution(sandbox.id, id!)).toMatchObject({ status: 'STOPPED', endTime: world.clock.now() });
    expect(await refused(command(sandbox.id, 'ls'))).toMatch(/^InvalidInputException: .*has ended/);
    await expect(sandbox.next()).rejects.toThrow('The lease is no longer valid');
  });

  it('need their sandbox', async () => {
    expect(await refused(command('shop:x', 'ls'))).toMatch(/^ResourceNotFoundException: /);
    const sandbox = await running();
    const answer = await world.call('batchGetCommandExecutions', { sandboxId: sandbox.id, commandExecutionIds: ['x'] });
    expect(answer).toEqual({ commandExecutions: [], commandExecutionsNotFound: ['x'] });
  });
});
