import { StopBuildCommand } from '@aws-sdk/client-codebuild';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BuildServer, outputOf, phasesOf } from '../support/builds.ts';
import { cli, typing } from '../support/debugging.ts';

const world = new BuildServer();
beforeAll(() => world.start());
afterAll(() => world.end());

const spec = (commands: readonly string[], more: object = {}): string =>
  JSON.stringify({ version: '0.2', phases: { build: { commands, ...more }, post_build: { commands: ['echo "post $X"'] } } });

const debugged = { debugSessionEnabled: true };
const onFailure = { ...debugged, environmentVariablesOverride: [{ name: 'PIPEWRIGHT_BREAK_ON', value: 'failure' }] };

async function begin(text: string, input: object): Promise<string> {
  return (await world.begin(await world.project(text), input)).id!;
}

async function saying(id: string, text: string): Promise<void> {
  await world.until(id, () => true);
  for (;;) {
    const build = await world.get(id);
    if ((await world.log(build).catch(() => '')).includes(text)) return;
    if (build.buildComplete) throw new Error(`it ended without saying ${text}`);
  }
}

describe('a build that can be debugged', () => {
  it('has breakpoints that are passed over where nobody asked for a session', async () => {
    const build = await world.run(spec(['codebuild-breakpoint', 'codebuild-resume', 'X=1']));
    expect(build.buildStatus).toBe('SUCCEEDED');
    expect(build.debugSession).toBeUndefined();
    expect(outputOf(await world.log(build))).toContain('without a debug session');
  });

  it('pauses at a breakpoint, shows what it knows in a shell at a terminal, and goes on', async () => {
    const id = await begin(spec(['mkdir sub; cd sub; export X="it is" Y=2', 'codebuild-breakpoint', 'cat made']), debugged);
    await saying(id, `paused at a breakpoint. Look into it: pipewright debug ${id}`);
    const paused = await world.get(id);
    expect(paused).toMatchObject({ currentPhase: 'BUILD', debugSession: { sessionEnabled: true, sessionTarget: `pipewright:${id}` } });
    const shell = typing(world, 'debug', id);
    shell.type('echo "<$X> ${PWD##*/} $HOME"; test -t 0 && echo a-$((1+1))-terminal; stty size; false; echo mended > made\n');
    await shell.prints(/<it is> sub \S+\/home\r\n/);
    await shell.prints(/a-2-terminal\r\n24 80\r\n/);
    shell.type('codebuild-resume; exit 0\n');
    expect((await shell.closed).code).toBe(0);
    const build = await world.ended(id);
    expect(build.buildStatus).toBe('SUCCEEDED');
    expect(outputOf(await world.log(build))).toBe('mended\npost it is\n');
    expect(build.debugSession).toEqual({ sessionEnabled: true });
  });

  it('waits behind a command that failed, which is mended and run again where it began', async () => {
    const id = await begin(spec(['mkdir sub; X=kept', 'cd sub && Z=$Z. && echo "$Z" && test -f made', 'echo "on $PWD $Z"']), onFailure);
    await saying(id, 'The build is paused: a command failed');
    const shell = typing(world, 'debug', id.split(':')[0]!);
    // Unexported variables too, and the folder that the failed command went to.
    shell.type('echo "<$X> $Z ${PWD##*/}" && touch made && exit\n');
    await shell.prints(/<kept> \. sub\r\n/);
    const { code } = await shell.closed;
    expect(shell.stderr).toContain('is still paused. Let it go on with --resume, --retry the command or --skip it');
    expect(code).toBe(0);
    expect(await cli(world, 'debug', id, '--retry')).toMatchObject({ code: 0 });
    const build = await world.ended(id);
    expect(build.buildStatus).toBe('SUCCEEDED');
    expect(outputOf(await world.log(build))).toMatch(/^\.\n\.\non \S+\/sub \.\npost kept\n$/);
    expect(phasesOf(build)).toContain('BUILD SUCCEEDED');
  });

  it('goes on behind the command as if it had succeeded, or fails after all', async () => {
    const skipped = await begin(spec(['exit 3', 'echo on']), onFailure);
    await saying(skipped, 'The build is paused');
    expect(await cli(world, 'debug', skipped, '--skip')).toMatchObject({ code: 0 });
    const build = await world.ended(skipped);
    expect(build.buildStatus).toBe('SUCCEEDED');
    expect(outputOf(await world.log(build))).toBe('on\npost \n');
    const failed = await begin(spec(['exit 3', 'echo never'], { finally: ['echo finally'] }), onFailure);
    await saying(failed, 'The build is paused');
    expect(await cli(world, 'debug', failed, '--resume')).toMatchObject({ code: 0 });
    const ended = await world.ended(failed);
    expect(ended.buildStatus).toBe('FAILED');
    expect(outputOf(await world.log(ended))).toBe('finally\npost \n');
    expect(await cli(world, 'debug', failed)).toMatchObject({ code: 1, stderr: expect.stringContaining('has ended') as string });
  });

  it('is still stopped and timed out, and takes its shells along', async () => {
    const id = await begin(spec(['codebuild-breakpoint']), debugged);
    await saying(id, 'paused');
    const shell = typing(world, 'debug', id);
    shell.type('echo "at $((40 + 2))"\n');
    await shell.prints(/at 42/);
    await world.codebuild.send(new StopBuildCommand({ id }));
    expect((await world.ended(id)).buildStatus).toBe('STOPPED');
    await shell.closed;
    expect(shell.stderr).toContain('The build has ended.');
  });

  it('starts with the command line, which says how it failed', async () => {
    const project = await world.project(spec(['echo "$A"; test -f $HOME/mended']));
    const build = typing(world, 'build', project, '--debug', '--env', 'A=given');
    const [, id = ''] = await build.prints(/pipewright debug (\S+)/);
    const shell = typing(world, 'debug', id);
    shell.child.stdin!.end('touch $HOME/mended\ncodebuild-resume retry\nexit\n');
    expect((await shell.closed).code).toBe(0);
    expect((await build.closed).code).toBe(0);
    expect(build.stdout).toContain('\ngiven\n');
    const { stdout } = await cli(world, 'logs', id, '--summary');
    expect(stdout).toMatch(/^ {2}BUILD .* SUCCEEDED\n.* exit 1 +1 line {2}echo.*\n.* exit 0 +1 line {2}echo/m);
    expect(await cli(world, 'debug', project)).toMatchObject({ code: 1, stderr: expect.stringContaining('No build of') as string });
  });

  it('cannot be entered where it was started without a session', async () => {
    const id = await begin(spec(['while [ ! -f $HOME/go ]; do sleep 0.05; done']), {});
    expect(await cli(world, 'debug', id)).toMatchObject({ code: 1, stderr: expect.stringContaining('without a debug session') as string });
    await world.codebuild.send(new StopBuildCommand({ id }));
    await world.ended(id);
  });
});

it('a shell gets over a restart of the server', async () => {
  const other = new BuildServer();
  await other.startProcess();
  try {
    const { id = '' } = await other.begin(await other.project(spec(['codebuild-breakpoint'])), debugged);
    await other.until(id, ({ currentPhase }) => currentPhase === 'BUILD');
    const shell = typing(other, 'debug', id);
    shell.type('X=here; echo "begun $((40 + 2))"\n');
    await shell.prints(/begun 42/);
    await other.stop();
    shell.type('echo "still $X"\n');
    await other.startProcess();
    await shell.prints(/still here/);
    shell.type('codebuild-resume; exit 0\n');
    expect((await shell.closed).code).toBe(0);
    expect((await other.ended(id)).buildStatus).toBe('SUCCEEDED');
  } finally {
    await other.end();
  }
});
