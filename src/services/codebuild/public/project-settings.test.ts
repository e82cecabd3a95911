import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { prepareAll } from '../../../../test/support/database.ts';
import type { CreateProjectInput } from '../api.gen.ts';
import { resourcePolicySql } from '../resource-policies/tables.ts';
import { ACCOUNT, refused, World } from '../testing/world.ts';
import { publicSql } from './tables.ts';

let world: World;
beforeEach(async () => {
  world = new World();
  await world.start();
});
afterEach(() => world.end());

const ARN = `arn:aws:codebuild:us-east-1:${ACCOUNT}:project/shop`;
const ROLE = `arn:aws:iam::${ACCOUNT}:role/public`;

const create = (input: Partial<CreateProjectInput> = {}) =>
  world.call('createProject', {
    name: 'shop',
    source: { type: 'NO_SOURCE', buildspec: 'version: 0.2\n' },
    artifacts: { type: 'NO_ARTIFACTS' },
    environment: { type: 'LINUX_CONTAINER', image: 'host', computeType: 'BUILD_GENERAL1_SMALL' },
    serviceRole: 'builds',
    ...input,
  });

const look = async (id: string) => (await world.call('batchGetBuilds', { ids: [id] })).builds![0]!;

async function end(buildStatus: 'SUCCEEDED' | 'FAILED' | 'STOPPED') {
  const { buildArn, epoch } = await world.job();
  await world.runner.completeBuild({ buildArn, epoch, buildStatus, phases: [] }, world.context);
  await world.settled();
}

it('has statements that fit its tables', () => {
  expect(prepareAll(world.db, publicSql)).toBe(4);
  expect(prepareAll(world.db, resourcePolicySql)).toBe(3);
});

describe('a project', () => {
  it.each<[Partial<CreateProjectInput>, string]>([
    [{ autoRetryLimit: -1 }, 'auto retry limit'],
    [{ vpcConfig: { vpcId: 'vpc-1', subnets: ['subnet-1'] } }, 'security group'],
    [{ vpcConfig: { subnets: ['subnet-1'] } }, 'vpc id is required'],
    [{ fileSystemLocations: [{ type: 'EFS', identifier: 'x' }] }, 'no Amazon EFS'],
    [{ secondarySources: [{ type: 'S3', location: 'b/k.zip' }] }, 'source identifier must contain'],
    [
      {
        secondarySources: [
          { type: 'S3', location: 'b/k.zip', sourceIdentifier: 'x' },
          { type: 'S3', location: 'b/l.zip', sourceIdentifier: 'x' },
        ],
      },
      'must be unique: x',
    ],
    [{ secondarySourceVersions: [{ sourceIdentifier: 'y', sourceVersion: '1' }] }, 'no secondary source y'],
    [{ secondaryArtifacts: [{ type: 'CODEPIPELINE', artifactIdentifier: 'x' }] }, 'CODEPIPELINE is not supported'],
  ])('is refused with %j', async (input, message) => {
    expect(await refused(create(input))).toMatch(new RegExp(`^InvalidInputException: .*${message}`));
  });

  it('keeps a VPC until it is given an empty one', async () => {
    const vpcConfig = { vpcId: 'vpc-1', subnets: ['subnet-1'], securityGroupIds: ['sg-1'] };
    await create({ vpcConfig });
    const { build } = await world.call('startBuild', { projectName: 'shop' });
    expect(build!.vpcConfig).toEqual(vpcConfig);
    const { project } = await world.call('updateProject', { name: 'shop', vpcConfig: { vpcId: '', subnets: [], securityGroupIds: [] } });
    expect(project).not.toHaveProperty('vpcConfig');
  });

  it('counts the generations of its caches', async () => {
    await create({ cache: { type: 'S3', location: 'bucket/caches' } });
    const job = async () => {
      await world.call('startBuild', { projectName: 'shop' });
      return world.job();
    };
    expect((await job()).cache).toMatchObject({ kind: 'S3', scope: 'project-shop' });
    const generation = () => world.db.get({ sql: 'SELECT cache_generation FROM codebuild_projects' });
    expect(await generation()).toEqual({ cache_generation: 0 });
    await world.call('invalidateProjectCache', { projectName: 'shop' });
    expect(await generation()).toEqual({ cache_generation: 1 });
    expect((await job()).cache).toMatchObject({ kind: 'S3', scope: 'project-shop.1' });
    expect(await refused(world.call('invalidateProjectCache', { projectName: 'other' }))).toMatch(/^ResourceNotFoundException: /);
  });
});

