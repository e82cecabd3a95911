import { Option as Flag, type Command } from 'commander';
import type { PipewrightClient } from '../client/client.ts';
import { OPTIONS } from '../kernel/options.ts';
import { BuildLogs } from './build-logs.ts';
import { clientOf, connection } from './connection.ts';
import { EXIT, Failure } from './failure.ts';
import { follow, waitingApproval } from './follow.ts';
import type { CliTools } from './tools.ts';
import { WakeUps } from './wake-ups.ts';

/** Commands that talk to a running server take its data folder, for address and key where the environment says nothing. */
function clientCommand(program: Command, usage: string, description: string): Command {
  const { data } = OPTIONS;
  const flag = new Flag(`${data.flag} <${data.argument}>`, 'The server’s data folder, for its address and root key.')
    .env(data.env)
    .default(data.default);
  return program.command(usage).description(description).addOption(flag);
}

async function withClient(tools: CliTools, given: { data: string }, use: (client: PipewrightClient) => Promise<void>): Promise<void> {
  const client = clientOf(connection(tools, given.data));
  try {
    await use(client);
  } finally {
    client.close();
  }
}

function isLive({ stdout, env }: CliTools): boolean {
  return stdout.isTTY === true && !env.NO_COLOR && env.TERM !== 'dumb';
}

async function newestExecution(client: PipewrightClient, pipelineName: string): Promise<string> {
  const { pipelineExecutionSummaries = [] } = await client.codepipeline.listPipelineExecutions({ pipelineName, maxResults: 1 });
  const id = pipelineExecutionSummaries[0]?.pipelineExecutionId;
  if (id === undefined) throw new Failure(`${pipelineName} has had no execution yet. Start one: pipewright start ${pipelineName}`);
  return id;
}

async function watch(tools: CliTools, client: PipewrightClient, pipeline: string, executionId: string, logs: boolean): Promise<void> {
  const hint = `${pipeline} waits for an approval: pipewright approve ${pipeline}\n`;
  const onApproval = async () => void tools.stderr.write(hint);
  const status = await follow({ client, pipeline, executionId, out: tools.stdout, live: isLive(tools), logs, onApproval });
  if (status !== 'Succeeded') throw new Failure(`The execution ended as ${status}.`);
}

export function watchCommand(program: Command, tools: CliTools): void {
  clientCommand(program, 'watch <pipeline>', 'Follow an execution live until it ends; exit 0 if it succeeded.')
    .option('--execution <id>', 'The execution; the newest where not given.')
    .option('--no-logs', 'Leave out what builds print.')
    .addHelpText('after', '\nExamples:\n  $ pipewright watch my-pipeline\n  $ pipewright watch my-pipeline --no-logs > progress.txt')
    .action((pipeline: string, given: { data: string; execution?: string; logs: boolean }) =>
      withClient(tools, given, async (client) =>
        watch(tools, client, pipeline, given.execution ?? (await newestExecution(client, pipeline)), given.logs),
      ),
    );
}

function variable(text: string, before: { name: string; value: string }[] = []): { name: string; value: string }[] {
  const equals = text.indexOf('=');
  if (equals < 1) throw new Failure(`--variable takes NAME=VALUE, not '${text}'.`, EXIT.usage);
  return [...before, { name: text.slice(0, equals), value: text.slice(equals + 1) }];
}

export function startCommand(program: Command, tools: CliTools): void {
  clientCommand(program, 'start <pipeline>', 'Start an execution.')
    .option('--variable <name=value>', 'A pipeline variable; may be given again.', variable)
    .option('--watch', 'Follow it until it ends.')
    .addHelpText('after', '\nExample:\n  $ pipewright start my-pipeline --variable target=staging --watch')
    .action((name: string, given: { data: string; variable?: { name: string; value: string }[]; watch?: boolean }) =>
      withClient(tools, given, async (client) => {
        const variables = given.variable && { variables: given.variable };
        const { pipelineExecutionId = '' } = await client.codepipeline.startPipelineExecution({ name, ...variables });
        tools.stdout.write(`${pipelineExecutionId}\n`);
        if (given.watch) await watch(tools, client, name, pipelineExecutionId, true);
      }),
    );
}

export function stopCommand(program: Command, tools: CliTools): void {
  clientCommand(program, 'stop <pipeline>', 'Stop an execution: running actions end first, unless --abandon.')
    .option('--execution <id>', 'The execution; the newest where not given.')
    .option('--abandon', 'Give running actions up at once.')
    .option('--reason <text>', 'Why; kept in the history.')
    .addHelpText('after', '\nExample:\n  $ pipewright stop my-pipeline --abandon --reason "wrong branch"')
    .action((pipelineName: string, given: { data: string; execution?: string; abandon?: boolean; reason?: string }) =>
      withClient(tools, given, async (client) => {
        const pipelineExecutionId = given.execution ?? (await newestExecution(client, pipelineName));
        const { abandon = false, reason } = given;
        await client.codepipeline.stopPipelineExecution({
          pipelineName,
          pipelineExecutionId,
          abandon,
          ...(reason !== undefined && { reason }),
        });
        tools.stdout.write(`Stopping ${pipelineExecutionId}\n`);
      }),
    );
}

