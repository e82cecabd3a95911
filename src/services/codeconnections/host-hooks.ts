import { PipewrightError } from '../../kernel/errors.ts';
import type { HookPlace } from '../../kernel/git-hooks/host.ts';
import type { GitHostAccess, GitHosts } from '../../ports/git-hosts.ts';
import { checkedRepository } from './checked-repository.ts';
import { openHost } from './open-host.ts';
import { callHost, shown, type OpenHost } from './requests.ts';
import { hooksAt, madeHook, newHookBody } from './rules/host-hooks.ts';

function placed(access: GitHostAccess, place: HookPlace): { readonly host: OpenHost; readonly path: string } {
  const host = openHost(access);
  if ('repository' in place) checkedRepository(place.repository);
  const path = hooksAt(host.dialect, place);
  if (path === undefined) throw new PipewrightError('HostRefused', `Webhooks of organizations are not made at ${host.provider}.`);
  return { host, path };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Webhooks at git hosts. */
export const hostHooks: Pick<GitHosts, 'putHook' | 'removeHook'> = {
  async putHook(access, place, hook, id) {
    const { host, path } = placed(access, place);
    const body = newHookBody(host.dialect, hook);
    const change = host.dialect === 'github' || host.dialect === 'gitea' ? 'PATCH' : 'PUT';
    const request =
      id === undefined
        ? { method: 'POST' as const, path }
        : { method: change as 'PATCH' | 'PUT', path: `${path}/${encodeURIComponent(id)}` };
    const answer = await callHost(host, { ...request, body });
    const taken = answer.status === 201 || answer.status === 200;
    const made = taken ? madeHook(host.dialect, parsed(answer.text), host.api + path) : undefined;
    if (!made) throw new PipewrightError('HostRefused', `The git host does not take the webhook: ${shown(host, answer)}`);
    return made;
  },

  async removeHook(access, place, id) {
    const { host, path } = placed(access, place);
    const answer = await callHost(host, { method: 'DELETE', path: `${path}/${encodeURIComponent(id)}` });
    if (answer.status !== 204 && answer.status !== 200 && answer.status !== 404)
      throw new PipewrightError('HostRefused', `The git host keeps the webhook: ${shown(host, answer)}`);
  },
};
