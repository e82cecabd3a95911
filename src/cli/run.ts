import { resolve } from 'node:path';
import type { Command } from 'commander';
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
  readonly directory: string;
}

function variable(text: string, before: readonly Variable[] = []): readonly Variable[] {
  const equals = text.indexOf('=');
  if (equals < 1) throw new Failure(`--env takes NAME=VALUE, not '${text}'.`, EXIT.usage);
  return [...before, { name: text.slice(0, equals), value: text.slice(equals + 1) }];
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
    timeoutMs: minutes(given.timeout),
    signal: stopped.signal,
    print: (text) => void tools.stdout.write(text),
  });
  tools.stdout.write(summary(build, painter(tools)));
  if (build.status !== 'SUCCEEDED') throw new Failure(`The build ended as ${build.status}.`);
}

export function runCommand(program: Command, tools: CliTools): void {
  program
    .command('run [buildspec]')
    .description('Run a build of the work tree here, uncommitted changes and all; no server is needed.')
    .option('--directory <dir>', 'The work tree.', '.')
    .option('--env <name=value>', 'An environment variable of the build; may be given again.', variable)
    .option('--artifacts <dir>', 'Keep what the buildspec names as artifacts there.')
    .option('--timeout <minutes>', 'Stop the build after so long.', '60')
    .addHelpText(
      'after',
      `
The build sees a copy of the work tree without what git ignores, and none of your environment. Exits with 0 when it succeeded and 1 when it did not.

Examples:
  $ pipewright run
  $ pipewright run ci/test.yml --env STAGE=dev --artifacts out`,
    )
    .action((buildspec: string | undefined, given: Given) => runBuild(tools, buildspec, given));
}
