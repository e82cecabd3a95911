import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ProcessRuntime, type IsolationMode } from '../../runtimes/process/runtime.ts';
import type { ArtifactTarget, BuildJob, Phase, TestCase } from '../../services/pipewright/api.gen.ts';
import { PhaseLog } from '../build/phase-log.ts';
import { BuildRun, type BuildResult } from '../build/run.ts';
import { BuildLog } from '../output/build-log.ts';
import type { ReportCalls, ReportTotals } from '../reports/calls.ts';
import { notIsolated } from '../runtimes.ts';
import { folderStore } from './folder-store.ts';
import { copyWorkTree } from './work-tree.ts';

export interface LocalBuildOptions {
  /** The work tree. */
  readonly folder: string;
  /** A buildspec's path below it, or undefined for buildspec.yml. */
  readonly buildspec?: string;
  readonly variables: readonly { readonly name: string; readonly value: string }[];
  /** Where artifacts go; nothing is kept where it is undefined. */
  readonly artifacts?: string;
  /** As of the server's --build-isolation; auto where it is absent. */
  readonly isolation?: IsolationMode;
  /** Where the repositories of GitHub Actions are. */
  readonly actionsUrl: string;
  /** Milliseconds. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  print(text: string): void;
}

export interface LocalReport {
  readonly name: string;
  readonly totals: ReportTotals;
  readonly failed: readonly TestCase[];
}

export interface LocalBuild {
  readonly status: BuildResult['status'];
  readonly phases: readonly Phase[];
  readonly exported: BuildResult['exported'];
  readonly reports: readonly LocalReport[];
}

/** Epoch milliseconds with their fraction. */
const now = (): number => performance.timeOrigin + performance.now();

const ID = 'local';

function jobOf({ buildspec, variables, artifacts, timeoutMs }: LocalBuildOptions): BuildJob {
  const start = Math.floor(now());
  const target: ArtifactTarget = { kind: 'S3', bucket: 'artifacts', name: 'artifacts.zip', packaging: 'ZIP', overrideName: false };
  const builtin = {
    CODEBUILD_BUILD_ID: `${ID}:${ID}`,
    CODEBUILD_BUILD_NUMBER: '1',
    CODEBUILD_BUILD_IMAGE: 'host',
    CODEBUILD_INITIATOR: 'pipewright run',
    CODEBUILD_START_TIME: String(start),
  };
  return {
    buildArn: `arn:aws:codebuild:us-east-1:000000000000:build/${ID}:${ID}`,
    epoch: 1,
    buildId: `${ID}:${ID}`,
    buildNumber: 1,
    projectName: ID,
    account: '000000000000',
    region: 'us-east-1',
    initiator: 'pipewright run',
    startTime: start,
    deadline: start + timeoutMs,
    image: 'host',
    ...(buildspec !== undefined && { buildspec }),
    source: { kind: 'NO_SOURCE' },
    secondarySources: [],
    artifacts: artifacts === undefined ? [] : [target],
    secondaryArtifacts: [],
    variables,
    builtinVariables: Object.entries(builtin).map(([name, value]) => ({ name, value })),
    logged: true,
    environment: { type: 'LINUX_CONTAINER', computeType: 'BUILD_GENERAL1_SMALL' },
  };
}

/** Reports of a build that nobody keeps: gathered for its end. */
function gather(): { readonly calls: ReportCalls; readonly reports: () => readonly LocalReport[] } {
  const found = new Map<string, { name: string; totals: ReportTotals; failed: TestCase[] }>();
  const calls: ReportCalls = {
    async create(name) {
      found.set(name, { name, totals: {} as ReportTotals, failed: [] });
      return { reportArn: name };
    },
    async testCases(report, _position, cases) {
      found.get(report)!.failed.push(...cases.filter(({ status }) => status === 'FAILED' || status === 'ERROR'));
    },
    async coverages() {},
    async complete(report, totals) {
      found.get(report)!.totals = totals;
    },
  };
  return { calls, reports: () => [...found.values()] };
}

/** Runs the build of a work tree, uncommitted changes and all, as the runner does, without a server. */
export async function localBuild(options: LocalBuildOptions): Promise<LocalBuild> {
  const work = mkdtempSync(join(tmpdir(), 'pipewright-run-'));
  const runtime = new ProcessRuntime(work, { isolation: options.isolation ?? 'auto' });
  const log = new BuildLog(({ message }) => options.print(message), now);
  const phases = new PhaseLog(log, now, () => {});
  const { calls, reports } = gather();
  const timeout = new AbortController();
  const timer = setTimeout(() => timeout.abort('TIMED_OUT'), options.timeoutMs);
  const stop = () => timeout.abort('STOPPED');
  options.signal.addEventListener('abort', stop, { once: true });
  try {
    await runtime.warm();
    const detected = await runtime.isolation();
    const run = new BuildRun(jobOf(options), {
      runtime,
      notices: 'missing' in detected ? [notIsolated(detected.missing)] : [],
      s3: folderStore(options.artifacts ?? work),
      endpoint: 'http://localhost',
      log,
      phases,
      reports: calls,
      signal: timeout.signal,
      actionsUrl: options.actionsUrl,
      source: (directory) => copyWorkTree(options.folder, directory),
    });
    const { status, exported } = await run.run();
    return { status, phases: phases.phases, exported, reports: reports() };
  } finally {
    clearTimeout(timer);
    options.signal.removeEventListener('abort', stop);
    await runtime.destroy(ID);
    rmSync(work, { recursive: true, force: true });
  }
}
