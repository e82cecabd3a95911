import { resolve } from 'node:path';
import { Option as Flag, type Command } from 'commander';
import { clientCommand, withClient, type ClientFlags } from './client-command.ts';
import { connection } from './connection.ts';
import { EXIT, Failure } from './failure.ts';
import { serverOptions } from './options.ts';
import type { CliTools } from './tools.ts';

interface Given {
  readonly fleet: string;
  readonly folder: string;
  readonly capacity: string;
  readonly buildRuntime: 'auto' | 'process' | 'docker';
  readonly actionsUrl: string;
}

function capacityOf(text: string): number {
  const given = Number(text);
  if (!/^\d+$/.test(text) || given < 1 || given > 1000)
    throw new Failure(`--capacity takes a number of builds, not '${text}'.`, EXIT.usage);
  return given;
}

async function run(tools: CliTools, command: Command, { fleet, folder, capacity, buildRuntime, actionsUrl }: Given): Promise<void> {
  const ended = tools.interrupted();
  const builds = capacityOf(capacity);
  let arn: string | undefined;
  await withClient(tools, command, async (client) => {
    arn = (await client.codebuild.batchGetFleets({ names: [fleet] })).fleets?.[0]?.arn;
  });
  if (arn === undefined) throw new Failure(`There is no fleet '${fleet}'.`);
  const { data } = command.opts<ClientFlags>();
  const { endpoint, region, key } = connection(tools, data, command.getOptionValueSource('data') === 'cli');
  const options = { endpoint, region, fleetArn: arn, folder: resolve(folder), capacity: builds, buildRuntime, actionsUrl };
  const runner = await tools.fleetRunner({ ...options, ...(key && { key }) });
  tools.stdout.write(`Running builds of ${arn}\n`);
  await ended;
  await runner.close();
}

export function runnerCommand(program: Command, tools: CliTools): void {
  const command = clientCommand(program, 'runner', 'Run the builds of a fleet on this machine, until SIGTERM or Ctrl-C.')
    .requiredOption('--fleet <fleet>', 'The fleet, by name or ARN: from now on its builds run on such runners alone.')
    .requiredOption('--folder <dir>', 'Where it works; one runner at a time holds it.')
    .option('--capacity <builds>', 'How many builds it runs at once.', '4')
    .addOption(new Flag('--build-runtime <runtime>', 'As for `up`.').choices(['auto', 'process', 'docker']).default('auto'))
    .addHelpText(
      'after',
      `
Example:
  $ aws codebuild create-fleet --name gpu --base-capacity 2 --environment-type LINUX_CONTAINER --compute-type BUILD_GENERAL1_LARGE
  $ pipewright runner --fleet gpu --folder ./work`,
    );
  serverOptions(command, tools.env, ['actionsUrl']);
  command.action((given: Given) => run(tools, command, given));
}
