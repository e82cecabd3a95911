import type { Command } from 'commander';
import type { PipewrightClient } from '../client/client.ts';
import { clientCommand, newestExecution, withClient, type ClientFlags } from './client-command.ts';
import { Failure } from './failure.ts';
import { summarise } from './logs.ts';
import { follow } from './follow.ts';
import { isLive } from './paint.ts';
import { printBrief } from './reports.ts';
import { actionsOf } from './snapshot.ts';
import type { CliTools } from './tools.ts';

interface Given extends ClientFlags {
  readonly execution?: string;
  readonly logs: boolean;
  readonly summary?: boolean;
}

export interface Watched {
  readonly pipeline: string;
  readonly executionId: string;
  readonly logs: boolean;
  /** Ends with the phases and commands of its builds. */
  readonly summary?: boolean;
  readonly suggest: (command: string) => string;
}

/** Follows an execution to its end; fails unless it succeeded. */
export async function watch(tools: CliTools, client: PipewrightClient, watched: Watched): Promise<void> {
  const snapshot = await follow({ ...watched, client, out: tools.stdout, live: isLive(tools) });
  for (const { buildId } of actionsOf(snapshot)) {
    if (buildId === undefined) continue;
    if (watched.summary) await summarise(tools, client, buildId);
    await printBrief(tools, client, buildId, watched.suggest(`reports ${buildId}`));
  }
  const { status } = snapshot;
  if (status !== 'Succeeded') throw new Failure(`The execution ended as ${status}.`);
}

export function watchCommand(program: Command, tools: CliTools): void {
  clientCommand(program, 'watch <pipeline>', 'Follow an execution live until it ends.')
    .option('--execution <id>', 'The execution; the newest where not given.')
    .option('--no-logs', 'Leave out what builds print.')
    .option('--summary', 'End with the phases and commands of its builds: how long they took, and how they ended.')
    .addHelpText(
      'after',
      `
Exits with 0 when the execution succeeded and 1 when it did not. Without a terminal, or with NO_COLOR set, it prints a line for each change.

Examples:
  $ pipewright watch my-pipeline
  $ git push && pipewright watch my-pipeline --no-logs`,
    )
    .action((pipeline: string, given: Given, command: Command) =>
      withClient(tools, command, async (client, suggest) => {
        const executionId = given.execution ?? (await newestExecution(client, pipeline));
        await watch(tools, client, { pipeline, executionId, logs: given.logs, summary: given.summary ?? false, suggest });
      }),
    );
}
