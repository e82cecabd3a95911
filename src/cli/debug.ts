import type { Command } from 'commander';
import type { PipewrightClient } from '../client/client.ts';
import type { DescribeDebugSessionOutput, ResumeKind } from '../services/pipewright/api.gen.ts';
import { clientCommand, withClient } from './client-command.ts';
import { EXIT, Failure } from './failure.ts';
import { patiently } from './patiently.ts';
import { RemoteTerminal } from './remote-terminal.ts';
import type { CliTools } from './tools.ts';

interface Given {
  readonly resume?: boolean;
  readonly retry?: boolean;
  readonly skip?: boolean;
  readonly now?: boolean;
}

/** A pause raises no event: how often it is looked for, ms. */
const LOOK_MS = 300;

async function newestOf(client: PipewrightClient, projectName: string): Promise<string> {
  const { ids = [] } = await client.codebuild.listBuildsForProject({ projectName, sortOrder: 'DESCENDING' });
  const { builds = [] } = ids.length > 0 ? await client.codebuild.batchGetBuilds({ ids: ids.slice(0, 20) }) : {};
  const running = builds.find(({ buildComplete, debugSession }) => !buildComplete && debugSession?.sessionEnabled);
  if (running?.id === undefined) throw new Failure(`No build of ${projectName} that can be debugged is running.`);
  return running.id;
}

async function describe(client: PipewrightClient, name: string, suggest: (command: string) => string): Promise<DescribeDebugSessionOutput> {
  const buildId = name.includes(':') ? name.slice(name.lastIndexOf('/') + 1) : await newestOf(client, name);
  const session = await patiently(() => client.pipewright.describeDebugSession({ buildId }));
  const again = suggest(`build ${buildId.split(':')[0]} --debug`);
  if (!session.running) throw new Failure(`Build ${buildId} has ended. Start one that stops where it fails: ${again}`);
  if (!session.enabled) throw new Failure(`Build ${buildId} was started without a debug session. Start one with: ${again}`);
  return session;
}

function howOf({ resume, retry, skip }: Given): ResumeKind | undefined {
  const wanted = (['RESUME', 'RETRY', 'SKIP'] as const).filter((_, i) => [resume, retry, skip][i]);
  if (wanted.length > 1) throw new Failure('Choose one of --resume, --retry and --skip.', EXIT.usage);
  return wanted[0];
}

async function resume(client: PipewrightClient, { buildId, pause }: DescribeDebugSessionOutput, how: ResumeKind): Promise<void> {
  if (!pause) throw new Failure(`Build ${buildId} is not paused.`);
  if (how !== 'RESUME' && pause.reason !== 'COMMAND_FAILED')
    throw new Failure(`Build ${buildId} is paused at a breakpoint: there is no command to run again or to pass over.`);
  const terminal = new RemoteTerminal(client, buildId);
  await terminal.order({ kind: 'RESUME', how });
  if ((await terminal.follow(() => undefined)) === 1) throw new Failure(`Build ${buildId} went on before.`);
}

async function paused(
  { stderr }: CliTools,
  client: PipewrightClient,
  session: DescribeDebugSessionOutput,
): Promise<DescribeDebugSessionOutput> {
  let now = session;
  if (!now.pause) stderr.write('The build runs. Waiting for it to pause; --now opens a shell at once.\n');
  while (!now.pause && now.running) {
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    now = await patiently(() => client.pipewright.describeDebugSession({ buildId: session.buildId }));
  }
  if (!now.running) throw new Failure(`Build ${session.buildId} has ended.`);
  return now;
}

/** Lets the user work at the terminal beside the build; the exit status of the shell there, or undefined where the build ended. */
async function attach({ stdin, stdout }: CliTools, terminal: RemoteTerminal): Promise<number | undefined> {
  const size = () => ({ columns: stdout.columns ?? 80, rows: stdout.rows ?? 24 });
  const ignore = () => undefined;
  const typed = (chunk: Buffer): void => void terminal.type(chunk).catch(ignore);
  const ended = (): void =>
    void terminal
      .type(Buffer.alloc(0))
      .then(() => terminal.order({ kind: 'END_OF_INPUT' }))
      .catch(ignore);
  const resized = (): void => void terminal.order({ kind: 'RESIZE', ...size() }).catch(ignore);
  await terminal.order({ kind: 'OPEN', ...size() });
  if (stdin.isTTY) stdin.setRawMode(true);
  stdin.on('data', typed).on('end', ended);
  stdout.on('resize', resized);
  try {
    return await terminal.follow((data) => void stdout.write(data));
  } finally {
    stdin.off('data', typed).off('end', ended).pause();
    stdout.off('resize', resized);
    if (stdin.isTTY) stdin.setRawMode(false);
  }
}

async function openShell(tools: CliTools, client: PipewrightClient, { buildId, pause }: DescribeDebugSessionOutput): Promise<void> {
  const { stdin, stderr } = tools;
  if (pause?.command !== undefined) stderr.write(`The build is paused: ${pause.command.split('\n')[0]} ended with ${pause.exitCode}.\n`);
  else if (pause) stderr.write('The build is paused at a breakpoint.\n');
  const exitCode = await attach(tools, new RemoteTerminal(client, buildId));
  if (exitCode === undefined) return void stderr.write('The build has ended.\n');
  const after = await patiently(() => client.pipewright.describeDebugSession({ buildId }));
  if (after.pause) {
    const more = after.pause.reason === 'COMMAND_FAILED' ? ', --retry the command or --skip it' : '';
    stderr.write(`The build is still paused. Let it go on with --resume${more}.\n`);
  }
  // Who types sees what failed; a script is told.
  if (!stdin.isTTY && exitCode !== 0) throw new Failure(`The shell ended with ${exitCode}.`);
}

export function debugCommand(program: Command, tools: CliTools): void {
  clientCommand(program, 'debug <build-or-project>', 'Open a shell in a paused build, with its variables and in its folder.')
    .option('--resume', 'Let the paused build go on; a command that failed has failed.')
    .option('--retry', 'Run the command that failed again, in the folder and with the variables that it began with.')
    .option('--skip', 'Go on behind the command that failed, as if it had succeeded.')
    .option('--now', 'Open the shell although the build is not paused.')
    .addHelpText(
      'after',
      `
The build must have been started with debugSessionEnabled: \`pipewright build PROJECT --debug\`, or \`aws codebuild start-build --debug-session-enabled\`.
It pauses at \`codebuild-breakpoint\` in its commands, and with --debug where a command fails. In the shell, \`codebuild-resume [retry | skip]\` does what
the options do here. The build's time-out goes on. Of a project, the newest build is meant.

Examples:
  $ pipewright debug my-project
  $ pipewright debug my-project:01a1fcca-7d91-7000-9563-dd45af761b55 --retry`,
    )
    .action((name: string, given: Given, command: Command) =>
      withClient(tools, command, async (client, suggest) => {
        const how = howOf(given);
        const session = await describe(client, name, suggest);
        if (how) return resume(client, session, how);
        await openShell(tools, client, given.now ? session : await paused(tools, client, session));
      }),
    );
}
