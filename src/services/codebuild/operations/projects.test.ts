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
const start = async (input: Partial<StartBuildInput> = {}) =>
  (await world.call('startBuild', { projectName: 'shop', ...input })).build!;

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
