import type { Command } from 'commander';
import { OPTIONS } from '../kernel/options.ts';
import { announcedUrl, rootKey } from './connection.ts';
import { Failure } from './failure.ts';
import { serverOptions, settingsOf } from './options.ts';
import { shellWord } from './shell.ts';
import type { CliTools } from './tools.ts';

export function envCommand(program: Command, tools: CliTools): void {
  const command = program.command('env').description('Print `export` lines that point AWS clients at the server.');
  serverOptions(command, tools.env, ['data', 'region', 'host', 'port']);
  command.addHelpText('after', '\nExample:\n  $ eval "$(pipewright env)"\n  $ aws codepipeline list-pipelines');
  command.action((given: Record<string, unknown>) => {
    const settings = settingsOf(given);
    const data = tools.dataPath(settings.data);
    const key = rootKey(data);
    if (!key) throw new Failure(`There is no root key in ${data}. Start the server once: pipewright up --data ${shellWord(settings.data)}`);
    const announced = announcedUrl(data);
    if (!announced) tools.stderr.write(`No server holds ${data} now; the address is the one that \`pipewright up\` would take.\n`);
    const lines = {
      AWS_ENDPOINT_URL: announced ?? `http://${settings.host}:${settings.port || OPTIONS.port.default}`,
      AWS_ACCESS_KEY_ID: key.accessKeyId,
      AWS_SECRET_ACCESS_KEY: key.secretAccessKey,
      AWS_REGION: settings.region,
      AWS_DEFAULT_REGION: settings.region,
    };
    for (const [name, value] of Object.entries(lines)) tools.stdout.write(`export ${name}=${shellWord(value)}\n`);
  });
}
