import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { CreateProjectInput, StartBuildInput, UpdateProjectInput } from '../api.gen.ts';
import { ACCOUNT, refused, World } from '../testing/world.ts';

let world: World;
beforeEach(async () => {
  world = new World();
  await world.start();
});
afterEach(() => world.end());

const ARN = `arn:aws:codebuild:us-east-1:${ACCOUNT}:project/shop`;
const environment = { type: 'LINUX_CONTAINER', image: 'host', computeType: 'BUILD_GENERAL1_SMALL' } as const;
const GITHUB = { type: 'GITHUB', location: 'https://github.com/acme/shop.git' } as const;

const create = async (input: Partial<CreateProjectInput> = {}) => {
  const { project } = await world.call('createProject', {
    name: 'shop',
    source: { type: 'NO_SOURCE', buildspec: 'version: 0.2\n' },
    artifacts: { type: 'NO_ARTIFACTS' },
    environment,
    serviceRole: 'builds',
    ...input,
  });
  return project!;
};
const update = async (input: Partial<UpdateProjectInput>) => (await world.call('updateProject', { name: 'shop', ...input })).project!;
const start = async (input: Partial<StartBuildInput> = {}) => (await world.call('startBuild', { projectName: 'shop', ...input })).build!;

describe('a project shows what nobody chose', () => {
  it('of its environment', async () => {
    const expected = { ...environment, privilegedMode: false, imagePullCredentialsType: 'CODEBUILD' };
    expect((await create()).environment).toEqual({ ...expected, environmentVariables: [] });
    const variables = { environmentVariables: [{ name: 'A', value: '1' }] };
    expect((await update({ environment: { ...environment, ...variables } })).environment).toEqual({
      ...expected,
      environmentVariables: [{ name: 'A', value: '1', type: 'PLAINTEXT' }],
    });
  });

  it('of its artifacts', async () => {
    const { artifacts } = await create({ artifacts: { type: 'S3', location: 'out' }, secondaryArtifacts: [] });
    const unchosen = { namespaceType: 'NONE', packaging: 'NONE', encryptionDisabled: false };
    expect(artifacts).toEqual({ type: 'S3', location: 'out', name: 'shop', ...unchosen });
    const secondaryArtifacts = [{ type: 'S3', location: 'out', artifactIdentifier: 'docs', packaging: 'ZIP' }] as const;
    const updated = await update({ artifacts: { type: 'NO_ARTIFACTS' }, secondaryArtifacts });
    expect(updated.artifacts).toEqual({ type: 'NO_ARTIFACTS' });
    expect(updated.secondaryArtifacts).toEqual([{ ...secondaryArtifacts[0], ...unchosen, packaging: 'ZIP' }]);
  });

  it('of artifacts that a pipeline takes', async () => {
    const { artifacts } = await create({ source: { type: 'CODEPIPELINE' }, artifacts: { type: 'CODEPIPELINE' } });
    expect(artifacts).toEqual({ type: 'CODEPIPELINE', name: 'shop', packaging: 'NONE', encryptionDisabled: false });
  });

  it('of its sources', async () => {
    expect((await create({ source: GITHUB })).source).toEqual({ ...GITHUB, insecureSsl: false, reportBuildStatus: false });
    const source = { type: 'S3', location: 'in/a.zip' } as const;
    expect((await update({ source })).source).toEqual({ ...source, insecureSsl: false });
    expect((await start()).source).toEqual({ ...source, insecureSsl: false });
  });
});

describe('an update', () => {
  it('leaves alone what it does not name', async () => {
    const before = await create({
      source: GITHUB,
      description: 'd',
      tags: [{ key: 'a', value: 'b' }],
      timeoutInMinutes: 7,
      sourceVersion: 'v1',
    });
    const { lastModified: _, ...after } = await update({});
    expect(before).toMatchObject(after);
  });

  it('takes away what it names as empty', async () => {
    const buildBatchConfig = { serviceRole: `arn:aws:iam::${ACCOUNT}:role/batch` };
    await create({ buildBatchConfig, description: 'd', tags: [{ key: 'a', value: 'b' }], sourceVersion: 'v1', concurrentBuildLimit: 3 });
    const after = await update({ buildBatchConfig: {}, description: '', tags: [], sourceVersion: '', concurrentBuildLimit: -1 });
    expect(after).toMatchObject({ description: '', tags: [] });
    for (const gone of ['buildBatchConfig', 'sourceVersion', 'concurrentBuildLimit']) expect(after).not.toHaveProperty(gone);
    expect(await start({ sourceVersion: '' })).not.toHaveProperty('sourceVersion');
    expect(await create({ name: 'other', buildBatchConfig: {}, vpcConfig: {} })).not.toHaveProperty('buildBatchConfig');
  });
});