interface Decision {
  readonly data: string;
  readonly reject?: boolean;
  readonly summary?: string;
  readonly stage?: string;
  readonly action?: string;
}

export function approveCommand(program: Command, tools: CliTools): void {
  clientCommand(program, 'approve <pipeline>', 'Give the approval that an execution waits for, or reject it.')
    .option('--reject', 'Reject it.')
    .option('--summary <text>', 'Why; shown to everybody.')
    .option('--stage <name>', 'The stage, where several approvals wait.')
    .option('--action <name>', 'The action, where several approvals wait.')
    .addHelpText(
      'after',
      '\nExamples:\n  $ pipewright approve my-pipeline\n  $ pipewright approve my-pipeline --reject --summary "not before Monday"',
    )
    .action((pipeline: string, given: Decision) => withClient(tools, given, (client) => decide(tools, client, pipeline, given)));
}

async function decide(tools: CliTools, client: PipewrightClient, pipelineName: string, given: Decision): Promise<void> {
  const state = await client.codepipeline.getPipelineState({ name: pipelineName });
  const stageStates = (state.stageStates ?? [])
    .filter(({ stageName }) => given.stage === undefined || stageName === given.stage)
    .map((stage) => ({
      ...stage,
      actionStates: stage.actionStates?.filter(({ actionName }) => given.action === undefined || actionName === given.action),
    }));
  const approval = waitingApproval({ ...state, stageStates });
  if (!approval) throw new Failure(`No approval waits in ${pipelineName}.`);
  const { stageName, actionName, token } = approval;
  const id = stageStates.find((stage) => stage.stageName === stageName)?.latestExecution?.pipelineExecutionId ?? '';
  const { pipelineExecution } = await client.codepipeline.getPipelineExecution({ pipelineName, pipelineExecutionId: id });
  for (const { name = '', revisionId = '', revisionSummary = '' } of pipelineExecution?.artifactRevisions ?? []) {
    tools.stdout.write(`${name}: ${revisionId.slice(0, 12)} ${revisionSummary.split('\n', 1)[0]}\n`);
  }
  const result = { status: given.reject ? 'Rejected' : 'Approved', summary: given.summary ?? '' } as const;
  await client.codepipeline.putApprovalResult({ pipelineName, stageName, actionName, token, result });
  tools.stdout.write(`${result.status} ${stageName}/${actionName} of ${id}\n`);
}

export function logsCommand(program: Command, tools: CliTools): void {
  clientCommand(program, 'logs <build|pipeline>', 'Print what a build printed, or the builds of a pipeline’s newest execution.')
    .option('-f, --follow', 'Go on until the build has ended.')
    .addHelpText('after', '\nExamples:\n  $ pipewright logs my-project:01a1fc…\n  $ pipewright logs my-pipeline --follow')
    .action((name: string, given: { data: string; follow?: boolean }) =>
      withClient(tools, given, async (client) => {
        for (const id of await buildsOf(client, name)) await print(tools, client, id, given.follow ?? false);
      }),
    );
}

async function buildsOf(client: PipewrightClient, name: string): Promise<readonly string[]> {
  if (name.includes(':')) return [name];
  const filter = { pipelineExecutionId: await newestExecution(client, name) };
  const { actionExecutionDetails = [] } = await client.codepipeline.listActionExecutions({ pipelineName: name, filter });
  const builds = actionExecutionDetails.toReversed().flatMap(({ input, output }) => {
    const id = output?.executionResult?.externalExecutionId;
    return input?.actionTypeId?.provider === 'CodeBuild' && id !== undefined ? [id] : [];
  });
  if (builds.length === 0) throw new Failure(`The newest execution of ${name} has no build yet.`);
  return builds;
}

async function print(tools: CliTools, client: PipewrightClient, id: string, keepOn: boolean): Promise<void> {
  const logs = new BuildLogs(client);
  const wakeUps = keepOn ? new WakeUps(client) : undefined;
  try {
    for (;;) {
      const { builds = [] } = await client.codebuild.batchGetBuilds({ ids: [id] });
      if (!builds[0]) throw new Failure(`There is no build ${id}.`);
      for (const line of await logs.ofBuild(id)) tools.stdout.write(`${line}\n`);
      if (builds[0].buildComplete || !wakeUps) return;
      await wakeUps.next(500);
    }
  } finally {
    wakeUps?.close();
  }
}
