import type { Command } from 'commander';
import { serverOptions, settingsOf } from './options.ts';
import type { CliTools } from './tools.ts';

/** Resolves when somebody asks the process to end. */
export function interrupted(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => resolve());
  });
}

export function upCommand(program: Command, tools: CliTools): void {
  const command = program.command('up').description('Start the server; it runs until SIGTERM or Ctrl-C.');
  serverOptions(command);
  command.addHelpText(
    'after',
    '\nExamples:\n  $ pipewright up\n  $ pipewright up --port 0 --data ./data\n  $ pipewright up --auth off --allow-reset   # for tests, on loopback',
  );
  command.action(async (given: Record<string, unknown>) => {
    const ended = interrupted();
    const server = await tools.startServer(settingsOf(given));
    tools.stdout.write(`Pipewright ready: ${server.endpoint}\n`);
    await ended;
    await server.close();
  });
}
