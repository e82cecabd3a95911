import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { EngineClient } from './client.ts';
import { EngineRefusal, EngineUnreachable } from './errors.ts';
import { findEngine } from './find.ts';

let folder: string;
let server: Server;
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'engine-'))));
afterEach(async () => {
  await new Promise((resolve) => server.close(resolve).closeAllConnections());
  rmSync(folder, { recursive: true });
});

async function engine(handle: RequestListener): Promise<EngineClient> {
  const path = join(folder, 'engine.sock');
  server = createServer(handle);
  await new Promise<void>((resolve) => server.listen(path, resolve));
  return new EngineClient(path);
}

const version = (ApiVersion: string) => engine((request, response) => void response.end(JSON.stringify({ ApiVersion, path: request.url })));

it.each([
  ['1.41', '/v1.41/x'],
  ['1.52', '/v1.44/x'],
])('agrees on a version: the engine speaks %s', async (spoken, path) => {
  const client = await version(spoken);
  await client.negotiate();
  expect(await client.json('GET', '/x')).toMatchObject({ path });
});

it.each(['1.24', '', 'two'])('does not work with an engine that speaks %j', async (spoken) => {
  await expect((await version(spoken)).negotiate()).rejects.toThrow(EngineUnreachable);
});

it('passes on what the engine says against a call', async () => {
  const client = await engine((request, response) => {
    response.statusCode = request.url === '/plain' ? 502 : 409;
    response.end(request.url === '/plain' ? 'bad gateway' : JSON.stringify({ message: 'name in use' }));
  });
  await expect(client.json('POST', '/x')).rejects.toThrow(new EngineRefusal(409, 'name in use'));
  await expect(client.json('POST', '/plain')).rejects.toMatchObject({ status: 502, message: 'bad gateway' });
  await expect(client.hijack('/x')).rejects.toMatchObject({ status: 409 });
});

it('says that an engine is gone: before the answer, within it, and when it says nothing', async () => {
  const client = await engine((request, response) => {
    if (request.url === '/cut') return void response.writeHead(200, { 'Content-Length': 100 }).write('{"a":', () => response.destroy());
    if (request.url === '/gone') return void response.destroy();
    if (request.url === '/garbage') response.end('<html>');
  });
  for (const path of ['/cut', '/gone', '/garbage']) await expect(client.json('GET', path)).rejects.toThrow(EngineUnreachable);
  await expect(client.json('GET', '/silent', { patienceMs: 30 })).rejects.toThrow(/no answer/);
  await expect(new EngineClient(join(folder, 'none')).json('GET', '/')).rejects.toThrow(EngineUnreachable);
});

it('reads lines of JSON as they come, cut anywhere', async () => {
  const client = await engine((_request, response) => {
    response.write('{"a":1}\n{"b"');
    setImmediate(() => response.end(':2}\r\n\n{"c":"é"}'));
  });
  const lines: unknown[] = [];
  for await (const line of client.lines('POST', '/pull')) lines.push(line);
  expect(lines).toEqual([{ a: 1 }, { b: 2 }, { c: 'é' }]);
});

it('says that a stream of lines broke off', async () => {
  const client = await engine((_request, response) => void response.write('{"a":1}\n', () => response.destroy()));
  const read = async () => {
    for await (const line of client.lines('POST', '/pull')) expect(line).toEqual({ a: 1 });
  };
  await expect(read()).rejects.toThrow(EngineUnreachable);
});

it('is told by its signal alone that a call is no longer wanted', async () => {
  const client = await engine(() => undefined);
  const abort = new AbortController();
  const call = client.json('GET', '/x', { signal: abort.signal });
  abort.abort();
  await expect(call).rejects.toMatchObject({ name: 'AbortError' });
});

it('finds the engine, or says where it has looked', async () => {
  const client = await version('1.43');
  const env = { DOCKER_HOST: `unix://${client.socketPath}`, XDG_RUNTIME_DIR: undefined };
  expect((await findEngine(env)).client.socketPath).toBe(client.socketPath);
  await expect(findEngine({ ...env, DOCKER_HOST: 'unix:///none.sock' })).rejects.toThrow(
    /no container engine answers at unix:\/\/\/none.sock \(DOCKER_HOST\)/,
  );
  await expect(findEngine({ ...env, DOCKER_HOST: 'tcp://10.0.0.1:2375' })).rejects.toThrow(/only engines on this machine/);
});
