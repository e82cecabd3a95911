import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { DownloadTools } from './download.ts';
import { trustedWith } from './certificate.ts';
import { fetchGit } from './git.ts';

let folder: string;
let server: Server;
let commit: string;

/** A git host whose certificate nobody has signed: it serves a repository as files. */
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'certificate-'));
  const [key, certificate, remote] = ['key.pem', 'ca.pem', 'remote'].map((name) => join(folder, name)) as [string, string, string];
  const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'];
  const keys = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', key];
  execFileSync('openssl', ['req', '-x509', ...keys, '-out', certificate, '-days', '2', ...subject], { stdio: 'ignore' });
  mkdirSync(remote);
  const who = ['-c', 'user.name=a', '-c', 'user.email=a@example.com'];
  const git = (...args: readonly string[]) => execFileSync('git', [...who, ...args], { cwd: remote, encoding: 'utf8' }).trim();
  git('init', '--quiet', '--initial-branch=main');
  git('commit', '--quiet', '--allow-empty', '-m', 'first');
  git('update-server-info');
  commit = git('rev-parse', 'HEAD');
  server = createServer({ key: readFileSync(key), cert: readFileSync(certificate) }, (request, response) => {
    try {
      response.end(readFileSync(join(remote, '.git', new URL(request.url!, 'https://localhost').pathname)));
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterAll(() => {
  server.close();
  rmSync(folder, { recursive: true, force: true });
});

const s3 = (content: Buffer) => ({ getObject: async () => ({ Body: [content] }) }) as unknown as DownloadTools['s3'];
const object = { bucket: 'b', key: 'ca.pem' };

function fetched(name: string, caFile?: string): Promise<string> {
  const directory = join(folder, name);
  mkdirSync(directory);
  const url = `https://localhost:${(server.address() as AddressInfo).port}/`;
  const { signal } = new AbortController();
  const fetch = { url, version: undefined, depth: 0, submodules: false, insecureSsl: false, directory, signal, protocols: 'https' };
  return fetchGit({ ...fetch, ...(caFile !== undefined && { caFile }) });
}

it('lets git trust the host that it is of', async () => {
  await expect(fetched('without')).rejects.toThrow(/certificate|SSL/i);
  const caFile = await trustedWith(object, { s3: s3(readFileSync(join(folder, 'ca.pem'))), scratch: folder });
  expect(await fetched('with', caFile)).toBe(commit);
  expect(readFileSync(caFile, 'utf8').match(/BEGIN CERTIFICATE/g)!.length).toBeGreaterThan(50);
});

it('has to be one', async () => {
  const bad = trustedWith(object, { s3: s3(Buffer.from('hello')), scratch: folder });
  await expect(bad).rejects.toThrow('The certificate arn:aws:s3:::b/ca.pem is not PEM');
});
