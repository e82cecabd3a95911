import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createClient } from '../../../client/client.ts';
import { ProcessRuntime } from '../../../runtimes/process/runtime.ts';
import type { BuildJob, Phase } from '../../../services/pipewright/api.gen.ts';
import { PhaseLog } from '../../build/phase-log.ts';
import { BuildRun, type BuildResult } from '../../build/run.ts';
import { BuildLog } from '../../output/build-log.ts';
import { bareJob, noReports } from '../../testing/bare-job.ts';

export type Files = Readonly<Record<string, string>>;

function put(root: string, files: Files): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
}

export interface Ran extends BuildResult {
  readonly output: string;
  readonly log: string;
  readonly phases: readonly Phase[];
}

export interface Given {
  readonly files?: Files;
  readonly job?: Partial<BuildJob>;
  readonly onLine?: (line: string, abort: AbortController) => void;
}

/** Builds on this machine, without a server, in a folder of their own. */
export class StepWorld {
  readonly folder = realpathSync(mkdtempSync(join(tmpdir(), 'steps-')));
  readonly #runtime = new ProcessRuntime(this.folder);

  end(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** A repository below the folder of repositories, with one commit tagged v1. */
  repository(name: string, files: Files): void {
    const path = join(this.folder, 'repositories', name);
    put(path, files);
    const git = (...args: string[]) =>
      execFileSync('git', ['-C', path, '-c', 'user.name=Somebody', '-c', 'user.email=somebody@example.com', ...args], { stdio: 'pipe' });
    git('init', '--quiet');
    git('add', '.');
    git('commit', '--quiet', '-m', 'An action');
    git('tag', 'v1');
  }

  async run(buildspec: string, { files = {}, job: more = {}, onLine = () => {} }: Given = {}): Promise<Ran> {
    const abort = new AbortController();
    const lines: string[] = [];
    const log = new BuildLog(({ message }) => {
      lines.push(message);
      onLine(message, abort);
    }, Date.now);
    const phases = new PhaseLog(log, Date.now, () => {});
    const endpoint = 'http://127.0.0.1:1';
    const { s3 } = createClient({ endpoint, region: 'us-east-1' });
    const result = await new BuildRun(bareJob(buildspec, more), {
      runtime: this.#runtime,
      notices: [],
      s3,
      endpoint,
      log,
      phases,
      reports: noReports,
      signal: abort.signal,
      gitProtocols: 'file',
      actionsUrl: `file://${this.folder}/repositories`,
      source: async (directory) => put(directory, files),
    }).run();
    await this.#runtime.destroy('u');
    const output = lines.filter((line) => !line.startsWith('[Container]')).join('');
    return { ...result, output, log: lines.join(''), phases: phases.phases };
  }
}

/** A buildspec whose BUILD has these steps. */
export const build = (steps: string, rest = ''): string =>
  `version: 0.2\nphases:\n  build:\n    steps:\n${steps.trimEnd().replaceAll(/^/gm, '      ')}\n${rest}`;

export const failureOf = (ran: Ran) => ran.phases.find(({ phaseStatus }) => phaseStatus === 'FAILED')?.contexts?.[0];
