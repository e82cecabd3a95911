import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { StopBuildCommand, type Build } from '@aws-sdk/client-codebuild';
import { CodeCommitClient, CreateCommitCommand, CreateRepositoryCommand } from '@aws-sdk/client-codecommit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createClient } from '../../src/client/client.ts';
import { BuildServer, outputOf, phasesOf } from '../support/builds.ts';

type Files = Readonly<Record<string, string>>;
const GREET: Files = {
  'action.yml': 'inputs: {who: {default: nobody}}\noutputs: {said: {}}\nruns: {using: node20, main: main.js, post: main.js}\n',
  'main.js': `const { appendFileSync } = require('node:fs'), e = process.env;
if (e.STATE_done) console.log('bye ' + e.INPUT_WHO);
else {
  console.log('hello ' + e.INPUT_WHO);
  appendFileSync(__dirname + '/beside', 'an action may write beside itself');
  appendFileSync(e.GITHUB_STATE, 'done=yes\\n');
  appendFileSync(e.GITHUB_OUTPUT, 'said=hello\\n');
  appendFileSync(e.GITHUB_ENV, 'GREETED=' + e.INPUT_WHO + '\\n');
}
`,
  'all/action.yml': `inputs: {names: {required: true}}
runs:
  using: composite
  steps:
    - {uses: some/greet@v1, with: {who: "\${{ fromJSON(inputs.names)[0] }}"}}
    - {shell: sh, run: 'echo "$GREETED was greeted"'}
`,
};

const source = (steps: object[], more: object = {}): string => JSON.stringify({ version: '0.2', phases: { build: { steps }, ...more } });

describe('actions from the repositories of this server', () => {
  const world = new BuildServer();
  beforeAll(async () => {
    process.env['PIPEWRIGHT_ACTIONS_URL'] = 'https://git-codecommit.us-east-1.amazonaws.com/v1/repos/{owner}-{repository}';
    await world.start();
    const codecommit = new CodeCommitClient({ endpoint: world.endpoint, region: 'us-east-1', credentials: world.credentials });
    await codecommit.send(new CreateRepositoryCommand({ repositoryName: 'some-greet' }));
    const putFiles = Object.entries(GREET).map(([filePath, text]) => ({ filePath, fileContent: Buffer.from(text) }));
    await codecommit.send(new CreateCommitCommand({ repositoryName: 'some-greet', branchName: 'v1', putFiles }));
    codecommit.destroy();
  });
  afterAll(async () => {
    await world.end();
    delete process.env['PIPEWRIGHT_ACTIONS_URL'];
  });

  it('are fetched with the build’s credentials and run', async () => {
    const steps = [
      { uses: 'actions/checkout@v4' },
      { id: 'a', uses: 'some/greet@v1', with: { who: '${{ env.CODEBUILD_BUILD_NUMBER }}' } },
      { uses: 'some/greet/all@v1', with: { names: '["you"]' } },
      { run: 'echo "${{ steps.a.outputs.said }} ${{ github.workflow }}"' },
    ];
    const build = await world.run(source(steps, { post_build: { commands: ['echo "$GREETED"'] } }));
    const name = build.projectName!;
    expect(outputOf(await world.log(build))).toBe(`hello 1\nhello you\nyou was greeted\nhello ${name}\nbye you\nbye 1\nyou\n`);
    expect(build.buildStatus).toBe('SUCCEEDED');
  });

  it('and what is not there fails the phase as a command does', async () => {
    const build = await world.run(source([{ uses: 'some/none@v1' }], { post_build: { commands: ['echo on'] } }));
    expect(phasesOf(build).slice(6, 8)).toEqual(['BUILD FAILED', 'POST_BUILD SUCCEEDED']);
    expect(build.phases![6]!.contexts![0]).toMatchObject({
      statusCode: 'COMMAND_EXECUTION_ERROR',
      message: expect.stringMatching(/^Error while executing step: some\/none@v1\. Reason: git fetch failed/) as string,
    });
    expect(outputOf(await world.log(build))).toBe('on\n');
  });

  it('keep to on-failure and finally', async () => {
    const phase = { 'on-failure': 'ABORT', steps: [{ run: 'exit 3' }], finally: ['echo finally'] };
    const build = await world.run(source([], { build: phase, post_build: { commands: ['echo never'] } }));
    expect(phasesOf(build).slice(6)).toEqual(['BUILD FAILED', 'FINALIZING SUCCEEDED', 'COMPLETED']);
    expect(outputOf(await world.log(build))).toBe('finally\n');
  });

  it('get secrets of the build, which stay out of the log', async () => {
    const aws = createClient({ endpoint: world.endpoint, region: 'us-east-1', credentials: world.credentials });
    await aws.ssm.putParameter({ Name: '/word', Value: 'correct horse', Type: 'SecureString' });
    aws.close();
    const steps = [
      { uses: 'some/greet@v1', with: { who: '${{ secrets.WORD }}' } },
      { run: `test "\${{ secrets.WORD == 'correct horse' }}" = true && echo right` },
    ];
    const build = await world.run(
      JSON.stringify({ version: '0.2', env: { 'parameter-store': { WORD: '/word' } }, phases: { build: { steps } } }),
    );
    expect(outputOf(await world.log(build))).toBe('hello ***\nright\nbye ***\n');
  });

  it('end with a stopped build, without a post', async () => {
    const id = (await world.begin(await world.project(source([{ uses: 'some/greet@v1' }, { run: 'echo up; sleep 300' }])))).id!;
    await world.until(id, (build) => build.currentPhase === 'BUILD' && build.logs?.streamName !== undefined);
    let log = '';
    while (!log.includes('up\n')) log = await world.log(await world.get(id)).catch(() => '');
    await world.codebuild.send(new StopBuildCommand({ id }));
    const build = await world.ended(id);
    expect(build.buildStatus).toBe('STOPPED');
    expect(outputOf(await world.log(build))).toBe('hello nobody\nup\n');
  });
});

