import { isIP } from 'node:net';
import { hostName } from '../protocol/router/virtual-host.ts';

/** Names that always mean this machine, or a container's way to it. */
const LOCAL = new Set(['localhost', 'host.docker.internal', 'host.containers.internal']);

/**
 * Whether a Host header may be served: this machine's names, addresses, and the names given. A foreign name that resolves to us is
 * how a web page reaches servers on loopback (DNS rebinding); an address cannot be rebound.
 */
export function isAllowedHost(host: string | undefined, names: readonly string[]): boolean {
  if (host === undefined) return false;
  const name = hostName(host);
  const bare = name.startsWith('[') && name.endsWith(']') ? name.slice(1, -1) : name;
  return (
    LOCAL.has(name) ||
    name.endsWith('.localhost') ||
    isIP(bare) !== 0 ||
    names.includes(name) ||
    names.some((own) => name.endsWith(`.${own}`))
  );
}

/**
 * Whether a browser says that another site's page makes the request. `null` (files, sandboxes) is foreign. A page of ours has come
 * over https where a proxy in front of us ends TLS; nobody else can serve pages on our host and port.
 */
export function isForeignOrigin(origin: string | undefined, host: string | undefined): boolean {
  if (origin === undefined) return false;
  const own = (host ?? '').toLowerCase();
  return origin.toLowerCase() !== `http://${own}` && origin.toLowerCase() !== `https://${own}`;
}
