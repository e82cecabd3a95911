import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createClient } from '../../client/client.ts';
import { ProcessRuntime } from '../../runtimes/process/runtime.ts';
import type { BuildJob, Phase } from '../../services/pipewright/api.gen.ts';
import { BuildLog } from '../output/build-log.ts';
import { bareJob, noReports } from '../testing/bare-job.ts';
import { PhaseLog } from './phase-log.ts';
import { BuildRun, type BuildResult } from './run.ts';

let folder: string;
let runtime: ProcessRuntime;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'run-'));
  runtime = new ProcessRuntime(folder);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

interface Ran extends BuildResult {
  readonly output: string;
  readonly log: string;
  readonly phases: readonly Phase[];
}

/** Runs a build that needs no server; `onLine` sees each line of its log. */
async function run(buildJob: BuildJob, onLine: (line: string, abort: AbortController) => void = () => {}): Promise<Ran> {
  const abort = new AbortController();
  const lines: string[] = [];
  const log = new BuildLog(({ message }) => {
    lines.push(message);
    onLine(message, abort);
  }, Date.now);
  const phases = new PhaseLog(log, Date.now, () => {});
  const endpoint = 'http://127.0.0.1:1';
  const { s3 } = createClient({ endpoint, region: 'us-east-1' });
  const result = await new BuildRun(buildJob, {
    runtime,
    notices: [],
    s3,
    endpoint,
    log,
    phases,
    reports: noReports,
    signal: abort.signal,
  }).run();
  await runtime.destroy('u');
  const output = lines.filter((line) => !line.startsWith('[Container]')).join('');
  return { ...result, output, log: lines.join(''), phases: phases.phases };
}

const statusOf = (ran: Ran, type: string) => ran.phases.find(({ phaseType }) => phaseType === type);

describe('a build', () => {
  it('that is out of time ends so, in the phase where it was, with nothing left of it', async () => {
    const ran = await run(
      bareJob('version: 0.2\nphases: {build: {commands: [echo up; sleep 300]}, post_build: {commands: [echo never]}}\n'),
      (line, abort) => {
        if (line === 'up\n') abort.abort('TIMED_OUT');
      },
    );
    expect(ran.status).toBe('TIMED_OUT');
    expect(statusOf(ran, 'BUILD')).toMatchObject({
      phaseStatus: 'TIMED_OUT',
      contexts: [{ statusCode: 'BUILD_TIMED_OUT', message: 'Build has timed out. ' }],
    });
    expect(ran.phases.at(-1)).toMatchObject({ phaseType: 'FINALIZING', phaseStatus: 'SUCCEEDED' });
    expect(ran.output).toBe('up\n');
    expect(readdirSync(join(folder, 'builds'))).toEqual([]);
  });

  it('of version 0.1 runs each command in a shell of its own', async () => {
    const ran = await run(
      bareJob(
        'version: 0.1\nenvironment_variables: {plaintext: {A: a}}\nphases: {build: {commands: [B=b, cd /, "echo $A $B $(basename $PWD)", "exit 0", "echo on"]}}\n',
      ),
    );
    expect(ran.status).toBe('SUCCEEDED');
    expect(ran.output).toBe('a src\non\n');
  });

  it.each(['sh', '/bin/sh', 'bash'])('runs in the shell it asks for: %s', async (shell) => {
    const ran = await run(
      bareJob(
        `version: 0.2\nenv: {shell: ${shell}, variables: {V: "it's \\"so\\" $X"}}\nphases: {build: {commands: ['echo "$V"', 'echo "\${BASH_VERSION:+bash}"']}}\n`,
      ),
    );
    expect(ran.output).toBe(`it's "so" $X\n${shell === 'bash' ? 'bash' : ''}\n`);
  });

  it('without one runs in bash, whose syntax real buildspecs use', async () => {
    const ran = await run(bareJob('version: 0.2\nphases: {build: {commands: ["a=(x y); [[ ${#a[@]} == 2 ]] && echo ${a[1]}"]}}\n'));
    expect(ran.output).toBe('y\n');
  });

  it.each([
    ['env: {parameter-store: {A: /a}}\nphases: {build: {commands: [x]}}', 'A comes from Parameter Store'],
    ['env: {secrets-manager: {A: a}}\nphases: {build: {commands: [x]}}', 'A comes from Secrets Manager'],
    ['env: {shell: powershell.exe}\nphases: {build: {commands: [x]}}', 'powershell.exe'],
  ])('that asks for what is not there fails and says so: %s', async (text, named) => {
    const ran = await run(bareJob(`version: 0.2\n${text}\n`));
    expect(ran.status).toBe('FAILED');
    expect(statusOf(ran, 'DOWNLOAD_SOURCE')!.contexts![0]).toMatchObject({
      statusCode: 'CLIENT_ERROR',
      message: expect.stringContaining(named) as string,
    });
    expect(existsSync(join(folder, 'builds', 'u'))).toBe(false);
  });

  it('runs nothing as somebody who is not there', async () => {
    const ran = await run(bareJob('version: 0.2\nrun-as: no-such-user\nphases: {build: {commands: [echo ran]}}\n'));
    expect(ran.output).toBe('');
    const why = { statusCode: 'CLIENT_ERROR', message: 'run-as: there is no user no-such-user' };
    expect(statusOf(ran, 'BUILD')!.contexts).toEqual([why]);
  });

  it('sees variables with names that no shell can say', async () => {
    const ran = await run(bareJob('version: 0.2\nphases: {build: {commands: [env]}}\n', { variables: [{ name: 'with.dot', value: '1' }] }));
    expect(ran.output).toContain('with.dot=1\n');
  });

  it('exports what its variables are at the end, also after a failure', async () => {
    const commands = ["A=$'1\\n2'", 'export B=b', 'false'];
    const env = { 'exported-variables': ['A', 'B', 'UNSET'] };
    const ran = await run(bareJob(JSON.stringify({ version: '0.2', env, phases: { build: { commands } } })));
    expect(ran.status).toBe('FAILED');
    expect(ran.exported).toEqual([
      { name: 'A', value: '1\n2' },
      { name: 'B', value: 'b' },
    ]);
  });
});
