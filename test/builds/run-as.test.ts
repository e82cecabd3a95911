import { userInfo } from 'node:os';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BuildServer, outputOf, phasesOf } from '../support/builds.ts';

const asRoot = process.getuid?.() === 0;
if (!asRoot) console.warn('run-as: skipped, as only root can run commands as somebody else');

const spec = (text: string): string => `version: 0.2\n${text}`;

describe.runIf(asRoot)('run-as', () => {
  const world = new BuildServer();
  beforeAll(() => world.start());
  afterAll(() => world.end());

  it('goes for the phase, before that of the whole file, and what commands left in the shell is there for all', async () => {
    const build = await world.run(
      spec(`run-as: nobody
phases:
  install: {run-as: root, commands: [mkdir sub, cd sub, 'export X="a b"; f() { echo "f $X"; }', id -un, 'echo mine > file; chmod 600 file']}
  pre_build: {commands: [id -un, 'f; basename "$PWD"', 'Y=late', 'cat file || echo "not mine"', 'touch no || echo "may not write"', 'touch "$HOME/x" && basename "$HOME/x"']}
  build: {run-as: daemon, commands: ['echo "$(id -un) $USER $Y"', exit 0, 'echo "$Y again"']}
  post_build: {run-as: root, commands: ['echo "$(id -un) $Y"; f', rm file]}
`),
    );
    expect(outputOf(await world.log(build))).toBe(
      [
        'build',
        'nobody',
        'f a b',
        'sub',
        'cat: file: Permission denied',
        'not mine',
        "touch: cannot touch 'no': Permission denied",
        'may not write',
        'x',
        'daemon daemon late',
        'late again',
        'build late',
        'f a b',
        '',
      ].join('\n'),
    );
    expect(build.buildStatus).toBe('SUCCEEDED');
  });

  it('steps too run as who is named, and hand on what they set', async () => {
    const say = '{run: \'echo "$(id -un) $A" >> "$GITHUB_STEP_SUMMARY"; echo A=$(id -un) >> "$GITHUB_ENV"\'}';
    const build = await world.run(
      spec(`phases:
  install: {run-as: nobody, steps: [${say}]}
  pre_build: {run-as: daemon, steps: [${say}]}
  build: {steps: [${say}]}
`),
    );
    expect(outputOf(await world.log(build))).toMatch(/^nobody \ndaemon nobody\n\w+ daemon\n$/);
  });

  it('gives each command of version 0.1 the user', async () => {
    const build = await world.run('version: 0.1\nrun-as: nobody\nphases: {build: {commands: [id -un, cd /, pwd]}}\n');
    const [first, second] = outputOf(await world.log(build)).split('\n');
    expect([first, second]).toEqual(['nobody', expect.stringMatching(/\/src$/)]);
  });

  it('fails where there is no such user', async () => {
    const build = await world.run(spec('phases: {pre_build: {run-as: nobody-of-that-name, commands: [echo never]}}\n'));
    expect(phasesOf(build).slice(5, 7)).toEqual(['PRE_BUILD FAILED', 'FINALIZING SUCCEEDED']);
    expect(build.phases![5]!.contexts![0]!.message).toBe('run-as: there is no user nobody-of-that-name');
  });
});

describe('run-as without isolation', () => {
  const world = new BuildServer();
  beforeAll(async () => {
    process.env['PIPEWRIGHT_BUILD_ISOLATION'] = 'off';
    await world.start();
  });
  afterAll(() => world.end());

  it("is the server's own user, and fails for anybody else", async () => {
    const own = await world.run(spec(`run-as: ${userInfo().username}\nphases: {build: {commands: [id -un]}}\n`));
    expect(outputOf(await world.log(own))).toBe(`${userInfo().username}\n`);
    const other = await world.run(spec('phases: {build: {run-as: nobody, commands: [echo never]}}\n'));
    expect(phasesOf(other)[6]).toBe('BUILD FAILED');
    expect(other.phases![6]!.contexts![0]!.message).toContain('commands cannot run as nobody');
    expect(outputOf(await world.log(other))).toBe('');
  });
});
