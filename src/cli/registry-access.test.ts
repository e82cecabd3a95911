import { expect, it } from 'vitest';
import { registryAccess } from './registry-access.ts';

const access = (env: Record<string, string>) => Object.fromEntries(registryAccess(env).map(({ name, value }) => [name, value]));

it('passes on what reaches the registry, and nothing else', () => {
  expect(
    access({
      PATH: '/bin',
      AWS_SECRET_ACCESS_KEY: 's',
      npm_config_registry: 'https://mirror/',
      npm_config__authToken: 't',
      npm_config_proxy: '',
    }),
  ).toEqual({
    npm_config_registry: 'https://mirror/',
  });
  expect(access({ NODE_EXTRA_CA_CERTS: '/ca.pem' })).toEqual({ NODE_EXTRA_CA_CERTS: '/ca.pem' });
});

it('keeps this machine out of a proxy', () => {
  const here = 'localhost,127.0.0.1,::1';
  expect(access({ HTTPS_PROXY: 'http://proxy:1' })).toEqual({ HTTPS_PROXY: 'http://proxy:1', NO_PROXY: here, no_proxy: here });
  expect(access({ http_proxy: 'http://proxy:1', no_proxy: 'corp' })).toMatchObject({ NO_PROXY: `corp,${here}`, no_proxy: `corp,${here}` });
});

it('passes no passwords', () => {
  expect(access({ https_proxy: 'http://me:secret@proxy:1' })).toEqual({});
});
