import { createHash } from 'node:crypto';
import { PipewrightError } from '../../kernel/errors.ts';
import type { GitHosts } from '../../ports/git-hosts.ts';
import { checkedRepository } from './checked-repository.ts';
import { hostHooks } from './host-hooks.ts';
import { hostLookups } from './host-lookups.ts';
import { factsOf, openHost } from './open-host.ts';
import { openConnection, sessionOf } from './opened.ts';
import { callHost, shown, type OpenHost } from './requests.ts';
import { statusRequest, statusVerdict, type Status } from './rules/status-request.ts';
import type { ConnectionTools } from './tools.ts';

/** Tells a commit's status; rejects as `GitHosts.report` does. */
export async function reportStatus(host: OpenHost, status: Status, signal?: AbortSignal): Promise<void> {
  checkedRepository(status.repository);
  const request = statusRequest(host.dialect, status, (text) => createHash('sha256').update(text).digest('hex'));
  const answer = await callHost(host, { method: 'POST', ...request }, signal);
  const verdict = statusVerdict(host.dialect, answer.status, answer.text);
  if (verdict !== 'told') throw new PipewrightError(verdict === 'again' ? 'StatusRefused' : 'StatusImpossible', shown(host, answer));
}

/** Git hosts for those who have a token of their own, or the connection's. */
export function gitHosts(tools: ConnectionTools): GitHosts {
  return {
    ...hostHooks,
    ...hostLookups,
    async ofConnection(arn, user) {
      const { row, web, token, username } = await openConnection(tools, arn, sessionOf(user));
      return { providerType: row.provider, server: web, token, ...(username !== undefined && { username }) };
    },
    git(access, repository) {
      const url = `${access.server}/${checkedRepository(repository)}.git`;
      return { url, username: access.username ?? factsOf(access).username, password: access.token };
    },
    report: (access, status, signal) => reportStatus(openHost(access), status, signal),
  };
}
