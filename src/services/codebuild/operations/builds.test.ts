import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { LogsConfig, StartBuildInput } from '../api.gen.ts';
import { ACCOUNT, refused, World } from '../testing/world.ts';

let world: World;
beforeEach(async () => {
  world = new World();
  await world.start();
  await world.call('createProject', {
    name: 'shop',
    source: { type: 'NO_SOURCE', buildspec: 'version: 0.2\n' },
    artifacts: { type: 'NO_ARTIFACTS' },
    environment: { type: 'LINUX_CONTAINER', image: 'host', computeType: 'BUILD_GENERAL1_SMALL' },
    serviceRole: 'builds',
  });
});
afterEach(() => world.end());

const MINUTE = 60_000;
const start = async (input: Partial<StartBuildInput> = {}) => (await world.call('startBuild', { projectName: 'shop', ...input })).build!;

async function end() {
  const { buildArn, epoch } = await world.job();
  await world.runner.completeBuild({ buildArn, epoch, buildStatus: 'SUCCEEDED', phases: [] }, world.context);
  await world.settled();
}

describe('an idempotency token', () => {
  it('answers the same build for five minutes, and starts another after them', async () => {
    const { id } = await start({ idempotencyToken: 't', environmentVariablesOverride: [{ name: 'A', value: '1', type: 'PLAINTEXT' }] });
    world.clock.advance(5 * MINUTE - 1);
    const again = await start({ environmentVariablesOverride: [{ type: 'PLAINTEXT', value: '1', name: 'A' }], idempotencyToken: 't' });
    expect(again.id).toBe(id);
    world.clock.advance(1);
    const later = await start({ idempotencyToken: 't' });
    expect(later).toMatchObject({ buildNumber: 2 });
    expect((await start({ idempotencyToken: 't' })).id).toBe(later.id);
  });

  it('is refused with other parameters', async () => {
    await start({ idempotencyToken: 't' });
    const other = start({ idempotencyToken: 't', environmentVariablesOverride: [{ name: 'A', value: '1' }] });
    expect(await refused(other)).toMatch(/^InvalidInputException: .*mismatch/);
    expect(await start({ idempotencyToken: 'T' })).toMatchObject({ buildNumber: 2 });
  });

  it('is free again once its build is deleted', async () => {
    const { id } = await start({ idempotencyToken: 't' });
    await end();
    await world.call('batchDeleteBuilds', { ids: [id!] });
    expect(await start({ idempotencyToken: 't' })).toMatchObject({ buildNumber: 2 });
  });

  it('of a retry is for that build', async () => {
    const [one, two] = [await start(), await start()];
    await end();
    await end();
    const { build } = await world.call('retryBuild', { id: one.id!, idempotencyToken: 't' });
    expect((await world.call('retryBuild', { id: one.id!, idempotencyToken: 't' })).build!.id).toBe(build!.id);
    expect(await refused(world.call('retryBuild', { id: two.id!, idempotencyToken: 't' }))).toMatch(/^InvalidInputException: .*mismatch/);
  });

  it('of a pipeline holds however late it comes back', async () => {
    const arn = `arn:aws:sts::${ACCOUNT}:assumed-role/p/1`;
    const context = { ...world.context, principal: { kind: 'role', account: ACCOUNT, arn, id: 'x', session: 'pipeline' } as const };
    const startBuild = () => world.service.operations.startBuild!({ projectName: 'shop', idempotencyToken: 't' }, context);
    const { build } = await startBuild();
    world.clock.advance(60 * MINUTE);
    expect((await startBuild()).build!.id).toBe(build!.id);
  });
});

describe('an id of a build', () => {
  it('names its project', async () => {
    const invalid = 'InvalidInputException: Invalid build ID provided';
    expect(await refused(world.call('stopBuild', { id: 'shop' }))).toBe(invalid);
    expect(await refused(world.call('retryBuild', { id: 'shop' }))).toBe(invalid);
    expect(await refused(world.call('retryBuild', {}))).toBe(invalid);
    expect(await refused(world.call('batchGetBuilds', { ids: ['shop'] }))).toBe(invalid);
  });

  it('may be an ARN of here', async () => {
    const { arn } = await start();
    const elsewhere = arn!.replace('us-east-1', 'eu-west-1');
    const { builds, buildsNotFound } = await world.call('batchGetBuilds', { ids: [arn!, elsewhere, 'shop:x'] });
    expect(builds!.map((build) => build.arn)).toEqual([arn]);
    expect(buildsNotFound).toEqual([elsewhere, 'shop:x']);
    expect(await refused(world.call('stopBuild', { id: elsewhere }))).toMatch(/^ResourceNotFoundException: /);
  });
});