describe('what AWS refuses', () => {
  it.each<[Partial<CreateProjectInput>, string]>([
    [{ artifacts: { type: 'NO_ARTIFACTS', encryptionDisabled: true } }, 'artifact type NO_ARTIFACTS should have null encryptionDisabled'],
    [{ artifacts: { type: 'S3', location: 'out/builds' } }, 'location must be a valid S3 bucket'],
    [{ source: { type: 'S3', location: 'in/a.zip', reportBuildStatus: true } }, 'Source type S3 does not support ReportBuildStatus'],
    [{ source: { type: 'CODEPIPELINE' } }, 'when using CodePipeline both sourceType, and artifactType must be set to: CODEPIPELINE'],
    [{ serviceRole: 'arn:aws:iam::0000:role/builds' }, 'Invalid service role'],
    [{ serviceRole: 'arn:aws:s3:::bucket' }, 'Invalid service role'],
    [
      {
        tags: [
          { key: 'a', value: '1' },
          { key: 'a', value: '2' },
        ],
      },
      'more than once: a',
    ],
  ])('of a project: %j', async (input, message) => {
    expect(await refused(create(input))).toMatch(new RegExp(`^InvalidInputException: .*${message}`));
  });

  it.each<[Partial<StartBuildInput>, string]>([
    [{ reportBuildStatusOverride: true }, 'Source type NO_SOURCE does not support ReportBuildStatus'],
    [{ serviceRoleOverride: 'arn:aws:iam::1:role/builds' }, 'Invalid service role'],
    [{ logsConfigOverride: { s3Logs: { status: 'ENABLED' } } }, 'location must be specified for S3 logs'],
    [{ autoRetryLimitOverride: -1 }, 'Invalid auto retry limit'],
  ])('of a start: %j', async (input, message) => {
    await create();
    expect(await refused(start(input))).toMatch(new RegExp(`^InvalidInputException: .*${message}`));
  });

  it('of a start that only a pipeline can make', async () => {
    await create({ source: { type: 'CODEPIPELINE' }, artifacts: { type: 'CODEPIPELINE' } });
    expect(await refused(start())).toBe('InvalidInputException: ArtifactsOverride must be set when using artifacts type CodePipelines');
  });
});

it('has to be named where a sandbox is started', async () => {
  expect(await refused(world.call('startSandbox', {}))).toMatch(/^InvalidInputException: /);
});

it('starts with a source of another type, whose settings are no longer those of a git host', async () => {
  await create({ source: { ...GITHUB, reportBuildStatus: true, auth: { type: 'OAUTH' } } });
  const { source } = await start({ sourceTypeOverride: 'S3', sourceLocationOverride: 'in/a.zip' });
  expect(source).toEqual({ type: 'S3', location: 'in/a.zip', insecureSsl: false });
});

describe('a project elsewhere', () => {
  const elsewhere = ARN.replace('us-east-1', 'eu-west-1');
  const other = ARN.replace(ACCOUNT, '210987654321');

  it('is not the one of the same name here', async () => {
    await create();
    const { projects, projectsNotFound } = await world.call('batchGetProjects', { names: [ARN, elsewhere, other] });
    expect(projects!.map(({ arn }) => arn)).toEqual([ARN]);
    expect(projectsNotFound).toEqual([elsewhere, other]);
  });

  it.each([
    ['startBuild', { projectName: elsewhere }],
    ['listBuildsForProject', { projectName: elsewhere }],
    ['updateProject', { name: elsewhere }],
    ['invalidateProjectCache', { projectName: elsewhere }],
  ] as const)('is not found by %s', async (operation, input) => {
    await create();
    expect(await refused(world.call(operation, input as never))).toBe(`ResourceNotFoundException: Project cannot be found: ${elsewhere}`);
  });

  it('is named by its ARN where it is missing', async () => {
    const expected = `ResourceNotFoundException: Project cannot be found: ${ARN}`;
    expect(await refused(world.call('startBuild', { projectName: 'shop' }))).toBe(expected);
    expect(await refused(world.call('listBuildsForProject', { projectName: 'shop' }))).toBe(expected);
    expect(await refused(world.call('startSandbox', { projectName: 'shop' }))).toBe(expected);
    expect(await refused(world.call('createWebhook', { projectName: 'shop' }))).toBe(expected);
  });
});
