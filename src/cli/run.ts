import { resolve } from 'node:path';
import type { Command } from 'commander';
import { serverOptions, settingsOf } from './options.ts';
import { EXIT, Failure } from './failure.ts';
import { painter, type Paint } from './paint.ts';
import type { CliTools, LocalBuild } from './tools.ts';

interface Variable {
  readonly name: string;
  readonly value: string;
}

interface Given {
  readonly env?: readonly Variable[];
  readonly artifacts?: string;
  readonly timeout: string;
  readonly actionsUrl: string;
  readonly directory: string;
  readonly pipeline?: string;
  readonly project?: ReadonlyMap<string, string>;
  readonly image: string;
  readonly yes?: boolean;
}

function variable(text: string, before: readonly Variable[] = []): readonly Variable[] {
  const equals = text.indexOf('=');
  if (equals < 1) throw new Failure(`--env takes NAME=VALUE, not '${text}'.`, EXIT.usage);
  return [...before, { name: text.slice(0, equals), value: text.slice(equals + 1) }];
}

function project(text: string, before: ReadonlyMap<string, string> = new Map()): ReadonlyMap<string, string> {
  const equals = text.indexOf('=');
  if (equals < 1) throw new Failure(`--project takes NAME=BUILDSPEC, not '${text}'.`, EXIT.usage);
  return new Map([...before, [text.slice(0, equals), text.slice(equals + 1)]]);
}

function minutes(text: string): number {
  const given = Number(text);
  if (!/^\d+$/.test(text) || given < 1) throw new Failure(`--timeout takes minutes, not '${text}'.`, EXIT.usage);
  return given * 60_000;
}

/** How long each phase took, what the tests said, and how it ended. */
function summary({ status, phases, reports, exported }: LocalBuild, paint: Paint): string {
  const lines = [
    '',
    ...phases.flatMap(({ phaseType, phaseStatus, startTime, endTime }) => {
      const ms = (endTime ?? startTime) - startTime;
      return `  ${phaseType.padEnd(17)} ${String(phaseStatus).padEnd(10)} ${(ms / 1000).toFixed(2)} s`;
    }),
  ];
  for (const { name, totals, failed } of reports) {
    const { tests, coverage } = totals;
    if (tests) lines.push(`  report ${name}: ${tests.total} test cases, ${failed.length} failed`);
    if (coverage) lines.push(`  report ${name}: ${coverage.linesCovered} of ${coverage.linesCovered + coverage.linesMissed} lines covered`);
    for (const test of failed) lines.push(`    ${test.name}${test.message === undefined ? '' : `: ${test.message.split('\n', 1)[0]}`}`);
  }
  for (const { name, value } of exported) lines.push(`  exported ${name}=${value}`);
  lines.push(`  ${paint(status === 'SUCCEEDED' ? 'good' : 'bad', status)}`);
  return `${lines.join('\n')}\n`;
}

async function runBuild(tools: CliTools, buildspec: string | undefined, given: Given): Promise<void> {
  const stopped = new AbortController();
  void tools.interrupted().then(() => stopped.abort());
  const build = await tools.localBuild({
    folder: resolve(given.directory),
    ...(buildspec !== undefined && { buildspec }),
    ...(given.artifacts !== undefined && { artifacts: resolve(given.artifacts) }),
    variables: given.env ?? [],
    actionsUrl: given.actionsUrl,
    timeoutMs: minutes(given.timeout),
    signal: stopped.signal,
    print: (text) => void tools.stdout.write(text),
  });
  tools.stdout.write(summary(build, painter(tools)));
  if (build.status !== 'SUCCEEDED') throw new Failure(`The build ended as ${build.status}.`);
}

async function runWhole(tools: CliTools, file: string, given: Given & Record<string, unknown>): Promise<void> {
  const { runPipeline } = await import('./local-pipeline/run.ts');
  await runPipeline(tools, {
    file,
    folder: resolve(given.directory),
    outputs: given.artifacts === undefined ? undefined : resolve(given.artifacts),
    yes: given.yes ?? false,
    settings: settingsOf(given),
    wish: {
      buildspecs: given.project ?? new Map(),
      image: given.image,
      variables: given.env ?? [],
      timeoutMinutes: minutes(given.timeout) / 60_000,
    },
  });
}

const SERVER_OPTIONS = ['buildRuntime', 'buildNetwork', 'buildImages', 'actionsUrl'] as const;

export function runCommand(program: Command, tools: CliTools): void {
  const command = program
    .command('run [buildspec]')
    .description('Run a build, or a whole pipeline, of the work tree here, uncommitted changes and all; no server is needed.')
    .option('--directory <dir>', 'The work tree.', '.')
    .option('--env <name=value>', 'An environment variable of the build; may be given again.', variable)
    .option('--artifacts <dir>', 'Keep what the buildspec names as artifacts there.')
    .option('--timeout <minutes>', 'Stop the build after so long.', '60')
    .option('--pipeline <file>', 'Run this pipeline (JSON, or YAML as the AWS CLI takes it) instead of one build.')
    .option(
      '--project <name=buildspec>',
      'With --pipeline: the buildspec of a project, where it is not buildspec.yml; may be given again.',
      project,
    )
    .option('--image <image>', 'With --pipeline: the image of its builds.', 'host')
    .option('--yes', 'With --pipeline: give approvals without asking.')
    .addHelpText(
      'after',
      `
The build sees a copy of the work tree without what git ignores, and none of your environment. Exits with 0 when it succeeded and 1 when it did not.

Examples:
  $ pipewright run
  $ pipewright run ci/test.yml --env STAGE=dev --artifacts out
  $ pipewright run --pipeline pipeline.json --project unit-tests=ci/test.yml --yes

With --pipeline all its sources are the work tree, its builds' projects are made up, its buckets become folders, and what it makes lies in the
folder of --artifacts, or in a temporary one.`,
    )
    .action((buildspec: string | undefined, given: Given & Record<string, unknown>) => {
      if (given.pipeline === undefined) return runBuild(tools, buildspec, given);
      if (buildspec !== undefined) throw new Failure('With --pipeline buildspecs are given by --project NAME=BUILDSPEC.', EXIT.usage);
      return runWhole(tools, given.pipeline, given);
    });
  serverOptions(command, tools.env, SERVER_OPTIONS);
}