describe('a start overrides', () => {
  it('all of the environment', async () => {
    const registryCredential = { credential: 'login', credentialProvider: 'SECRETS_MANAGER' } as const;
    const { environment } = await start({
      environmentTypeOverride: 'ARM_CONTAINER',
      imageOverride: 'private/image',
      computeTypeOverride: 'BUILD_GENERAL1_LARGE',
      privilegedModeOverride: true,
      certificateOverride: 'arn:aws:s3:::bucket/ca.pem',
      registryCredentialOverride: registryCredential,
      imagePullCredentialsTypeOverride: 'SERVICE_ROLE',
      hostKernelOverride: 'LINUX_KERNEL_6',
    });
    expect(environment).toEqual({
      type: 'ARM_CONTAINER',
      image: 'private/image',
      computeType: 'BUILD_GENERAL1_LARGE',
      privilegedMode: true,
      certificate: 'arn:aws:s3:::bucket/ca.pem',
      registryCredential,
      imagePullCredentialsType: 'SERVICE_ROLE',
      hostKernel: 'LINUX_KERNEL_6',
      environmentVariables: [],
    });
    expect((await world.job()).environment).toMatchObject({
      computeType: 'BUILD_GENERAL1_LARGE',
      registryCredential: 'login',
      certificate: { bucket: 'bucket', key: 'ca.pem' },
    });
  });
});

describe('a build that is stopped', () => {
  it('is shown as stopped where nobody works on it', async () => {
    const { id } = await start();
    const { build } = await world.call('stopBuild', { id: id! });
    expect(build).toMatchObject({ buildStatus: 'STOPPED', currentPhase: 'COMPLETED', buildComplete: true });
    expect((await world.call('stopBuild', { id: id! })).build).toEqual(build);
  });

  it('is waited for a little while, so that the answer tells its end', async () => {
    const { id } = await start();
    const { buildArn, epoch } = await world.job();
    const stopping = world.call('stopBuild', { id: id! });
    await world.eventually(async () => (await world.runner.heartbeat(beat(buildArn, epoch), world.context)).stop!.length > 0);
    await world.runner.completeBuild({ buildArn, epoch, buildStatus: 'STOPPED', phases: [] }, world.context);
    expect((await stopping).build).toMatchObject({ buildStatus: 'STOPPED', buildComplete: true });
  });

  const beat = (buildArn: string, epoch: number) => ({ runnerId: 'runner', instanceId: 'instance', leases: [{ buildArn, epoch }] });
});

it('tells by ARN which builds are deleted and which are not', async () => {
  const [ended, running] = [await start(), await start()];
  await end();
  const { buildsDeleted, buildsNotDeleted } = await world.call('batchDeleteBuilds', { ids: [ended.id!, running.id!, 'shop:none'] });
  expect(buildsDeleted).toEqual([ended.arn]);
  expect(buildsNotDeleted).toEqual([
    { id: running.arn, statusCode: 'BUILD_IN_PROGRESS' },
    { id: running.arn!.replace(/[^:]+$/, 'none'), statusCode: 'BUILD_NOT_FOUND' },
  ]);
});

describe('the logs of a build', () => {
  const logs = async (logsConfigOverride?: LogsConfig) => (await start({ ...(logsConfigOverride && { logsConfigOverride }) })).logs!;

  it('are linked to', async () => {
    const { streamName, ...more } = await logs();
    expect(more).toEqual({
      groupName: '/aws/codebuild/shop',
      cloudWatchLogs: { status: 'ENABLED' },
      cloudWatchLogsArn: `arn:aws:logs:us-east-1:${ACCOUNT}:log-group:/aws/codebuild/shop:log-stream:${streamName}`,
      deepLink: `https://console.aws.amazon.com/cloudwatch/home?region=us-east-1#logEvent:group=/aws/codebuild/shop;stream=${streamName}`,
      s3Logs: { status: 'DISABLED', encryptionDisabled: false },
    });
  });

  it('are linked to in S3', async () => {
    const { s3LogsArn, s3DeepLink, ...more } = await logs({
      cloudWatchLogs: { status: 'DISABLED' },
      s3Logs: { status: 'ENABLED', location: 'out/logs' },
    });
    expect(more).toEqual({
      cloudWatchLogs: { status: 'DISABLED' },
      s3Logs: { status: 'ENABLED', location: 'out/logs', encryptionDisabled: false },
    });
    const key = s3LogsArn!.slice('arn:aws:s3:::out/'.length);
    expect(s3DeepLink).toBe(`https://s3.console.aws.amazon.com/s3/object/out/${key}?region=us-east-1`);
  });
});
