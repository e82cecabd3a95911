import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Command } from 'commander';
import { createClient } from '../client/client.ts';
import { OPTIONS, type Settings } from '../kernel/options.ts';
import { EXIT, Failure } from './failure.ts';
import { serverOptions, settingsOf } from './options.ts';
import { requireGit } from './quickstart-git.ts';
import { siteAddresses, whatNext } from './quickstart-next.ts';
import { deliver, type Site } from './quickstart-run.ts';
import type { CliTools, RunningServer } from './tools.ts';

interface Given extends Record<string, unknown> {
  readonly yes?: boolean;
  readonly keep?: boolean;
}

export function quickstartCommand(program: Command, tools: CliTools, example: string): void {
  const command = program
    .command('quickstart')
    .description('See the main job run: a push becomes a build, an approval and a deployed site.');
  serverOptions(command, tools.env);
  command
    .option('--yes', 'Give the approval without asking, and end when the site is there.')
    .option('--keep', 'With --yes: go on serving afterwards, until Ctrl-C.')
    .addHelpText(
      'after',
      `
It starts a server, creates through the public API what examples/static-site needs (repository, buckets, roles, build project, pipeline),
pushes the example with git, follows the execution to the deployed site, and goes on serving. Without --data everything lies in a
temporary folder that goes when it ends.

Examples:
  $ pipewright quickstart
  $ pipewright quickstart --data ~/.pipewright   # and keep it all
  $ pipewright quickstart --yes --port 0         # in CI: exit 0 if the site answers`,
    )
    .action((given: Given, self: Command) => quickstart(tools, example, given, self));
}

async function quickstart(tools: CliTools, example: string, given: Given, self: Command): Promise<void> {
  requireGit(tools.env);
  if (!given.yes && !tools.stdin.isTTY) {
    throw new Failure('The quickstart asks for an approval, and there is no terminal to ask on: use --yes to give it.', EXIT.usage);
  }
  const temporary = self.getOptionValueSource('data') === 'default';
  const data = temporary ? mkdtempSync(join(tmpdir(), 'pipewright-')) : settingsOf(given).data;
  const settings = { ...settingsOf(given), data };
  const ended = tools.interrupted();
  let server: RunningServer | undefined;
  try {
    server = await start(tools, settings, self.getOptionValueSource('port') === 'default');
    const site = await run(tools, server, { example, settings, temporary, yes: given.yes ?? false, ended });
    tools.stdout.write(siteAddresses({ server, ...site }));
    if (given.keep || !given.yes) {
      const isDefault = tools.dataPath(OPTIONS.data.default) === server.data;
      tools.stdout.write(whatNext({ self: tools.self, server, settings, isDefault }));
      await ended;
    } else tools.stdout.write(`\nThe server ends with the quickstart; to let it go on: ${tools.self} quickstart --keep\n`);
  } finally {
    await server?.close();
    if (temporary) rmSync(data, { recursive: true, force: true });
  }
}

/** The port of the table, or a free one where somebody has it and nobody has chosen it. */
async function start(tools: CliTools, settings: Settings, free: boolean): Promise<RunningServer> {
  try {
    return await tools.startServer(settings);
  } catch (error) {
    if ((error as { code?: string }).code !== 'EADDRINUSE' || !free) throw error;
    tools.stderr.write(`Port ${OPTIONS.port.default} is taken; taking a free one.\n`);
    return tools.startServer({ ...settings, port: 0 });
  }
}

interface Run {
  readonly example: string;
  readonly settings: Settings;
  readonly temporary: boolean;
  readonly yes: boolean;
  readonly ended: Promise<void>;
}

/** The whole story, unless somebody interrupts it: then every call that is under way ends. */
async function run(tools: CliTools, server: RunningServer, { example, settings, temporary, yes, ended }: Run): Promise<Site> {
  const stop = new AbortController();
  const { endpoint, credentials } = server;
  const client = createClient({ endpoint, region: settings.region, credentials, signal: stop.signal });
  const given = `data in ${server.data}${temporary ? ', until this ends' : ''}`;
  tools.stdout.write(`Pipewright runs at ${endpoint} (${given})\n\n`);
  const over = ended.then(() => Promise.reject(new Failure('Interrupted.', EXIT.interrupted)));
  try {
    return await Promise.race([deliver({ tools, client, endpoint, example, yes, signal: stop.signal }), over]);
  } finally {
    over.catch(() => undefined);
    stop.abort();
    client.close();
  }
}
