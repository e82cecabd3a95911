import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it } from 'vitest';
import { createSecretBox } from '../store/secrets.ts';
import { createCredentialsPlane } from './credentials.ts';

const PREFIX = '/_pipewright/credentials/';
const secrets = createSecretBox([Buffer.alloc(32, 7)]);
const role = 'arn:aws:iam::000000000000:role/build';
const token = secrets.seal(JSON.stringify({ accessKeyId: 'ASIA1', role }));
const principal = { kind: 'role', account: '000000000000', arn: role, id: 'build:s', session: 'build' } as const;
const known = { accessKeyId: 'ASIA1', secretAccessKey: 'secret', sessionToken: 'session', expires: 2_000, principal };

/** The status, and the keys where there are any. */
async function ask(path: string, options: { header?: string; now?: number } = {}): Promise<readonly unknown[]> {
  const credentials = { find: (id: string) => Promise.resolve(id === known.accessKeyId ? known : undefined) };
  const plane = createCredentialsPlane({ secrets, credentials, clock: { now: () => options.now ?? 1_000 } });
  const server = createServer((request, response) => void plane.handle(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    const headers: Record<string, string> = options.header === undefined ? {} : { authorization: options.header };
    const answer = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`, { headers });
    const { AccessKeyId, RoleArn } = (await answer.json()) as Record<string, unknown>;
    return [answer.status, AccessKeyId, RoleArn];
  } finally {
    server.close();
  }
}

const given = [200, 'ASIA1', role];
const refused = [403, undefined, undefined];

it('takes the token in a header, or in the path as it is written there', async () => {
  const inPath = token.replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
  expect(await ask(`${PREFIX}any`, { header: token })).toEqual(given);
  expect(await ask(`${PREFIX}${inPath}`)).toEqual(given);
  expect(await ask(`${PREFIX}${inPath}`, { header: 'another' })).toEqual(refused);
});

it('refuses what is no token, and one whose build has ended', async () => {
  const other = secrets.seal(JSON.stringify({ accessKeyId: 'ASIA2', role }));
  for (const path of ['', 'x', '01a1fe68-6dcf-7000-b7e7-7dfa7dd90859', other]) expect(await ask(`${PREFIX}${path}`)).toEqual(refused);
  expect(await ask(`${PREFIX}any`, { header: token, now: 2_000 })).toEqual(refused);
});
