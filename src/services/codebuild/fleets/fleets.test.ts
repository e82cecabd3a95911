import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { prepareAll } from '../../../../test/support/database.ts';
import { errors } from '../../pipewright/api.gen.ts';
import type { CreateFleetInput } from '../api.gen.ts';
import { refused, World } from '../testing/world.ts';
import { fleetSql } from './tables.ts';

let world: World;
beforeEach(async () => {
  world = new World();
  await world.start();
});
afterEach(() => world.end());

const fleet = async (input: Partial<CreateFleetInput> = {}) =>
  (
    await world.call('createFleet', {
      name: 'gpu',
      baseCapacity: 1,
      environmentType: 'LINUX_CONTAINER',
      computeType: 'BUILD_GENERAL1_LARGE',
      ...input,
    })
  ).fleet!;

const project = (fleetArn: string, name = 'shop') =>
  world.call('createProject', {
    name,
    source: { type: 'NO_SOURCE', buildspec: 'version: 0.2\n' },
    artifacts: { type: 'NO_ARTIFACTS' },
    environment: { type: 'LINUX_CONTAINER', image: 'host', computeType: 'BUILD_GENERAL1_SMALL', fleet: { fleetArn } },
    serviceRole: 'builds',
  });

const start = async (fleetOverride?: string) =>
  (
    await world.call('startBuild', {
      projectName: 'shop',
      ...(fleetOverride !== undefined && { fleetOverride: { fleetArn: fleetOverride } }),
    })
  ).build!.id!;

const register = (fleetArn: string) =>
  world.runner.registerRunner({ runnerId: 'special', instanceId: 's', capacity: 1, fleetArn }, world.context);

/** What a runner of the fleet, or without one the server's own, is given. */
async function take(fleetArn?: string): Promise<string | undefined> {
  const identity = fleetArn === undefined ? { runnerId: 'own', instanceId: 'o' } : { runnerId: 'special', instanceId: 's', fleetArn };
  return (await world.runner.leaseBuild(identity, world.context)).job?.buildId;
}

async function end(id: string) {
  const { builds } = await world.call('batchGetBuilds', { ids: [id] });
  await world.runner.completeBuild({ buildArn: builds![0]!.arn!, epoch: 1, buildStatus: 'SUCCEEDED', phases: [] }, world.context);
}

it('has statements that fit its tables', () => {
  expect(prepareAll(world.db, fleetSql)).toBe(7);
});

describe('fleets', () => {
  it('are made, shown, changed, listed and deleted', async () => {
    const scalingConfiguration = {
      scalingType: 'TARGET_TRACKING_SCALING',
      maxCapacity: 3,
      targetTrackingScalingConfigs: [{ metricType: 'FLEET_UTILIZATION_RATE', targetValue: 0.5 }],
    } as const;
    const made = await fleet({ scalingConfiguration, tags: [{ key: 'a', value: 'b' }] });
    expect(made).toMatchObject({
      arn: `arn:aws:codebuild:us-east-1:123456789012:fleet/gpu:${made.id}`,
      name: 'gpu',
      status: { statusCode: 'ACTIVE' },
      overflowBehavior: 'QUEUE',
      scalingConfiguration: { ...scalingConfiguration, desiredCapacity: 1 },
    });
    const { fleet: after } = await world.call('updateFleet', { arn: made.arn!, baseCapacity: 2, overflowBehavior: 'ON_DEMAND' });
    expect(after).toMatchObject({ baseCapacity: 2, overflowBehavior: 'ON_DEMAND', computeType: 'BUILD_GENERAL1_LARGE' });
    const other = await fleet({ name: 'arm' });
    expect(await world.call('batchGetFleets', { names: ['gpu', other.arn!, 'none'] })).toEqual({
      fleets: [after, other],
      fleetsNotFound: ['none'],
    });
    const first = await world.call('listFleets', { maxResults: 1, sortOrder: 'DESCENDING', sortBy: 'NAME' });
    expect(first.fleets).toEqual([made.arn]);
    const rest = await world.call('listFleets', { maxResults: 1, sortOrder: 'DESCENDING', sortBy: 'NAME', nextToken: first.nextToken! });
    expect(rest).toEqual({ fleets: [other.arn] });
    await world.call('deleteFleet', { arn: made.arn! });
    await world.call('deleteFleet', { arn: made.arn! });
    expect(await world.call('listFleets', {})).toEqual({ fleets: [other.arn] });
    expect(await refused(world.call('updateFleet', { arn: made.arn!, baseCapacity: 1 }))).toMatch(/^ResourceNotFoundException: /);
  });

  it('lose what an update names as empty', async () => {
    const scaling = { scalingType: 'TARGET_TRACKING_SCALING', maxCapacity: 3 } as const;
    const vpcConfig = { vpcId: 'vpc-1', subnets: ['subnet-1'], securityGroupIds: ['sg-1'] };
    const { arn } = await fleet({ scalingConfiguration: scaling, vpcConfig, fleetServiceRole: 'role' });
    const { fleet: after } = await world.call('updateFleet', { arn: arn!, scalingConfiguration: {}, vpcConfig: {} });
    for (const gone of ['scalingConfiguration', 'vpcConfig']) expect(after).not.toHaveProperty(gone);
  });

  it.each<[Partial<CreateFleetInput>, string]>([
    [{ baseCapacity: 0 }, 'base capacity'],
    [{ computeType: 'ATTRIBUTE_BASED_COMPUTE' }, 'compute configuration is required'],
    [{ computeType: 'CUSTOM_INSTANCE_TYPE' }, 'instance type is required'],
    [{ scalingConfiguration: { scalingType: 'TARGET_TRACKING_SCALING' } }, 'max capacity is required'],
    [{ baseCapacity: 3, scalingConfiguration: { scalingType: 'TARGET_TRACKING_SCALING', maxCapacity: 2 } }, 'must not be less'],
    [{ vpcConfig: { vpcId: 'v', subnets: ['s'], securityGroupIds: ['g'] } }, 'fleet service role'],
  ])('are refused with %j', async (input, message) => {
    expect(await refused(fleet(input))).toMatch(new RegExp(`^InvalidInputException: .*${message}`));
  });

  it('have names of their own', async () => {
    await fleet();
    expect(await refused(fleet())).toMatch(/^ResourceAlreadyExistsException: /);
  });
});

