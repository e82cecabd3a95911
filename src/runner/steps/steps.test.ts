import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createClient } from '../../client/client.ts';
import { ProcessRuntime } from '../../runtimes/process/runtime.ts';
import type { BuildJob, Phase } from '../../services/pipewright/api.gen.ts';
import { PhaseLog } from '../build/phase-log.ts';
import { BuildRun, type BuildResult } from '../build/run.ts';
import { BuildLog } from '../output/build-log.ts';
import type { ReportCalls } from '../reports/calls.ts';

let folder: string;
let runtime: ProcessRuntime;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'steps-'));
  runtime = new ProcessRuntime(folder);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

type Files = Readonly<Record<string, string>>;

function put(root: string, files: Files): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
}

/** A repository below the folder of repositories, with one commit tagged v1. */
function repository(name: string, files: Files): void {
  const path = join(folder, 'repositories', name);
  put(path, files);
  const git = (...args: string[]) =>
    execFileSync('git', ['-C', path, '-c', 'user.name=Somebody', '-c', 'user.email=somebody@example.com', ...args], { stdio: 'pipe' });
  git('init', '--quiet');
  git('add', '.');
  git('commit', '--quiet', '-m', 'An action');
  git('tag', 'v1');
}

const job = (buildspec: string, more: Partial<BuildJob>): BuildJob => ({
  buildArn: 'arn:aws:codebuild:us-east-1:000000000000:build/p:u',
  epoch: 1,
  buildId: 'p:u',
  buildNumber: 7,
  projectName: 'p',
  account: '000000000000',
  region: 'us-east-1',
  initiator: 'root',
  startTime: 0,
  deadline: 0,
  buildspec,
  source: { kind: 'NO_SOURCE' },
  secondarySources: [],
  artifacts: [],
  secondaryArtifacts: [],
  variables: [],
  builtinVariables: [],
  logged: true,
  environment: { type: 'LINUX_CONTAINER', computeType: 'BUILD_GENERAL1_SMALL' },
  ...more,
});

const unwanted = () => Promise.reject(new Error('no report is wanted here'));
const noReports: ReportCalls = { create: unwanted, testCases: unwanted, coverages: unwanted, complete: unwanted };

interface Ran extends BuildResult {
  readonly output: string;
  readonly log: string;
  readonly phases: readonly Phase[];
}

interface Given {
  readonly files?: Files;
  readonly job?: Partial<BuildJob>;
  readonly onLine?: (line: string, abort: AbortController) => void;
}

async function run(buildspec: string, { files = {}, job: more = {}, onLine = () => {} }: Given = {}): Promise<Ran> {
  const abort = new AbortController();
  const lines: string[] = [];
  const log = new BuildLog(({ message }) => {
    lines.push(message);
    onLine(message, abort);
  }, Date.now);
  const phases = new PhaseLog(log, Date.now, () => {});
  const endpoint = 'http://127.0.0.1:1';
  const { s3 } = createClient({ endpoint, region: 'us-east-1' });
  const result = await new BuildRun(job(buildspec, more), {
    runtime,
    notices: [],
    s3,
    endpoint,
    log,
    phases,
    reports: noReports,
    signal: abort.signal,
    gitProtocols: 'file',
    actionsUrl: `file://${folder}/repositories`,
    source: async (directory) => put(directory, files),
  }).run();
  await runtime.destroy('u');
  const output = lines.filter((line) => !line.startsWith('[Container]')).join('');
  return { ...result, output, log: lines.join(''), phases: phases.phases };
}

const build = (steps: string, rest = ''): string =>
  `version: 0.2\nphases:\n  build:\n    steps:\n${steps.trimEnd().replaceAll(/^/gm, '      ')}\n${rest}`;

const failureOf = (ran: Ran) => ran.phases.find(({ phaseStatus }) => phaseStatus === 'FAILED')?.contexts?.[0];

describe('steps of a phase', () => {
  it('run one after the other, each in a shell of its own', async () => {
    const ran = await run(build('- run: |\n    cd /\n    X=lost\n- run: echo "${X:-none} $(basename "$PWD") $GITHUB_ACTIONS"\n'));
    expect(ran.output).toBe('none src true\n');
    expect(ran.status).toBe('SUCCEEDED');
  });

  it('fail the phase with AWS’s context, and leave out those after them', async () => {
    const ran = await run(build('- name: Bad\n  run: exit 3\n- run: echo never\n- if: failure()\n  run: echo afterwards\n'));
    expect(ran.output).toBe('afterwards\n');
    expect(failureOf(ran)).toEqual({
      statusCode: 'COMMAND_EXECUTION_ERROR',
      message: 'Error while executing step: Bad. Reason: exit status 3',
    });
  });
});
