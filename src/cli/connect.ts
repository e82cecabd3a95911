import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { Option as Flag, type Command } from 'commander';
import type { PipewrightClient } from '../client/client.ts';
import type { Connection, ProviderType } from '../services/codeconnections/api.gen.ts';
import { needsHost } from '../services/codeconnections/rules/provider.ts';
import { askSecret } from './ask-secret.ts';
import { clientCommand, withClient } from './client-command.ts';
import { EXIT, Failure } from './failure.ts';
import type { CliTools } from './tools.ts';

interface Given {
  readonly provider: ProviderType;
  readonly url?: string;
  readonly tokenFile?: string;
  readonly username?: string;
  readonly webhookSecretFile?: string;
}

const PROVIDERS: readonly ProviderType[] = [
  'GitHub',
  'GitHubEnterpriseServer',
  'GitLab',
  'GitLabSelfManaged',
  'Bitbucket',
  'Gitea',
  'Forgejo',
];

/** What somebody wrote, without the line's end that editors add. */
function secretFile(path: string): string {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch (error) {
    throw new Failure(`${path} cannot be read: ${(error as Error).message}`, EXIT.usage);
  }
}

/** From the file, a pipe, or a question at the terminal: never from the command line, where everybody on the machine sees it. */
async function readToken(tools: CliTools, { tokenFile }: Given): Promise<string> {
  if (tokenFile !== undefined && tokenFile !== '-') return secretFile(tokenFile);
  if (tokenFile === undefined && tools.stdin.isTTY) return (await askSecret(tools, 'Token: ')).trim();
  return (await text(tools.stdin)).trim();
}

/** The webhook secret: read from its file, which is made where it is not there. */
function webhookSecret({ webhookSecretFile: path }: Given): string | undefined {
  if (path === undefined) return undefined;
  if (!existsSync(path)) writeFileSync(path, `${randomBytes(32).toString('hex')}\n`, { mode: 0o600 });
  return secretFile(path);
}

async function findByName(client: PipewrightClient, name: string, provider: ProviderType): Promise<Connection | undefined> {
  let NextToken: string | undefined;
  do {
    const page = await client.codeconnections.listConnections({
      ProviderTypeFilter: provider,
      ...(NextToken !== undefined && { NextToken }),
    });
    const found = page.Connections?.find(({ ConnectionName }) => ConnectionName === name);
    if (found) return found;
    NextToken = page.NextToken;
  } while (NextToken !== undefined);
  return undefined;
}

/** The host of a server that people run themselves: one of the same address, or a new one. */
async function hostFor(client: PipewrightClient, name: string, provider: ProviderType, url: string): Promise<string> {
  const { Hosts = [] } = await client.codeconnections.listHosts({});
  const same = Hosts.find(
    ({ ProviderType, ProviderEndpoint }) => ProviderType === provider && ProviderEndpoint === url.replace(/\/+$/, ''),
  );
  if (same?.HostArn !== undefined) return same.HostArn;
  const made = await client.codeconnections.createHost({ Name: name, ProviderType: provider, ProviderEndpoint: url });
  return made.HostArn ?? '';
}

async function connectionFor(client: PipewrightClient, name: string, { provider, url }: Given): Promise<string> {
  const known = await findByName(client, name, provider);
  if (known?.ConnectionArn !== undefined) return known.ConnectionArn;
  if (!needsHost(provider))
    return (await client.codeconnections.createConnection({ ConnectionName: name, ProviderType: provider })).ConnectionArn;
  if (url === undefined) throw new Failure(`${provider} needs the address of its server: --url https://git.example.com`, EXIT.usage);
  const HostArn = await hostFor(client, name, provider, url);
  return (await client.codeconnections.createConnection({ ConnectionName: name, HostArn })).ConnectionArn;
}

async function connect(tools: CliTools, client: PipewrightClient, name: string, given: Given): Promise<void> {
  const token = await readToken(tools, given);
  if (token === '') throw new Failure('No token was given: name a file with --token-file, or pipe it in.', EXIT.usage);
  const secret = webhookSecret(given);
  const { provider, url, username } = given;
  const connectionArn = await connectionFor(client, name, given);
  const { webhookUrl } = await client.pipewright.completeConnection({
    connectionArn,
    token,
    ...(username !== undefined && { username }),
    ...(secret !== undefined && { webhookSecret: secret }),
    ...(url !== undefined && !needsHost(provider) && { endpoint: url }),
  });
  tools.stdout.write(`Connected: ${connectionArn}\n`);
  if (secret === undefined) {
    tools.stdout.write(
      'Without a webhook secret no webhook is accepted; branches are looked at once a minute. Add one: --webhook-secret-file FILE\n',
    );
    return;
  }
  tools.stdout.write(
    `Webhook URL: ${webhookUrl}\nWebhook secret: in ${given.webhookSecretFile}\nContent type: application/json; events: push and pull (merge) requests\n`,
  );
}

export function connectCommand(program: Command, tools: CliTools): void {
  clientCommand(program, 'connect <name>', 'Connect to a git host with a token, or give an existing connection a new one.')
    .addOption(new Flag('--provider <type>', 'The git host.').choices([...PROVIDERS]).makeOptionMandatory())
    .option('--url <url>', 'The server’s address, where it is not the provider’s own.')
    .option('--token-file <file>', 'The file with the token; - or none: it is read from standard input.')
    .option('--username <name>', 'The user name that goes with the token, where the provider wants a certain one.')
    .option('--webhook-secret-file <file>', 'The file with the secret of webhooks; made where it is not there.')
    .addHelpText(
      'after',
      `
Examples:
  $ pipewright connect github --provider GitHub --token-file token.txt --webhook-secret-file webhook.txt
  $ pipewright connect forge --provider Gitea --url https://git.example.com --token-file token.txt`,
    )
    .action((name: string, given: Given, command: Command) => withClient(tools, command, (client) => connect(tools, client, name, given)));
}
