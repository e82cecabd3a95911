import {
  BatchGetBuildsCommand,
  BatchGetProjectsCommand,
  CreateProjectCommand,
  DeleteProjectCommand,
  InvalidInputException,
  ListBuildsForProjectCommand,
  ListProjectsCommand,
  StartBuildCommand,
  StopBuildCommand,
  UpdateProjectCommand,
  type CreateProjectCommandInput,
  type ListProjectsCommandInput,
} from '@aws-sdk/client-codebuild';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Clients } from '../support/clients.ts';
import { StartedServer } from '../support/server.ts';

const ROLE = 'arn:aws:iam::000000000000:role/builds';
const ARN = 'arn:aws:codebuild:us-east-1:000000000000:project/';

let server: StartedServer;
let aws: Clients;

const wanted = (name: string, more: Partial<CreateProjectCommandInput> = {}): CreateProjectCommandInput => ({
  name,
  source: { type: 'NO_SOURCE', buildspec: 'version: 0.2\nphases: {build: {commands: ["sleep 600"]}}\n' },
  artifacts: { type: 'NO_ARTIFACTS' },
  environment: { type: 'LINUX_CONTAINER', image: 'host', computeType: 'BUILD_GENERAL1_SMALL' },
  serviceRole: ROLE,
  ...more,
});

const read = async (name: string) => (await aws.codebuild.send(new BatchGetProjectsCommand({ names: [name] }))).projects![0]!;

beforeAll(async () => {
  server = await StartedServer.start();
  aws = new Clients(server);
});

afterAll(async () => {
  aws?.close();
  await server?.end();
});

describe('input that breaks the model', () => {
  const ids = Array.from({ length: 101 }, (_, index) => `shop:${index}`);
  it.each([
    ['a name', () => new CreateProjectCommand(wanted('!shop'))],
    ['a name that is too long', () => new CreateProjectCommand(wanted('s'.repeat(151)))],
    ['a time-out', () => new CreateProjectCommand(wanted('shop', { timeoutInMinutes: 4 }))],
    ['an enumeration', () => new CreateProjectCommand(wanted('shop', { artifacts: { type: 'FTP' as 'S3' } }))],
    ['what is required', () => new CreateProjectCommand({ name: 'shop' } as CreateProjectCommandInput)],
    ['more than 100 ids', () => new BatchGetBuildsCommand({ ids })],
    ['no ids', () => new BatchGetBuildsCommand({ ids: [] })],
    ['no names', () => new BatchGetProjectsCommand({ names: [] })],
  ] as const)('is an InvalidInputException: %s', async (_, command) => {
    await expect(aws.codebuild.send(command() as BatchGetBuildsCommand)).rejects.toBeInstanceOf(InvalidInputException);
  });
});

describe('a project', () => {
  it('reads as it was written, after each write', async () => {
    const { project: made } = await aws.codebuild.send(new CreateProjectCommand(wanted('site', { tags: [{ key: 'a', value: 'b' }] })));
    expect(await read('site')).toEqual(made);
    expect(await read(`${ARN}site`)).toEqual(made);
    expect(made).toMatchObject({
      arn: `${ARN}site`,
      description: '',
      badge: { badgeEnabled: false },
      cache: { type: 'NO_CACHE' },
      encryptionKey: 'arn:aws:kms:us-east-1:000000000000:alias/aws/s3',
      environment: { environmentVariables: [], imagePullCredentialsType: 'CODEBUILD', privilegedMode: false },
      projectVisibility: 'PRIVATE',
      queuedTimeoutInMinutes: 480,
      source: { insecureSsl: false },
      tags: [{ key: 'a', value: 'b' }],
      timeoutInMinutes: 60,
    });
    const { project: changed } = await aws.codebuild.send(
      new UpdateProjectCommand({
        name: 'site',
        buildBatchConfig: { serviceRole: ROLE },
        concurrentBuildLimit: 2,
        cache: { type: 'LOCAL', modes: ['LOCAL_SOURCE_CACHE'] },
      }),
    );
    expect(await read('site')).toEqual(changed);
    expect(changed).toMatchObject({ concurrentBuildLimit: 2, buildBatchConfig: { serviceRole: ROLE }, tags: made!.tags! });
    expect(changed!.lastModified!.getTime()).toBeGreaterThan(made!.lastModified!.getTime());
    const { project: back } = await aws.codebuild.send(
      new UpdateProjectCommand({ name: 'site', buildBatchConfig: {}, concurrentBuildLimit: -1, cache: { type: 'NO_CACHE' } }),
    );
    expect(back).toEqual({ ...made, lastModified: back!.lastModified });
    await aws.codebuild.send(new DeleteProjectCommand({ name: `${ARN}site` }));
    await aws.codebuild.send(new DeleteProjectCommand({ name: 'site' }));
    const gone = await aws.codebuild.send(new BatchGetProjectsCommand({ names: ['site', `${ARN}site`] }));
    expect(gone).toMatchObject({ projects: [], projectsNotFound: ['site', `${ARN}site`] });
    await expect(aws.codebuild.send(new ListBuildsForProjectCommand({ projectName: 'site' }))).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
      message: `Project cannot be found: ${ARN}site`,
    });
  });

  it('is listed in the order that is asked for', async () => {
    for (const name of ['bb', 'aa', 'cc']) await aws.codebuild.send(new CreateProjectCommand(wanted(name)));
    await aws.codebuild.send(new UpdateProjectCommand({ name: 'bb', description: 'changed' }));
    const list = async (input: ListProjectsCommandInput) => (await aws.codebuild.send(new ListProjectsCommand(input))).projects;
    expect(await list({})).toEqual(['aa', 'bb', 'cc']);
    expect(await list({ sortOrder: 'DESCENDING' })).toEqual(['cc', 'bb', 'aa']);
    expect(await list({ sortBy: 'CREATED_TIME' })).toEqual(['bb', 'aa', 'cc']);
    expect(await list({ sortBy: 'LAST_MODIFIED_TIME', sortOrder: 'DESCENDING' })).toEqual(['bb', 'cc', 'aa']);
  });
});

it('a stopped build is shown as stopped by the answer', async () => {
  await aws.codebuild.send(new CreateProjectCommand(wanted('long')));
  const { build } = await aws.codebuild.send(new StartBuildCommand({ projectName: 'long' }));
  await server.until('the phase BUILD', async () => {
    const { builds } = await aws.codebuild.send(new BatchGetBuildsCommand({ ids: [build!.id!] }));
    return builds![0]!.currentPhase === 'BUILD';
  });
  const { build: stopped } = await aws.codebuild.send(new StopBuildCommand({ id: build!.id! }));
  expect(stopped).toMatchObject({ buildStatus: 'STOPPED', currentPhase: 'COMPLETED', buildComplete: true });
});
