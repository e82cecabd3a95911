import { PutFileCommand } from '@aws-sdk/client-codecommit';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Clients } from '../support/clients.ts';
import { createLine, Line } from '../support/line.ts';
import { pipewright, StartedServer } from '../support/server.ts';

let server: StartedServer;
let aws: Clients;
let line: Line;
const commits: string[] = [];
beforeAll(async () => {
  server = await StartedServer.start();
  aws = new Clients(server);
  line = new Line(server, aws, 'site');
  await createLine(aws, {
    name: 'site',
    buildspec: 'version: 0.2\nphases:\n  build:\n    commands:\n      - echo built\n',
    approval: true,
  });
});
afterAll(async () => {
  aws.close();
  await server.end();
});

const command = (...args: string[]) => pipewright(args, server.env);
const ok = async (...args: string[]) => {
  const { code, stdout, stderr } = await command(...args);
  expect({ args, code, stderr }).toEqual({ args, code: 0, stderr: '' });
  return stdout;
};

/** A commit of one file; answers the execution that it starts. */
async function change(name: string): Promise<string> {
  const parentCommitId = commits.at(-1);
  const put = new PutFileCommand({
    repositoryName: 'site',
    branchName: 'main',
    filePath: name,
    fileContent: Buffer.from(`${name}\n`),
    commitMessage: `Add ${name}`,
    name: 'Ann',
    ...(parentCommitId !== undefined && { parentCommitId }),
  });
  const { commitId } = await aws.codecommit.send(put);
  commits.push(commitId!);
  return line.execution(commitId!);
}

/** What `approve --show` says, once it says this. */
const shows = (pattern: RegExp) =>
  server.until(`an approval that shows ${pattern.source}`, async () => {
    const { stdout } = await command('approve', 'site', '--show');
    return pattern.test(stdout) && stdout;
  });

let first: string;
let third: string;

it('approve names the commits since the last success, and lets the newest in instead', async () => {
  expect(await ok('why', 'site')).toContain('The pipeline has never run.');
  first = await change('a');
  expect(await shows(new RegExp(first))).toMatch(/^Checkout [0-9a-f]{8} Add a \(nothing has passed this stage before\)$/m);
  expect(await ok('approve', 'site')).toContain(`Approved Approve/Ask of ${first}`);
  expect(await line.end(first)).toBe('Succeeded');
  const second = await change('b');
  expect(await shows(new RegExp(second))).toMatch(/^ {2}[0-9a-f]{8} \S+ Ann: Add b\n {2}b {2}\+1 -0$/m);
  third = await change('c');
  expect(await shows(/A newer execution waits/)).toContain(`A newer execution waits behind it: ${third}`);
  expect(await ok('why', 'site')).toMatch(
    new RegExp(`${third} waits at the entrance of the stage Approve: the execution ${second} is in it`),
  );
  expect(await ok('approve', 'site', '--newest')).toContain(`Stopped ${second}\n${third} is let in`);
  expect(await line.end(second)).toBe('Stopped');
  expect(await shows(new RegExp(`of ${third} waits`))).toMatch(
    /^Checkout [0-9a-f]{8} 2 commits since [0-9a-f]{8} passed this stage: 2 files changed, \+2 -0$/m,
  );
  await ok('approve', 'site', '--summary', 'good');
  expect(await line.end(third)).toBe('Succeeded');
  expect((await command('approve', 'site', '--newest')).stderr).toContain('No approval waits in site');
});

it('replay goes through it again on what it was then, and the approval says that it goes back', async () => {
  const id = (await ok('replay', 'site', first)).trim();
  const shown = await shows(new RegExp(id));
  expect(shown).toMatch(/^Checkout [0-9a-f]{8} goes back from [0-9a-f]{8}, which passed this stage last: 2 commits taken away/m);
  await ok('approve', 'site');
  expect(await line.end(id)).toBe('Succeeded');
  expect((await line.actions(id)).map(({ actionName }) => actionName)).toEqual(['Ask', 'Compile']);
  expect((await command('replay', 'site', first, '--stage', 'Nowhere')).code).toBe(1);
});

it('rerun runs one action alone', async () => {
  const watched = await ok('rerun', 'site', 'Build/Compile', '--execution', first, '--watch');
  expect(watched).toMatch(/^Build\/Compile: Succeeded in /m);
  expect(watched).not.toContain('Approve/Ask');
  expect((await command('rerun', 'site', 'Build/Absent')).stderr).toContain('has not run to its end');
  expect((await command('rerun', 'site', 'Build')).code).toBe(2);
});

it('why, timing and figures tell what was', async () => {
  const why = await ok('why', 'site');
  expect(why).toMatch(/^Now\n {2}Nothing runs, and nothing waits\.$/m);
  expect(why).toContain('was stopped at the stage Approve');
  expect(why).toContain('No EventBridge rule targets the pipeline.');
  const timing = await ok('timing', 'site', first);
  for (const what of [
    'Source/Checkout',
    'Build/Compile/BUILD',
    'Build/Compile/PROVISIONING',
    'Approve/Ask',
    'waiting for people',
    'in all',
  ])
    expect(timing).toContain(what);
  const { spans, totalMillis } = JSON.parse(await ok('timing', 'site', first, '--json')) as {
    spans: { millis: number }[];
    totalMillis: number;
  };
  expect(spans.reduce((sum, { millis }) => sum + millis, 0)).toBe(totalMillis);
  const figures = JSON.parse(await ok('figures', 'site', '--json')) as { overall: object };
  expect(figures.overall).toMatchObject({
    executions: 4,
    succeeded: 3,
    stopped: 1,
    changeFailureRate: 0,
    leadTime: { count: 2 },
    leadTimesFromStart: 0,
  });
  expect(await ok('figures')).toMatch(/^site +3 /m);
  expect((await command('figures', '--days', 'many')).code).toBe(2);
});

it.each(['replay', 'why', 'timing', 'rerun', 'figures'])('%s says what is not there, and that nobody answers', async (name) => {
  const more = { replay: ['x'], rerun: ['A/B'] }[name] ?? [];
  const absent = await command(name, 'absent', ...more);
  expect({ code: absent.code, stderr: absent.stderr }).toEqual({ code: 1, stderr: expect.stringContaining('PipelineNotFoundException') });
  expect((await pipewright([name, 'site', ...more], { ...server.env, AWS_ENDPOINT_URL: 'http://127.0.0.1:9' })).code).toBe(3);
});
