import { statSync } from 'node:fs';
import { join } from 'node:path';

export type EngineEnv = Readonly<Record<'DOCKER_HOST' | 'XDG_RUNTIME_DIR', string | undefined>>;

/** The usual places of the engines' sockets, in the order in which they are tried; DOCKER_HOST, where it is set, is the only one. */
export function socketCandidates(env: EngineEnv): readonly string[] {
  const { DOCKER_HOST: host, XDG_RUNTIME_DIR: own } = env;
  if (host) return host.startsWith('unix://') ? [host.slice('unix://'.length)] : [];
  const mine = (name: string): readonly string[] => (own ? [join(own, name)] : []);
  return ['/var/run/docker.sock', ...mine('docker.sock'), '/run/podman/podman.sock', ...mine('podman/podman.sock')];
}

/** Why no engine is there, in words. */
export function noEngine(env: EngineEnv): string {
  const { DOCKER_HOST: host } = env;
  if (host && !host.startsWith('unix://'))
    return `DOCKER_HOST is ${host}: only engines on this machine can be used, through a unix:// socket, since builds share their files with the server`;
  if (host) return `no container engine answers at ${host} (DOCKER_HOST)`;
  return `no container engine answers at ${socketCandidates(env).join(', ')}; start Docker or Podman, or set DOCKER_HOST=unix:///path/to/its.sock`;
}

export function isSocket(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isSocket() ?? false;
}
