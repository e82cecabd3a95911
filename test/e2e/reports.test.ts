import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PutFileCommand } from '@aws-sdk/client-codecommit';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { awsCli } from '../support/aws-cli.ts';
import { Clients } from '../support/clients.ts';
import { createLine, Line } from '../support/line.ts';
import { pipewright, ProgramRun, StartedServer } from '../support/server.ts';

const JUNIT = `<testsuite name="cart">
<testcase classname="cart" name="adds" time="0.5"/>
<testcase classname="cart" name="refuses zero" time="0.25"><failure message="expected 0">got 1&#27;[2J
at cart.js:3
4
5
6
7</failure></testcase>
<testcase classname="cart" name="breaks"><error message="no database"/></testcase>
<testcase classname="cart" name="later"><skipped/></testcase>
</testsuite>`;
const CLOVER = `<coverage><project><file path="cart.js"><metrics statements="4" coveredstatements="3" conditionals="2" coveredconditionals="1"/></file></project></coverage>`;
const BUILDSPEC = JSON.stringify({
  version: '0.2',
  phases: { build: { commands: [`cat > unit.xml <<'XML'\n${JUNIT}\nXML`, `echo '${CLOVER}' > clover.xml`, 'echo tested'] } },
  reports: { unit: { files: ['unit.xml'] }, lines: { files: ['clover.xml'], 'file-format': 'CLOVERXML' } },
});
const FAILED = '✗ cart refuses zero\n    expected 0\n    got 1\n    at cart.js:3\n    4\n    5\n✗ cart breaks\n    no database\n';
const TOTALS =
  '✗ line-unit: 1 failed, 1 in error, 1 passed, 1 skipped in 0.8s\n✓ line-lines: 75% of lines (3 of 4), 50% of branches (1 of 2)\n';

let server: StartedServer;
let aws: Clients;
let folder: string;
let line: Line;
let execution: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'reports-'));
  server = await StartedServer.start();
  aws = new Clients(server);
  line = new Line(server, aws, 'line');
  await createLine(aws, { name: 'line', buildspec: BUILDSPEC });
  const file = { repositoryName: 'line', branchName: 'main', filePath: 'a', fileContent: Buffer.from('a') };
  const { commitId } = await aws.codecommit.send(new PutFileCommand({ ...file, commitMessage: 'Change a' }));
  execution = await line.execution(commitId!);
  await line.end(execution);
});
afterAll(async () => {
  aws.close();
  await server.end();
  rmSync(folder, { recursive: true });
});

it('logs and watch say at the end how the tests went, what failed first', async () => {
  const build = await line.build(execution);
  const logs = await pipewright(['logs', build], server.env);
  expect(logs.code).toBe(0);
  expect(logs.stdout.endsWith(`\n${FAILED}${TOTALS}`)).toBe(true);
  const followed = await pipewright(['logs', 'line', '--follow'], server.env);
  expect(followed.stdout).toBe(logs.stdout);
  const watching = new ProgramRun(['watch', 'line', '--execution', execution, '--no-logs'], server.env);
  expect((await watching.closed).code).toBe(0);
  expect(watching.stdout.endsWith(`Succeeded\n\n${FAILED}${TOTALS}`)).toBe(true);
});

it('reports shows all of it', async () => {
  const whole = await pipewright(['reports', 'line'], server.env);
  expect(whole).toEqual({ code: 0, stderr: '', stdout: `${FAILED.replace('    5\n', '    5\n    6\n    7\n')}${TOTALS}` });
  expect((await pipewright(['reports', await line.build(execution)], server.env)).stdout).toBe(whole.stdout);
});

it('AWS’s CLI reads them', async () => {
  const json = async <T>(...args: string[]): Promise<T> => {
    const options = { endpoint: server.endpoint, key: server.key, cwd: folder, env: { PYTHONUTF8: '1' } };
    const { stdout, stderr } = await awsCli('v2', ['codebuild', ...args], options);
    expect(stderr).toBe('');
    return JSON.parse(stdout) as T;
  };
  const arn = 'arn:aws:codebuild:us-east-1:000000000000:report-group/line-unit';
  expect(await json('list-report-groups', '--sort-by', 'NAME')).toEqual({ reportGroups: [arn.replace('unit', 'lines'), arn] });
  const { reports } = await json<{ reports: string[] }>('list-reports-for-report-group', '--report-group-arn', arn);
  const shown = await json<{ reports: unknown[] }>('batch-get-reports', '--report-arns', ...reports);
  expect(shown.reports).toMatchObject([{ status: 'FAILED', testSummary: { total: 4, statusCounts: { FAILED: 1, ERROR: 1 } } }]);
  const { testCases } = await json<{ testCases: unknown[] }>(
    'describe-test-cases',
    '--report-arn',
    reports[0]!,
    '--filter',
    'keyword=zero',
  );
  expect(testCases).toMatchObject([{ name: 'refuses zero', prefix: 'cart', durationInNanoSeconds: 250_000_000 }]);
  expect(await json('get-report-group-trend', '--report-group-arn', arn, '--trend-field', 'TOTAL')).toEqual({
    stats: { average: '4', max: '4', min: '4' },
    rawData: [{ reportArn: reports[0], data: '4' }],
  });
});