describe('automatic retry', () => {
  it('starts what failed again, so many times, each knowing the others', async () => {
    await create({ autoRetryLimit: 2 });
    const { build } = await world.call('startBuild', { projectName: 'shop', environmentVariablesOverride: [{ name: 'A', value: '1' }] });
    expect(build!.autoRetryConfig).toEqual({ autoRetryLimit: 2, autoRetryNumber: 0 });
    for (let n = 0; n < 3; n++) await end('FAILED');
    expect((await world.runner.leaseBuild({ runnerId: 'r', instanceId: 'i' }, world.context)).job).toBeUndefined();
    const { ids } = await world.call('listBuildsForProject', { projectName: 'shop', sortOrder: 'ASCENDING' });
    const builds = await Promise.all(ids!.map(look));
    expect(builds.map(({ autoRetryConfig }) => autoRetryConfig)).toEqual([
      { autoRetryLimit: 2, autoRetryNumber: 0, nextAutoRetry: builds[1]!.arn },
      { autoRetryLimit: 2, autoRetryNumber: 1, nextAutoRetry: builds[2]!.arn, previousAutoRetry: builds[0]!.arn },
      { autoRetryLimit: 2, autoRetryNumber: 2, previousAutoRetry: builds[1]!.arn },
    ]);
    expect(builds[2]!.environment!.environmentVariables).toEqual([{ name: 'A', value: '1', type: 'PLAINTEXT' }]);
  });

  it.each(['SUCCEEDED', 'STOPPED'] as const)('does nothing for a build that %s', async (status) => {
    await create({ autoRetryLimit: 2 });
    await world.call('startBuild', { projectName: 'shop' });
    await end(status);
    expect((await world.call('listBuildsForProject', { projectName: 'shop' })).ids).toHaveLength(1);
  });

  it('is what the start says, and begins anew with a retry by hand', async () => {
    await create();
    const { build } = await world.call('startBuild', { projectName: 'shop', autoRetryLimitOverride: 1, timeoutInMinutesOverride: 7 });
    await end('FAILED');
    await end('FAILED');
    const { build: again } = await world.call('retryBuild', { id: build!.id! });
    expect(again).toMatchObject({ autoRetryConfig: { autoRetryLimit: 1, autoRetryNumber: 0 }, timeoutInMinutes: 7, buildNumber: 3 });
  });
});

