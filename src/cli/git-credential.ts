import type { Command } from 'commander';
import { text } from 'node:stream/consumers';
import { gitLogin } from '../client/git-login.ts';
import { clientCommand, type ClientFlags } from './client-command.ts';
import { connection } from './connection.ts';
import { Failure } from './failure.ts';
import type { CliTools } from './tools.ts';

/** What git says about the place it wants a password for: https://git-scm.com/docs/git-credential#IOFMT. */
export function readAttributes(input: string): ReadonlyMap<string, string> {
  return new Map(
    input
      .split('\n')
      .flatMap((line) => (line.includes('=') ? [[line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]] : [])),
  );
}

async function answer(tools: CliTools, command: Command): Promise<void> {
  const { endpoint, region, key } = connection(tools, command.opts<ClientFlags>().data, command.getOptionValueSource('data') === 'cli');
  const asked = readAttributes(await text(tools.stdin));
  // Not our server: git goes on to its next helper.
  if (asked.get('host') !== new URL(endpoint).host || !key) return;
  const repository = /^v1\/repos\/([^/]+?)\/?$/.exec(asked.get('path') ?? '')?.[1];
  if (repository === undefined) {
    throw new Failure('The password depends on the repository: git config credential.useHttpPath true');
  }
  const { username, password } = gitLogin(key, { endpoint, region, path: `/v1/repos/${repository}` }, Date.now());
  tools.stdout.write(`username=${username}\npassword=${password}\n`);
}

export function gitCredentialCommand(program: Command, tools: CliTools): void {
  clientCommand(program, 'git-credential <operation>', 'Answer git’s questions for a password, as one of its credential helpers.')
    .addHelpText(
      'after',
      `
Example:
  $ git clone -c credential.helper= -c credential.helper='!pipewright git-credential' -c credential.useHttpPath=true \\
      http://127.0.0.1:4566/v1/repos/my-repository`,
    )
    .action(async (operation: string, _given: object, command: Command) => {
      // Passwords are computed anew each time: there is nothing to store or to erase.
      if (operation === 'get') await answer(tools, command);
    });
}