describe('builds of a fleet', () => {
  it('run on its runners alone, once it has some; others get none of them', async () => {
    const { arn } = await fleet();
    await project(arn!);
    await register(arn!);
    const [first, second] = [await start(), await start()];
    expect(await take()).toBeUndefined();
    expect(await take(arn)).toBe(first);
    expect(await take(arn)).toBeUndefined();
    await end(first);
    expect(await take(arn)).toBe(second);
  });

  it('stay with its runners over a restart', async () => {
    const { arn } = await fleet();
    await project(arn!);
    await register(arn!);
    const id = await start();
    await world.stop();
    await world.start();
    expect(await take()).toBeUndefined();
    expect(await take(arn)).toBe(id);
  });

  it('run on the server’s own runner as long as the fleet has none, so many at once as it has room for', async () => {
    const { arn } = await fleet({ baseCapacity: 2 });
    await project(arn!);
    const ids = [await start(), await start(), await start()];
    expect([await take(), await take(), await take()]).toEqual([ids[0], ids[1], undefined]);
    await world.call('updateFleet', { arn: arn!, baseCapacity: 3 });
    expect(await take()).toBe(ids[2]);
  });

  it('overflow where the fleet says so', async () => {
    const { arn } = await fleet({ overflowBehavior: 'ON_DEMAND' });
    await project(arn!);
    await register(arn!);
    const ids = [await start(), await start()];
    expect(await take()).toBeUndefined();
    expect([await take(arn), await take(arn), await take()]).toEqual([ids[0], undefined, ids[1]]);
  });

  it('wake the runner that waits for them', async () => {
    const { arn } = await fleet();
    await project(arn!);
    await register(arn!);
    const waiting = world.runner.leaseBuild({ runnerId: 'special', instanceId: 's', fleetArn: arn!, waitSeconds: 20 }, world.context);
    const id = await start();
    expect((await waiting).job!.buildId).toBe(id);
  });

  it('may be sent to another fleet by the call that starts them', async () => {
    const [gpu, arm] = [await fleet(), await fleet({ name: 'arm' })];
    await project(gpu.arn!);
    await register(arm.arn!);
    const id = await start(arm.arn);
    expect(await take()).toBeUndefined();
    expect(await take(arm.arn)).toBe(id);
  });

  it('need the fleet to be there', async () => {
    const { arn } = await fleet();
    expect(await refused(project(`${arn}x`))).toMatch(/^InvalidInputException: Fleet cannot be found/);
    await project(arn!);
    expect(await refused(start('gpu'))).toMatch(/^InvalidInputException: Fleet cannot be found/);
    await world.call('deleteFleet', { arn: arn! });
    await expect(register(arn!)).rejects.toThrow(errors.InvalidInputException(`Fleet cannot be found: ${arn}`).message);
    await start();
    expect([await take(), await take(arn)]).toEqual([undefined, undefined]);
  });
});