describe('public builds', () => {
  const publish = (resourceAccessRole?: string) =>
    world.call('updateProjectVisibility', {
      projectArn: ARN,
      projectVisibility: 'PUBLIC_READ',
      ...(resourceAccessRole !== undefined && { resourceAccessRole }),
    });

  it('are shown under their alias while the project is public', async () => {
    await create();
    const { publicProjectAlias: alias } = await publish();
    expect(alias).toMatch(/^[a-z2-7]{32}$/);
    await world.call('startBuild', { projectName: 'shop', environmentVariablesOverride: [{ name: 'SECRET', value: 'hidden' }] });
    const { buildId, builtinVariables } = await world.job();
    const uuid = buildId.split(':')[1]!;
    expect(builtinVariables).toContainEqual({
      name: 'CODEBUILD_PUBLIC_BUILD_URL',
      value: `http://pipewright.test/_pipewright/builds/${alias}/${uuid}`,
    });
    const shown = await world.service.publicBuilds.project(alias!);
    expect(shown).toMatchObject({ name: 'shop', builds: [{ number: 1, uuid, status: 'IN_PROGRESS' }] });
    expect(JSON.stringify(shown)).not.toContain('hidden');
    expect((await world.service.publicBuilds.build(alias!, uuid))!.build.phases.map(({ type }) => type)).toContain('PROVISIONING');
    await world.call('updateProjectVisibility', { projectArn: ARN, projectVisibility: 'PRIVATE' });
    expect(await world.service.publicBuilds.project(alias!)).toBeUndefined();
    expect(await world.service.publicBuilds.build(alias!, uuid)).toBeUndefined();
    expect((await publish()).publicProjectAlias).toBe(alias);
  });

  it('show their logs where a role may read them', async () => {
    await create();
    const { publicProjectAlias: alias } = await publish();
    const { build } = await world.call('startBuild', { projectName: 'shop' });
    const uuid = build!.id!.split(':')[1]!;
    expect(await world.service.publicBuilds.log(alias!, uuid)).toBeUndefined();
    await publish(ROLE);
    const { projects } = await world.call('batchGetProjects', { names: ['shop'] });
    expect(projects![0]).toMatchObject({ projectVisibility: 'PUBLIC_READ', publicProjectAlias: alias, resourceAccessRole: ROLE });
    expect(await world.service.publicBuilds.log(alias!, uuid)).toBeDefined();
    expect(await world.service.publicBuilds.log(alias!, 'x')).toBeUndefined();
  });

  it('need a project', async () => {
    expect(await refused(publish())).toMatch(/^ResourceNotFoundException: /);
    await create();
    const call = world.call('updateProjectVisibility', { projectArn: 'shop', projectVisibility: 'PUBLIC_READ' });
    expect(await refused(call)).toMatch(/^ResourceNotFoundException: /);
  });
});

describe('resource policies', () => {
  const policy = JSON.stringify({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Principal: { AWS: '210987654321' }, Action: ['codebuild:BatchGetProjects'], Resource: ARN }],
  });

  it('are put, got, deleted, and go with their project', async () => {
    await create();
    expect(await world.call('putResourcePolicy', { resourceArn: ARN, policy })).toEqual({ resourceArn: ARN });
    expect(await world.call('getResourcePolicy', { resourceArn: ARN })).toEqual({ policy });
    await world.call('deleteResourcePolicy', { resourceArn: ARN });
    await world.call('deleteResourcePolicy', { resourceArn: ARN });
    expect(await refused(world.call('getResourcePolicy', { resourceArn: ARN }))).toMatch(/^ResourceNotFoundException: /);
    await world.call('putResourcePolicy', { resourceArn: ARN, policy });
    await world.call('deleteProject', { name: 'shop' });
    await create();
    expect(await refused(world.call('getResourcePolicy', { resourceArn: ARN }))).toMatch(/^ResourceNotFoundException: /);
    expect(await world.call('listSharedProjects', {})).toEqual({ projects: [] });
  });

  it('are for what is there, and are policies', async () => {
    expect(await refused(world.call('putResourcePolicy', { resourceArn: ARN, policy }))).toMatch(/^ResourceNotFoundException: /);
    await create();
    for (const bad of ['{', '{}', '{"Statement":[]}', '{"Statement":{"Effect":"Allow"}}'])
      expect(await refused(world.call('putResourcePolicy', { resourceArn: ARN, policy: bad }))).toMatch(/^InvalidInputException: /);
    for (const resourceArn of ['shop', `${ARN}/x`, ARN.replace(ACCOUNT, '000000000000'), ARN.replace('project', 'build')])
      expect(await refused(world.call('getResourcePolicy', { resourceArn }))).toMatch(/^InvalidInputException: /);
  });
});

it('names the images that AWS curates', async () => {
  const { platforms } = await world.call('listCuratedEnvironmentImages', {});
  const names = platforms!.flatMap(({ languages }) => languages!.flatMap(({ images }) => images!.map(({ name }) => name)));
  expect(names).toContain('aws/codebuild/standard:7.0');
  expect(new Set(names).size).toBe(names.length);
});
