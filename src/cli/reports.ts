import type { Command } from 'commander';
import type { PipewrightClient } from '../client/client.ts';
import { buildsOf } from './builds-of.ts';
import { clientCommand, withClient } from './client-command.ts';
import { Failure } from './failure.ts';
import { painter } from './paint.ts';
import { BRIEF, LONG, reportsOfBuild, resultLines } from './test-results.ts';
import type { CliTools } from './tools.ts';

/** Writes how the tests of a build went, at the end of something else; nothing where it made no reports. */
export async function printBrief(tools: CliTools, client: PipewrightClient, buildId: string, more: string): Promise<void> {
  const reports = await reportsOfBuild(client, buildId, BRIEF.cases);
  if (reports.length === 0) return;
  for (const line of ['', ...resultLines(reports, { ...BRIEF, paint: painter(tools), more })]) tools.stdout.write(`${line}\n`);
}

async function print(tools: CliTools, client: PipewrightClient, name: string): Promise<void> {
  let found = false;
  for (const buildId of await buildsOf(client, name)) {
    const reports = await reportsOfBuild(client, buildId, LONG.cases);
    found ||= reports.length > 0;
    for (const line of resultLines(reports, { ...LONG, paint: painter(tools), more: '' })) tools.stdout.write(`${line}\n`);
  }
  if (!found) throw new Failure(`${name} has made no reports. Builds make them as the section reports of their buildspec says.`);
}

export function reportsCommand(program: Command, tools: CliTools): void {
  clientCommand(
    program,
    'reports <build-or-pipeline>',
    'Show how the tests of a build went, or of the builds of a pipeline’s newest execution.',
  )
    .addHelpText(
      'after',
      '\nExamples:\n  $ pipewright reports my-pipeline\n  $ pipewright reports my-project:01a1fcca-7d91-7000-9563-dd45af761b55',
    )
    .action((name: string, _given: object, command: Command) => withClient(tools, command, (client) => print(tools, client, name)));
}
