import type { Command } from 'commander';
import type { PipewrightClient } from '../client/client.ts';
import { BuildLogs } from './build-logs.ts';
import { clientCommand, newestExecution, withClient } from './client-command.ts';
import { Failure } from './failure.ts';
import { look } from './look.ts';
import { actionsOf } from './snapshot.ts';
import type { CliTools } from './tools.ts';
import { WakeUps } from './wake-ups.ts';

/** Output raises no events: how often it is looked for, ms. */
const LOOK_MS = 200;

/** A build's id is `PROJECT:UUID`, or an ARN that ends with it; anything else names a pipeline. */
async function buildsOf(client: PipewrightClient, name: string): Promise<readonly string[]> {
  if (name.includes(':')) return [name.slice(name.lastIndexOf('/') + 1)];
  const snapshot = await look(client, name, await newestExecution(client, name));
  const builds = actionsOf(snapshot).flatMap(({ buildId }) => (buildId === undefined ? [] : [buildId]));
  if (builds.length === 0) throw new Failure(`The newest execution of ${name} has started no build yet.`);
  return builds;
}

async function print(tools: CliTools, client: PipewrightClient, id: string): Promise<void> {
  const { builds = [] } = await client.codebuild.batchGetBuilds({ ids: [id] });
  if (!builds[0]) throw new Failure(`There is no build ${id}.`);
  for (const line of await new BuildLogs(client).news(id)) tools.stdout.write(`${line}\n`);
}

/** Prints a build's output as it comes, until the build has ended; fails unless it succeeded. */
async function followBuild(tools: CliTools, client: PipewrightClient, id: string): Promise<void> {
  const logs = new BuildLogs(client);
  const wakeUps = new WakeUps(client, ({ source, detail }) => source === 'aws.codebuild' && String(detail['build-id']).endsWith(`/${id}`));
  try {
    for (;;) {
      const { builds = [] } = await client.codebuild.batchGetBuilds({ ids: [id] });
      const build = builds[0];
      if (!build) throw new Failure(`There is no build ${id}.`);
      for (const line of await logs.news(id)) tools.stdout.write(`${line}\n`);
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
    .addHelpText(
      'after',
      '\nExamples:\n  $ pipewright logs my-pipeline --follow\n  $ pipewright logs my-project:01a1fcca-7d91-7000-9563-dd45af761b55',
    )
    .action((name: string, given: { follow?: boolean }, command: Command) =>
      withClient(tools, command, async (client) => {
        for (const id of await buildsOf(client, name)) await (given.follow ? followBuild(tools, client, id) : print(tools, client, id));
      }),
    );
}