describe('actions from a folder of repositories', () => {
  const folder = mkdtempSync(join(tmpdir(), 'actions-'));
  const path = join(folder, 'some', 'greet');
  const world = new BuildServer();
  const git = (...args: string[]) =>
    execFileSync('git', ['-C', path, '-c', 'user.name=a', '-c', 'user.email=a@example.com', ...args], { stdio: 'pipe' })
      .toString()
      .trim();

  beforeAll(async () => {
    for (const [name, text] of Object.entries(GREET)) {
      mkdirSync(dirname(join(path, name)), { recursive: true });
      writeFileSync(join(path, name), text);
    }
    git('init', '--quiet', '-b', 'main');
    git('config', 'uploadpack.allowAnySHA1InWant', 'true');
    git('add', '.');
    git('commit', '--quiet', '-m', 'An action');
    process.env['PIPEWRIGHT_TEST_GIT_PROTOCOLS'] = 'https:http:ssh:file';
    process.env['PIPEWRIGHT_ACTIONS_URL'] = `file://${folder}`;
    await world.start();
  });
  afterAll(async () => {
    await world.end();
    delete process.env['PIPEWRIGHT_ACTIONS_URL'];
    rmSync(folder, { recursive: true });
  });

  const output = async (build: Build) => outputOf(await world.log(build));

  it('are fetched once for all builds, by a commit or a tag', async () => {
    git('tag', 'v1');
    const uses = (ref: string) => source([{ uses: `some/greet@${ref}` }]);
    const builds = await Promise.all([world.run(uses(git('rev-parse', 'HEAD'))), world.run(uses('v1')), world.run(uses('main'))]);
    for (const build of builds) expect(await output(build)).toBe('hello nobody\nbye nobody\n');
    expect(readdirSync(join(world.data, 'work', 'mirrors'))).toHaveLength(1);
  });
});
