import { PipewrightError } from '../../kernel/errors.ts';
import { isObject } from '../../kernel/json.ts';
import type { ConnectionUser, GitConnections } from '../../ports/connections.ts';
import { checkedRepository } from './checked-repository.ts';
import { reportStatus } from './hosts.ts';
import { openConnection, sessionOf, type OpenConnection } from './opened.ts';
import { callHost, shown } from './requests.ts';
import { hookBody, hooksPath } from './rules/hook-request.ts';
import type { ConnectionTools } from './tools.ts';

/** The ids of a repository's webhooks that lead to us. */
async function hooksTo(connection: OpenConnection, path: string, url: string): Promise<readonly string[]> {
  const answer = await callHost(connection, { method: 'GET', path: `${path}?per_page=100` });
  if (answer.status !== 200)
    throw new PipewrightError('HostRefused', `The git host does not list its webhooks: ${shown(connection, answer)}`);
  const hooks = JSON.parse(answer.text) as unknown;
  const ours = (hook: unknown) => isObject(hook) && isObject(hook.config) && hook.config.url === url;
  return Array.isArray(hooks) ? hooks.filter(ours).map((hook) => String((hook as { id: unknown }).id)) : [];
}

/** The connections for those who use them inside. */
export function gitConnections(tools: ConnectionTools): GitConnections {
  const opened = async (arn: string, repository: string, user: ConnectionUser) => {
    const connection = await openConnection(tools, arn, sessionOf(user));
    const path = hooksPath(connection.dialect, checkedRepository(repository));
    if (path === undefined) throw new PipewrightError('HostRefused', `Webhooks are not registered at ${connection.provider}.`);
    return { connection, path };
  };
  return {
    async repository(arn, repository, user) {
      const { row, web, gitUser, token } = await openConnection(tools, arn, sessionOf(user));
      const url = `${web}/${checkedRepository(repository)}.git`;
      return { url, access: { username: gitUser, password: token }, providerType: row.provider };
    },

    async report(arn, status, user, signal) {
      await reportStatus(await openConnection(tools, arn, sessionOf(user)), status, signal);
    },

    async register(arn, repository, { url, secret }, user) {
      const { connection, path } = await opened(arn, repository, user);
      if ((await hooksTo(connection, path, url)).length > 0) return;
      const answer = await callHost(connection, { method: 'POST', path, body: hookBody(connection.dialect, url, secret) });
      if (answer.status !== 201)
        throw new PipewrightError('HostRefused', `The git host does not take the webhook: ${shown(connection, answer)}`);
    },

    async deregister(arn, repository, url, user) {
      const { connection, path } = await opened(arn, repository, user);
      for (const id of await hooksTo(connection, path, url)) {
        const answer = await callHost(connection, { method: 'DELETE', path: `${path}/${encodeURIComponent(id)}` });
        if (answer.status !== 204 && answer.status !== 404)
          throw new PipewrightError('HostRefused', `The git host keeps the webhook: ${shown(connection, answer)}`);
      }
    },
  };
}
