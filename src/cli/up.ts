import type { Command } from 'commander';
import { serverOptions, settingsOf } from './options.ts';
import type { CliTools } from './tools.ts';

export function upCommand(program: Command, tools: CliTools): void {
  const command = program.command('up').description('Start the server; it runs until SIGTERM or Ctrl-C.');
  serverOptions(command, tools.env);
  command.addHelpText(
    'after',
    `
Prints "Pipewright ready: http://HOST:PORT" once it accepts requests; what it logs goes to stderr.

Examples:
  $ pipewright up
  $ pipewright up --port 0 --data ./data
  $ pipewright up --auth off --allow-reset   # for tests: any credentials, and a reset endpoint`,
  );
  command.action(async (given: Record<string, unknown>) => {
    const ended = tools.interrupted();
    const server = await tools.startServer(settingsOf(given));
    tools.stdout.write(`Pipewright ready: ${server.endpoint}\n`);
    await ended;
    await server.close();
  });
}
