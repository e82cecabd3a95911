import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline/promises';
import type { Command } from 'commander';
import { createClient, type PipewrightClient } from '../client/client.ts';
import { OPTIONS, type Settings } from '../kernel/options.ts';
import { Failure } from './failure.ts';
import { follow, type Approval } from './follow.ts';
import { serverOptions, settingsOf } from './options.ts';
import { pushExample, requireGit } from './quickstart-git.ts';
import { createExample, NAMES } from './quickstart-resources.ts';
import type { CliTools, RunningServer } from './tools.ts';
import { interrupted } from './up.ts';
import { WakeUps } from './wake-ups.ts';

interface Given extends Record<string, unknown> {
  readonly yes?: boolean;
  readonly keep?: boolean;
}

export function quickstartCommand(program: Command, tools: CliTools, example: string): void {
  const command = program
    .command('quickstart')
    .description('See the main job run: a push becomes a build, an approval and a deployed site.');
  serverOptions(command);
  command
    .option('--yes', 'Give the approval without asking, and end when the site is there.')
    .option('--keep', 'Go on serving afterwards, until Ctrl-C.')
    .addHelpText('after', '\nExamples:\n  $ pipewright quickstart\n  $ pipewright quickstart --yes --port 0')
    .action((given: Given, self: Command) => quickstart(tools, example, given, self.getOptionValueSource('data') === 'default'));
}

/** Without --data everything lies in a temporary folder, which goes when the command ends. */
async function quickstart(tools: CliTools, example: string, given: Given, temporary: boolean): Promise<void> {
  requireGit(tools.env);
  const data = temporary ? mkdtempSync(join(tmpdir(), 'pipewright-')) : settingsOf(given).data;
  const ended = interrupted();
  let server: RunningServer | undefined;
  try {
    server = await start(tools, { ...settingsOf(given), data });
    await run(tools, server, example, given);
    if (given.keep || (!given.yes && tools.stdin.isTTY)) {
      tools.stdout.write('\nThe server goes on until Ctrl-C.\n');
      await ended;
    }
  } finally {
    await server?.close();
    if (temporary) rmSync(data, { recursive: true, force: true });
  }
}

/** The port of the table, or a free one where somebody has it. */
async function start(tools: CliTools, settings: Settings): Promise<RunningServer> {
  try {
    return await tools.startServer(settings);
  } catch (error) {
    if ((error as { code?: string }).code !== 'EADDRINUSE' || settings.port !== OPTIONS.port.default) throw error;
    tools.stderr.write(`Port ${settings.port} is taken; taking a free one.\n`);
    return tools.startServer({ ...settings, port: 0 });
  }
}

async function run(tools: CliTools, server: RunningServer, example: string, given: Given): Promise<void> {
  const { stdout } = tools;
  const { region } = settingsOf(given);
  const client = createClient({ endpoint: server.endpoint, region, credentials: server.credentials });
  try {
    stdout.write(`Pipewright runs at ${server.endpoint}\n`);
    const { cloneUrl, login } = await createExample(client, example, (what) => void stdout.write(`  created ${what}\n`));
    stdout.write('Pushing the example’s first commit\n');
    const commit = await pushExample(tools.env, example, cloneUrl, login);
    const executionId = await startedExecution(client);
    stdout.write(`Commit ${commit.slice(0, 8)} started execution ${executionId}\n\n`);
    await followToTheEnd(tools, client, executionId, given.yes ?? false);
    await showSite(tools, server, region);
  } finally {
    client.close();
  }
}

/** The push's own event starts the execution; here we only wait to be told. */
async function startedExecution(client: PipewrightClient): Promise<string> {
  const wakeUps = new WakeUps(client);
  try {
    for (let looks = 0; looks < 60; looks++) {
      const { pipelineExecutionSummaries = [] } = await client.codepipeline.listPipelineExecutions({ pipelineName: NAMES.pipeline });
      const id = pipelineExecutionSummaries.at(-1)?.pipelineExecutionId;
      if (id !== undefined) return id;
      await wakeUps.next(500);
    }
  } finally {
    wakeUps.close();
  }
  throw new Failure('The push started no execution.');
}

async function followToTheEnd(tools: CliTools, client: PipewrightClient, executionId: string, yes: boolean): Promise<void> {
  const live = tools.stdout.isTTY === true && !tools.env.NO_COLOR;
  const onApproval = async ({ stageName, actionName, token }: Approval) => {
    const approved = yes || (await ask(tools, '\nThe site is built. Deploy it? [Y/n] '));
    const result = { status: approved ? 'Approved' : 'Rejected', summary: approved ? 'Looks good' : 'Not today' } as const;
    await client.codepipeline.putApprovalResult({ pipelineName: NAMES.pipeline, stageName, actionName, token, result });
  };
  const status = await follow({ client, pipeline: NAMES.pipeline, executionId, out: tools.stdout, live, logs: true, onApproval });
  if (status !== 'Succeeded') throw new Failure(`The execution ended as ${status}; what it printed is above.`);
}

async function ask(tools: CliTools, question: string): Promise<boolean> {
  if (!tools.stdin.isTTY) throw new Failure('The approval has to be asked for, and nobody is there: use --yes.');
  const readline = createInterface({ input: tools.stdin, output: tools.stdout });
  const answer = await readline.question(question);
  readline.close();
  return !/^n/i.test(answer.trim());
}

async function showSite(tools: CliTools, server: RunningServer, region: string): Promise<void> {
  const url = `${server.endpoint}/_website/${NAMES.siteBucket}/`;
  const { status } = await fetch(url);
  if (status !== 200) throw new Failure(`The site was deployed, but ${url} answers ${status}.`);
  const port = new URL(server.endpoint).port;
  const data = server.data === tools.dataPath(OPTIONS.data.default) ? '' : ` --data ${server.data}`;
  tools.stdout.write(`
Deployed: ${url}
          http://${NAMES.siteBucket}.s3-website.localhost:${port}/  (in a browser)

What to try next, in another terminal while the server runs:
  eval "$(pipewright env${data})"
  aws codepipeline get-pipeline-state --name ${NAMES.pipeline} --region ${region}
  git clone http://127.0.0.1:${port}/v1/repos/${NAMES.repository}     # change something, push, and
  pipewright watch ${NAMES.pipeline}${data}
`);
}
