import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createClient, type PipewrightClient } from '../client/client.ts';
import { OPTIONS } from '../kernel/options.ts';
import { isObject } from '../kernel/json.ts';
import type { CliTools } from './tools.ts';

export interface Key {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

export interface Connection {
  readonly endpoint: string;
  readonly region: string;
  readonly key: Key | undefined;
}

function readJson(path: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(readFileSync(path, 'utf8'));
    return isObject(value) ? value : undefined;
  } catch {
    // Not there, or not ours to read: the caller says what to do without it.
    return undefined;
  }
}

/** The URL of the server that holds the folder, as it announced itself. */
export function announcedUrl(data: string): string | undefined {
  const url = readJson(join(data, 'holder.json'))?.url;
  return typeof url === 'string' && url !== '' ? url : undefined;
}

export function rootKey(data: string): Key | undefined {
  const file = readJson(join(data, 'root-key.json'));
  const { accessKeyId, secretAccessKey } = file ?? {};
  return typeof accessKeyId === 'string' && typeof secretAccessKey === 'string' ? { accessKeyId, secretAccessKey } : undefined;
}

function environmentKey(env: CliTools['env']): Key | undefined {
  const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey, AWS_SESSION_TOKEN: sessionToken } = env;
  if (!accessKeyId || !secretAccessKey) return undefined;
  return { accessKeyId, secretAccessKey, ...(sessionToken && { sessionToken }) };
}

/**
 * Where the server is and who we are. AWS's environment variables count first, unless the folder was named on the command line. Without
 * AWS_ENDPOINT_URL they are meant for AWS itself: the folder's key goes before theirs.
 */
export function connection(tools: CliTools, dataOption: string, named: boolean): Connection {
  const data = tools.dataPath(dataOption);
  const { AWS_REGION, AWS_DEFAULT_REGION } = tools.env;
  const given = named ? undefined : tools.env.AWS_ENDPOINT_URL;
  const fallback = `http://${OPTIONS.host.default}:${OPTIONS.port.default}`;
  const ours = rootKey(data);
  const theirs = environmentKey(tools.env);
  return {
    endpoint: (given || announcedUrl(data) || fallback).replace(/\/$/, ''),
    region: AWS_REGION || AWS_DEFAULT_REGION || OPTIONS.region.default,
    key: given ? (theirs ?? ours) : (ours ?? theirs),
  };
}

export function clientOf({ endpoint, region, key }: Connection): PipewrightClient {
  return createClient({ endpoint, region, ...(key && { credentials: key }) });
}
