import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { awsCli, type CliVersion } from '../support/aws-cli.ts';
import { BuildServer, outputOf } from '../support/builds.ts';
import { DataChannelClient } from '../support/data-channel.ts';
import { runningSandbox } from '../support/sandboxes.ts';

const world = new BuildServer();
let programs: string;
beforeAll(async () => {
  await world.start();
  programs = mkdtempSync(join(tmpdir(), 'programs-'));
  const stand = `exec '${process.execPath}' tools/run.mjs test/support/session-manager-plugin.ts "$@"`;
  writeFileSync(join(programs, 'session-manager-plugin'), `#!/bin/sh\ncd '${resolve('.')}' && ${stand}\n`, { mode: 0o755 });
});
afterAll(async () => {
  await world.end();
  rmSync(programs, { recursive: true });
});

const raw = (version: CliVersion, args: readonly string[], stdin = '') =>
  awsCli(version, args, { endpoint: world.endpoint, key: world.credentials, env: { PATH: `${programs}:${process.env['PATH']}` }, stdin });

async function json<T>(version: CliVersion, ...args: string[]): Promise<T> {
  const { code, stdout, stderr } = await raw(version, args);
  expect({ args, code, stderr }).toEqual({ args, code: 0, stderr: '' });
  return JSON.parse(stdout) as T;
}

interface Session {
  readonly SessionId: string;
  readonly Status: string;
  readonly Target: string;
  readonly Owner: string;
  readonly Reason?: string;
}

const SPEC = 'version: 0.2\nphases: { build: { commands: ["export X=known", "codebuild-breakpoint", "cat made"] } }\n';

describe.each(['v1', 'v2'] as const)('AWS CLI %s', (version) => {
  it('opens a shell in a paused build through the session-manager-plugin on the PATH', { timeout: 120_000 }, async () => {
    const { id } = await world.begin(await world.project(SPEC), { debugSessionEnabled: true });
    const running = await world.until(id!, (build) => build.debugSession?.sessionTarget !== undefined);
    await expect.poll(() => world.log(running).catch(() => ''), { timeout: 20_000 }).toContain('The build is paused');
    const target = running.debugSession!.sessionTarget!;
    const typed = 'echo "mended $X" >made; codebuild-resume; stty size; exit\n';
    const { code, stdout, stderr } = await raw(version, ['ssm', 'start-session', '--target', target, '--reason', 'to mend it'], typed);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/Starting session with SessionId: root-[a-z2-7]{26}/);
    expect(stdout).toMatch(/20 90\r\n/);
    // The build goes on, and may be over before the shell has ended.
    expect(stdout).toMatch(/Exiting session with sessionId: root-[a-z2-7]{26}\.|: What the shell ran in has ended\./);
    const build = await world.ended(id!);
    expect(build.buildStatus).toBe('SUCCEEDED');
    expect(outputOf(await world.log(build))).toBe('mended known\n');
    const history = await json<{ Sessions: Session[] }>(
      version,
      'ssm',
      'describe-sessions',
      '--state',
      'History',
      '--filters',
      `key=Target,value=${target}`,
    );
    expect(history.Sessions).toMatchObject([
      { Status: 'Terminated', Target: target, Owner: 'arn:aws:iam::000000000000:root', Reason: 'to mend it' },
    ]);
    const gone = await raw(version, ['ssm', 'start-session', '--target', target]);
    expect(gone.stderr).toContain(
      `An error occurred (TargetNotConnected) when calling the StartSession operation: ${target} is not connected.`,
    );
  });

  it('starts a connection to a sandbox, goes on with it and terminates it', { timeout: 120_000 }, async () => {
    const id = await runningSandbox(world);
    type Started = { ssmSession: { sessionId: string; tokenValue: string; streamUrl: string } };
    const { ssmSession } = await json<Started>(version, 'codebuild', 'start-sandbox-connection', '--sandbox-id', id);
    const client = await DataChannelClient.connect({ url: ssmSession.streamUrl, token: ssmSession.tokenValue });
    client.type('echo first; V=kept\n');
    await client.shows(/first\r\n/);
    const session = ['--session-id', ssmSession.sessionId];
    const resumed = await json<{ TokenValue: string; StreamUrl: string }>(version, 'ssm', 'resume-session', ...session);
    await client.reconnect({ url: resumed.StreamUrl, token: resumed.TokenValue });
    client.type('echo "<$V>"\n');
    await client.shows(/<kept>\r\n/);
    const active = await json<{ Sessions: Session[] }>(version, 'ssm', 'describe-sessions', '--state', 'Active');
    expect(active.Sessions).toMatchObject([{ SessionId: ssmSession.sessionId, Status: 'Connected' }]);
    expect(await json(version, 'ssm', 'terminate-session', ...session)).toEqual({ SessionId: ssmSession.sessionId });
    await client.closed;
    expect(client.farewell).toBe('The session was terminated.');
    expect(await json(version, 'ssm', 'resume-session', ...session)).toEqual({ SessionId: ssmSession.sessionId });
    const unknown = await raw(version, ['ssm', 'resume-session', '--session-id', 'nobody-1']);
    expect(unknown.stderr).toContain('(DoesNotExistException) when calling the ResumeSession operation: Session nobody-1 does not exist.');
  });
});
