import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PutFileCommand } from '@aws-sdk/client-codecommit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Clients } from '../support/clients.ts';
import { Gate } from '../support/gate.ts';
import { createLine, Line } from '../support/line.ts';
import { pipewright, ProgramRun, StartedServer } from '../support/server.ts';

let server: StartedServer;
let aws: Clients;
let line: Line;
let folder: string;
let first: string;
let gate: Gate;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'commands-'));
  server = await StartedServer.start();
  aws = new Clients(server);
  line = new Line(server, aws, 'line');
  gate = await Gate.make();
  const buildspec = `version: 0.2\nphases:\n  build:\n    commands:\n      - echo waiting\n      - '${gate.command}'\n      - echo went on\n`;
  await createLine(aws, { name: 'line', buildspec, approval: true });
  const file = { repositoryName: 'line', branchName: 'main', filePath: 'a', fileContent: Buffer.from('a') };
  const { commitId } = await aws.codecommit.send(new PutFileCommand({ ...file, commitMessage: 'Change a' }));
  first = await line.execution(commitId!);
});
afterAll(async () => {
  aws.close();
  gate.close();
  await server.end();
  rmSync(folder, { recursive: true });
});

const command = (...args: string[]) => pipewright(args, server.env);

describe('commands on a running pipeline', () => {
  it('stop ends an execution, and watch says so with its exit code', async () => {
    await line.build(first);
    expect((await command('approve', 'line')).stderr).toContain('No approval waits in line');
    const watching = new ProgramRun(['watch', 'line', '--execution', first], server.env);
    await watching.prints(/^ {2}Compile \| waiting$/m);
    expect(await command('stop', 'line', '--abandon', '--reason', 'wrong one')).toMatchObject({ code: 0, stdout: `Stopping ${first}\n` });
    const { code } = await watching.closed;
    expect(code).toBe(1);
    expect(watching.stderr).toContain('The execution ended as Stopped.');
    expect(await line.end(first)).toBe('Stopped');
  });

  it('start, watch, approve and logs go through the whole of it, in plain lines', async () => {
    const started = await command('start', 'line');
    expect(started).toMatchObject({ code: 0, stdout: expect.stringMatching(/^[0-9a-f-]{36}\n$/) });
    const id = started.stdout.trim();
    const watching = new ProgramRun(['watch', 'line', '--execution', id], server.env);
    await watching.prints(/^ {2}Compile \| waiting$/m);
    const following = new ProgramRun(['logs', 'line', '--follow'], server.env);
    await following.prints(/^waiting$/m);
    gate.open();
    await following.prints(/^went on$/m);
    expect((await following.closed).code).toBe(0);
    await watching.prints(/^Approve\/Ask: Waits for approval/m);
    const token = async () => (await command('approve', 'line', '--stage', 'Build')).stderr;
    expect(await token()).toContain('No approval waits');
    const approved = await command('approve', 'line', '--summary', 'good');
    expect(approved).toMatchObject({ code: 0, stderr: '' });
    expect(approved.stdout).toMatch(
      /^Checkout [0-9a-f]{8} Change a \(nothing has passed this stage before\)$[^]*^Approved Approve\/Ask of /m,
    );
    expect((await watching.closed).code).toBe(0);
    // oxlint-disable-next-line no-control-regex -- no escape sequence may be in it
    expect(watching.stdout).not.toMatch(/\x1b/);
    const stages = watching.stdout.split('\n').filter((text) => /^\w+\/\w+: (Succeeded|Failed)/.test(text));
    expect(stages.map((text) => text.split(' in ', 1)[0])).toEqual([
      'Source/Checkout: Succeeded',
      'Build/Compile: Succeeded',
      'Approve/Ask: Succeeded',
    ]);
    const logs = await command('logs', 'line');
    expect(logs.stdout).toMatch(/^waiting\n[^]*^went on\n/m);
    const byId = await command('logs', await line.build(id));
    expect(byId.stdout).toBe(logs.stdout);
  });

  it('approve --reject fails the execution, and start --watch tells', async () => {
    const watching = new ProgramRun(['start', 'line', '--watch'], server.env);
    await watching.prints(/^Approve\/Ask: Waits for approval/m);
    expect((await command('approve', 'line', '--reject', '--summary', 'not today')).code).toBe(0);
    expect((await watching.closed).code).toBe(1);
    expect(watching.stdout).toContain('not today');
    expect(watching.stderr).toContain('ended as Failed');
  });

  it('finds server and key in the data folder where the environment says nothing', async () => {
    expect(await pipewright(['logs', 'line', '--data', server.data])).toMatchObject({ code: 0 });
  });

  it('tells what does not exist from a server that does not answer', async () => {
    for (const name of ['start', 'watch', 'approve', 'stop', 'logs']) {
      const absent = await command(name, 'absent');
      expect({ name, code: absent.code }).toEqual({ name, code: 1 });
      expect(absent.stderr).toMatch(/PipelineNotFoundException|has had no execution/);
      const nobody = await pipewright([name, 'line'], { ...server.env, AWS_ENDPOINT_URL: 'http://127.0.0.1:9' });
      expect({ name, code: nobody.code }).toEqual({ name, code: 3 });
      expect(nobody.stderr).toContain('No server answers');
    }
  });
});

describe('lint', () => {
  const lint = (name: string, text: string) => {
    writeFileSync(join(folder, name), text);
    return pipewright(['lint', join(folder, name)]);
  };

  it('is content with what is right', async () => {
    const { code, stdout } = await lint('good.yml', 'version: 0.2\nphases: {build: {commands: [make]}}\n');
    expect(code).toBe(0);
    expect(stdout).toContain('1 file checked, nothing wrong.');
    const example = join(import.meta.dirname, '../../examples/static-site');
    const both = await pipewright(['lint', join(example, 'buildspec.yml'), join(example, 'pipeline.json')]);
    expect(both).toMatchObject({ code: 0, stdout: '2 files checked, nothing wrong.\n' });
  });

  it('shows the place of a mistake in a buildspec', async () => {
    const { code, stdout, stderr } = await lint('bad.yml', 'version: 0.2\nphases:\n  build:\n    commands:\n      - echo "a: b"\n');
    expect(code).toBe(1);
    expect(stdout).toMatch(/bad\.yml:5:\d+/);
    expect(stdout).toMatch(/^>?\s*5 \|.*echo "a: b"\n.*\^+/m);
    expect(stderr).toBe('1 problem found.\n');
  });

  it('shows the place of a mistake in a pipeline, and speaks JSON', async () => {
    const action = (name: string, provider: string) =>
      `{"name":"${name}","actionTypeId":{"category":"Source","owner":"AWS","provider":"${provider}","version":"1"}}`;
    const text = `{"name":"p","roleArn":"arn:aws:iam::000000000000:role/r","artifactStore":{"type":"S3","location":"bkt"},\n"stages":[\n{"name":"A","actions":[${action('X', 'NoSuchThing')}]},\n{"name":"B","actions":[]}]}`;
    const bad = await lint('pipeline.json', text);
    expect(bad.code).toBe(1);
    expect(bad.stdout).toContain('pipeline.json:');
    const json = await pipewright(['lint', '--format', 'json', join(folder, 'pipeline.json')]);
    expect(json.code).toBe(1);
    expect(JSON.parse(json.stdout)).toMatchObject([
      { file: join(folder, 'pipeline.json'), line: expect.any(Number), message: expect.any(String) },
    ]);
  });

  it('cannot read what is not there: exit code 2', async () => {
    expect((await pipewright(['lint', join(folder, 'absent.yml')])).code).toBe(2);
  });
});
