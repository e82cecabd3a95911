import type { CliTools } from './tools.ts';

/** How programs reach the network from here: proxies, the certificates of one's own company, a registry of one's own. */
const WANTED = /^((https?|no)_proxy|node_extra_ca_certs|npm_config_(registry|cafile|proxy|https_proxy|noproxy))$/i;
const WITH_PASSWORD = /\/\/[^/]*@/;
const HERE = 'localhost,127.0.0.1,::1';

interface Variable {
  readonly name: string;
  readonly value: string;
  readonly type: 'PLAINTEXT';
}

/**
 * Builds see nothing of our own environment, so the example's `npm ci` would not get through where we do. What it needs goes into its
 * project's environment variables, for everybody to see: values with a password stay out.
 */
export function registryAccess(env: CliTools['env']): readonly Variable[] {
  const found = Object.entries(env).filter(
    (entry): entry is [string, string] => WANTED.test(entry[0]) && !!entry[1] && !WITH_PASSWORD.test(entry[1]),
  );
  // Through a proxy nobody would find this server again.
  const values = found.some(([name]) => /_proxy$/i.test(name))
    ? { ...Object.fromEntries(found), ...direct(env) }
    : Object.fromEntries(found);
  return Object.entries(values).map(([name, value]) => ({ name, value, type: 'PLAINTEXT' }));
}

function direct(env: CliTools['env']): Record<string, string> {
  const given = [env.NO_PROXY, env.no_proxy].find((value) => value);
  const value = given ? `${given},${HERE}` : HERE;
  return { NO_PROXY: value, no_proxy: value };
}
