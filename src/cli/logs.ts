import type { Command } from 'commander';
import type { PipewrightClient } from '../client/client.ts';
import { buildSummary, CommandLog } from './build-summary.ts';
import { BuildLogs } from './build-logs.ts';
import { buildsOf } from './builds-of.ts';
import { clientCommand, withClient } from './client-command.ts';
import { Failure } from './failure.ts';
import { painter } from './paint.ts';
import { printBrief } from './reports.ts';
import type { CliTools } from './tools.ts';
import { WakeUps } from './wake-ups.ts';

/** Output raises no events: how often it is looked for, ms. */
const LOOK_MS = 200;

interface Named {
  readonly id: string;
  /** How to see all that its tests say. */
  readonly more: string;
}

async function print(tools: CliTools, client: PipewrightClient, { id, more }: Named): Promise<void> {
  const { builds = [] } = await client.codebuild.batchGetBuilds({ ids: [id] });
  if (!builds[0]) throw new Failure(`There is no build ${id}.`);
  await new BuildLogs(client).each(id, printer(tools));
  await printBrief(tools, client, id, more);
}

/** Prints no faster than it is read. */
const printer =
  ({ stdout }: CliTools) =>
  (line: string): void | Promise<void> => {
    if (!stdout.write(`${line}\n`)) return new Promise((resolve) => stdout.once('drain', resolve));
  };

/** Prints a build's phases and commands with their times and exit codes. */
export async function summarise(tools: CliTools, client: PipewrightClient, id: string): Promise<void> {
  const { builds = [] } = await client.codebuild.batchGetBuilds({ ids: [id] });
  if (!builds[0]) throw new Failure(`There is no build ${id}.`);
  const log = new CommandLog();
  await new BuildLogs(client).each(id, (line) => log.event(line));
  tools.stdout.write(`${buildSummary(builds[0], log.commands, painter(tools)).join('\n')}\n`);
}

/** Prints a build's output as it comes, until the build has ended; fails unless it succeeded. */
export async function followBuild(tools: CliTools, client: PipewrightClient, { id, more }: Named): Promise<void> {
  const logs = new BuildLogs(client);
  const wakeUps = new WakeUps(client, ({ source, detail }) => source === 'aws.codebuild' && String(detail['build-id']).endsWith(`/${id}`));
  try {
    for (;;) {
      const { builds = [] } = await client.codebuild.batchGetBuilds({ ids: [id] });
      const build = builds[0];
      if (!build) throw new Failure(`There is no build ${id}.`);
      await logs.each(id, printer(tools));
      if (build.buildComplete) await printBrief(tools, client, id, more);
      if (build.buildComplete && build.buildStatus !== 'SUCCEEDED') throw new Failure(`Build ${id} ended as ${build.buildStatus}.`);
      if (build.buildComplete) return;
      await wakeUps.next(LOOK_MS);
    }
  } finally {
    wakeUps.close();
  }
}

export function logsCommand(program: Command, tools: CliTools): void {
  clientCommand(program, 'logs <build-or-pipeline>', 'Print what a build printed, or the builds of a pipeline’s newest execution.')
    .option('-f, --follow', 'Go on until the build has ended; exit 1 if it did not succeed.')
    .option(
      '--summary',
      'Phases and commands in place of the output: how long they took, how they ended, how much they printed; with --follow after it.',
    )
    .addHelpText(
      'after',
      '\nExamples:\n  $ pipewright logs my-pipeline --follow\n  $ pipewright logs my-project:01a1fcca-7d91-7000-9563-dd45af761b55 --summary',
    )
    .action((name: string, given: { follow?: boolean; summary?: boolean }, command: Command) =>
      withClient(tools, command, async (client, suggest) => {
        for (const id of await buildsOf(client, name)) {
          const named = { id, more: suggest(`reports ${id}`) };
          try {
            if (given.follow) await followBuild(tools, client, named);
            else if (!given.summary) await print(tools, client, named);
          } finally {
            if (given.summary) await summarise(tools, client, id);
          }
        }
      }),
    );
}
