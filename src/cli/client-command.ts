import { Option as Flag, type Command } from 'commander';
import type { PipewrightClient } from '../client/client.ts';
import { OPTIONS } from '../kernel/options.ts';
import { clientOf, connection } from './connection.ts';
import { asFailure, EXIT, Failure } from './failure.ts';
import { shellWord } from './shell.ts';
import type { CliTools } from './tools.ts';

/** A command's own flags, with where the server is. */
export interface ClientFlags {
  readonly data: string;
}

/** Commands that talk to a running server find address and key in AWS's environment variables or in its data folder. */
export function clientCommand(program: Command, usage: string, description: string): Command {
  const { data } = OPTIONS;
  const flag = new Flag(`${data.flag} <${data.argument}>`, 'The server’s data folder: its address and root key are taken from there.')
    .env(data.env)
    .default(data.default);
  return program.command(usage).description(description).addOption(flag);
}

/** Runs `use` with a client of the server that the command is for, and with how to suggest another command on that server. */
export async function withClient(
  tools: CliTools,
  command: Command,
  use: (client: PipewrightClient, suggest: (command: string) => string) => Promise<void>,
): Promise<void> {
  const { data } = command.opts<ClientFlags>();
  const named = command.getOptionValueSource('data') === 'cli';
  const place = connection(tools, data, named);
  const client = clientOf(place);
  try {
    await use(client, (other) => `${tools.self} ${other}${named ? ` --data ${shellWord(data)}` : ''}`);
  } catch (error) {
    const failure = asFailure(error);
    if (failure.exit !== EXIT.unreachable) throw error;
    throw new Failure(
      `No server answers at ${place.endpoint}. Start one with \`pipewright up\`, or set AWS_ENDPOINT_URL.`,
      EXIT.unreachable,
    );
  } finally {
    client.close();
  }
}

/** The execution that a command means where none is named. */
export async function newestExecution(client: PipewrightClient, pipelineName: string): Promise<string> {
  const { pipelineExecutionSummaries = [] } = await client.codepipeline.listPipelineExecutions({ pipelineName, maxResults: 1 });
  const id = pipelineExecutionSummaries[0]?.pipelineExecutionId;
  if (id === undefined) throw new Failure(`${pipelineName} has had no execution yet. Start one: pipewright start ${pipelineName}`);
  return id;
}
