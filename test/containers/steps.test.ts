import { existsSync } from 'node:fs';
import { StopBuildCommand } from '@aws-sdk/client-codebuild';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { outputOf } from '../support/builds.ts';
import { ContainerServer, failureOf } from '../support/container-server.ts';
import { eachEngine } from '../support/each-engine.ts';
import { BASH_IMAGE, SH_IMAGE } from '../support/engine-images.ts';

await eachEngine((engine) => {
  const world = new ContainerServer(engine);
  beforeAll(async () => {
    world.enter();
    await world.start();
  });
  afterAll(() => world.end());

  /** Runs the steps in BUILD, after commands that write the actions into the source. */
  const steps = (list: readonly object[], files: Readonly<Record<string, string>> = {}, environment: object = {}) => {
    const write = Object.entries(files).map(
      ([path, text]) => `mkdir -p "$(dirname ${path})"; echo ${Buffer.from(text).toString('base64')} | base64 -d > ${path}`,
    );
    const spec = {
      version: '0.2',
      phases: { install: { commands: write }, build: { steps: list }, post_build: { commands: ['echo "set: $SET"'] } },
    };
    const image = { type: 'LINUX_CONTAINER' as const, image: BASH_IMAGE, computeType: 'BUILD_GENERAL1_SMALL' as const };
    return world.run(JSON.stringify(spec), {}, { environment: { ...image, ...environment } });
  };

  const COMPOSITE = `outputs: {who: {value: "\${{ steps.who.outputs.name }}"}}
runs:
  using: composite
  steps:
    - {id: who, shell: sh, run: 'echo "name=$(id -un)" >> "$GITHUB_OUTPUT"; echo SET=inside >> "$GITHUB_ENV"'}`;

  it.each([BASH_IMAGE, SH_IMAGE])('runs steps and local composite actions inside: %s', async (image) => {
    const build = await steps(
      [
        { id: 'a', uses: './mine' },
        { run: 'echo "${{ steps.a.outputs.who }} $SET $GITHUB_WORKSPACE" | sed "s|$CODEBUILD_SRC_DIR|source|"' },
        { run: 'exec sleep 300', 'timeout-minutes': 0.01, 'continue-on-error': true },
        { run: 'echo "::add-mask::hidden word"; echo "a hidden word"' },
      ],
      { 'mine/action.yml': COMPOSITE },
      { image },
    );
    expect(outputOf(await world.log(build))).toBe('root inside source\na ***\nset: inside\n');
    expect(build.buildStatus).toBe('SUCCEEDED');
  });

  it('says where there is no node for a JavaScript action', async () => {
    const build = await steps([{ uses: './js' }], { 'js/action.yml': 'runs: {using: node20, main: x.js}' });
    expect(failureOf(build)!.contexts![0]!.message).toContain('there is no node on the PATH of the build');
  });

  it('refuses Docker actions without privilegedMode', async () => {
    const build = await steps([{ uses: `docker://${SH_IMAGE}` }]);
    expect(failureOf(build)!.contexts![0]!.message).toContain('does not have privilegedMode');
  });

  it.runIf(existsSync('/usr/bin/docker'))('runs Docker actions in privileged builds', async () => {
    const build = await steps(
      [
        {
          uses: `docker://${SH_IMAGE}`,
          with: { entrypoint: '/bin/sh', args: `-c 'echo "$PWD $WHO"; echo SET=outside >> "$GITHUB_ENV"; echo > file'` },
          env: { WHO: 'me' },
        },
        { run: 'ls file' },
        { id: 'own', uses: './own', with: { word: 'two words' } },
        { run: 'echo "${{ steps.own.outputs.said }}"' },
      ],
      {
        'own/action.yml': `inputs: {word: {}}
runs: {using: docker, image: Dockerfile, args: ["\${{ inputs.word }}"], env: {MORE: more}}`,
        'own/Dockerfile': `FROM ${SH_IMAGE}\nCOPY run.sh /run.sh\nENTRYPOINT ["/bin/sh", "/run.sh"]`,
        'own/run.sh': 'echo "said=$1 $INPUT_WORD $MORE" >> "$GITHUB_OUTPUT"',
      },
      { privilegedMode: true },
    );
    const output = outputOf(await world.log(build));
    expect(output).toMatch(/^\/github\/workspace me\nfile\n/);
    expect(output).toMatch(/^two words two words more\nset: outside\n$/m);
    expect(build.buildStatus).toBe('SUCCEEDED');
  });

  it.runIf(existsSync('/usr/bin/docker'))('ends the containers of Docker actions with the build', async () => {
    const list = [
      { uses: `docker://${SH_IMAGE}`, with: { entrypoint: '/bin/sh', args: `-c 'trap "" TERM INT; while :; do sleep 1; done'` } },
    ];
    const spec = JSON.stringify({ version: '0.2', phases: { build: { steps: list } } });
    const environment = { type: 'LINUX_CONTAINER', image: BASH_IMAGE, computeType: 'BUILD_GENERAL1_SMALL', privilegedMode: true } as const;
    const { id } = await world.begin(await world.project(spec, { environment }));
    while ((await engine.containers()).length < 2) await world.get(id!);
    await world.codebuild.send(new StopBuildCommand({ id }));
    expect((await world.ended(id!)).buildStatus).toBe('STOPPED');
    await world.emptied();
  });
});
