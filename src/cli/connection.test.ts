import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { connection } from './connection.ts';
import type { CliTools } from './tools.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'connection-'));
  writeFileSync(join(folder, 'root-key.json'), JSON.stringify({ accessKeyId: 'ROOT', secretAccessKey: 's' }));
  writeFileSync(join(folder, 'holder.json'), JSON.stringify({ pid: 1, url: 'http://127.0.0.1:9/' }));
});
afterAll(() => rmSync(folder, { recursive: true }));

const AWS = { AWS_ACCESS_KEY_ID: 'AWS', AWS_SECRET_ACCESS_KEY: 's' };
const URL = { AWS_ENDPOINT_URL: 'http://elsewhere:1' };

const place = (env: CliTools['env'], named = false, data = folder) => {
  const { endpoint, key, region } = connection({ env, dataPath: (path: string) => path } as CliTools, data, named);
  return [endpoint, key?.accessKeyId, region];
};

it('takes AWS’s variables first, then the folder, then the defaults', () => {
  expect(place({ ...URL, ...AWS, AWS_REGION: 'eu-west-1' })).toEqual(['http://elsewhere:1', 'AWS', 'eu-west-1']);
  expect(place({ AWS_DEFAULT_REGION: 'eu-west-2' })).toEqual(['http://127.0.0.1:9', 'ROOT', 'eu-west-2']);
  expect(place({}, false, join(folder, 'absent'))).toEqual(['http://127.0.0.1:4566', undefined, 'us-east-1']);
});

it('does not send keys that are meant for AWS to a server of ours', () => {
  expect(place(AWS)).toEqual(['http://127.0.0.1:9', 'ROOT', 'us-east-1']);
});

it('believes a folder that was named on the command line more than the environment', () => {
  expect(place({ ...URL, ...AWS }, true)).toEqual(['http://127.0.0.1:9', 'ROOT', 'us-east-1']);
});

it('keeps a session’s token', () => {
  const env: CliTools['env'] = { ...URL, ...AWS, AWS_SESSION_TOKEN: 't' };
  const { key } = connection({ env, dataPath: (path: string) => path } as CliTools, folder, false);
  expect(key).toEqual({ accessKeyId: 'AWS', secretAccessKey: 's', sessionToken: 't' });
});
