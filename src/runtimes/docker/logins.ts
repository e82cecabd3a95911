import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isObject } from '../../kernel/json.ts';
import type { RegistryLogin } from '../runtime.ts';

/** Where `docker login` and `podman login` keep what they were told: https://docs.docker.com/reference/cli/docker/#configuration-files */
export type LoginEnv = Readonly<Record<'DOCKER_CONFIG' | 'XDG_RUNTIME_DIR' | 'HOME', string | undefined>>;

function files({ DOCKER_CONFIG, XDG_RUNTIME_DIR, HOME }: LoginEnv): readonly string[] {
  const docker = DOCKER_CONFIG ?? (HOME && join(HOME, '.docker'));
  return [...(docker ? [join(docker, 'config.json')] : []), ...(XDG_RUNTIME_DIR ? [join(XDG_RUNTIME_DIR, 'containers', 'auth.json')] : [])];
}

async function authsOf(path: string): Promise<Readonly<Record<string, unknown>>> {
  try {
    const value: unknown = JSON.parse(await readFile(path, 'utf8'));
    return isObject(value) && isObject(value['auths']) ? value['auths'] : {};
  } catch {
    // Not there, or not ours to judge: then nobody has logged in, and the registry says whether it minds.
    return {};
  }
}

function decode(entry: unknown): RegistryLogin | undefined {
  if (!isObject(entry) || typeof entry['auth'] !== 'string') return undefined;
  const text = Buffer.from(entry['auth'], 'base64').toString();
  const colon = text.indexOf(':');
  return colon <= 0 ? undefined : { username: text.slice(0, colon), password: text.slice(colon + 1) };
}

/** What the server's user has logged in with at this registry; undefined for nobody. */
export async function loginFor(registry: string, env: LoginEnv): Promise<RegistryLogin | undefined> {
  const keys =
    registry === 'docker.io' ? ['https://index.docker.io/v1/', 'docker.io'] : [registry, `https://${registry}`, `https://${registry}/v2/`];
  for (const path of files(env)) {
    const auths = await authsOf(path);
    for (const key of keys) {
      const login = decode(auths[key]);
      if (login) return login;
    }
  }
  return undefined;
}

/** The header of https://docs.docker.com/reference/api/engine/version/v1.44/#section/Authentication */
export function registryAuth(registry: string, login: RegistryLogin | undefined): Record<string, string> {
  if (!login) return {};
  const text = Buffer.from(JSON.stringify({ ...login, serveraddress: registry })).toString('base64');
  // Of the alphabet for URLs, yet padded: both engines refuse it otherwise.
  return { 'X-Registry-Auth': text.replaceAll('+', '-').replaceAll('/', '_') };
}
