/**
 * S3 objects beside a floor in the same run: a bare node:http server that computes MD5 and fdatasyncs a file, and reads it back.
 * PUT and GET of 64 KiB over 16 connections, of 256 MiB over one. Every request to S3 is presigned, so that verification is in it.
 * Run: node tools/run.mjs bench/objects.ts
 */
import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createReadStream, createWriteStream, mkdtempSync, rmSync } from 'node:fs';
import { fdatasync, open, close } from 'node:fs';
import { Agent, createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { CreateBucketCommand, GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { startS3 } from '../test/support/s3.ts';

const SMALL = 64 * 1024;
const BIG = 256 * 1024 * 1024;
const CONNECTIONS = 16;
const OBJECTS = 3000;
const ROUNDS = 3;
const BUCKET = 'bench-bucket';

interface Side {
  readonly name: string;
  readonly child: ChildProcess;
  url(method: 'PUT' | 'GET', key: string): Promise<string>;
}

/** The floor: what any server that keeps the promise must do. */
async function serveFloor(): Promise<number> {
  const dir = mkdtempSync(join(tmpdir(), 'floor-'));
  process.once('disconnect', () => rmSync(dir, { recursive: true, force: true }));
  const server = createServer((incoming, response) => {
    const path = join(dir, encodeURIComponent(incoming.url!));
    const work = async (): Promise<void> => {
      if (incoming.method === 'GET') return pipeline(createReadStream(path), response);
      const hash = createHash('md5');
      const target = createWriteStream(path, { flush: false });
      incoming.on('data', (chunk: Buffer) => hash.update(chunk));
      await pipeline(incoming, target);
      const fd = await promisify(open)(path, 'r+');
      await promisify(fdatasync)(fd);
      await promisify(close)(fd);
      response.writeHead(200, { etag: hash.digest('hex') }).end();
    };
    work().catch((error: unknown) => response.destroy(error as Error));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

async function serve(what: string): Promise<void> {
  const port = what === 'floor' ? await serveFloor() : (await startS3()).port;
  process.on('message', () => process.send!({ ...process.cpuUsage(), rss: process.memoryUsage().rss }));
  process.once('disconnect', () => process.exit(0));
  process.send!(port);
}

async function startSide(name: string): Promise<Side> {
  const child = fork('tools/run.mjs', ['bench/objects.ts', name], { stdio: ['ignore', 'inherit', 'ignore', 'ipc'] });
  const [port] = (await once(child, 'message')) as [number];
  if (name === 'floor') return { name, child, url: async (_method, key) => `http://127.0.0.1:${port}/${key}` };
  const { S3Client } = await import('@aws-sdk/client-s3');
  const { KEY } = await import('../test/support/edge.ts');
  const client = new S3Client({
    endpoint: `http://127.0.0.1:${port}`,
    region: 'us-east-1',
    credentials: KEY,
    forcePathStyle: true,
    requestChecksumCalculation: 'WHEN_REQUIRED',
  });
  await client.send(new CreateBucketCommand({ Bucket: BUCKET }));
  const url = (method: 'PUT' | 'GET', Key: string): Promise<string> => {
    const command = method === 'PUT' ? new PutObjectCommand({ Bucket: BUCKET, Key }) : new GetObjectCommand({ Bucket: BUCKET, Key });
    return getSignedUrl(client, command as GetObjectCommand, { expiresIn: 3600 });
  };
  return { name, child, url };
}

const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });

function call(method: 'PUT' | 'GET', url: string, body?: readonly Buffer[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const length = body?.reduce((sum, piece) => sum + piece.length, 0) ?? 0;
    const outgoing = request(url, { method, agent, headers: { 'content-length': length } }, (response) => {
      response.on('data', () => undefined);
      response.on('error', reject);
      response.on('end', () => (response.statusCode === 200 ? resolve() : reject(new Error(`status ${response.statusCode}`))));
    });
    outgoing.on('error', reject);
    pipeline(body ?? [], outgoing).catch(reject);
  });
}

async function usage({ child }: Side): Promise<{ readonly cpu: number; readonly rss: number }> {
  child.send('usage');
  const [{ user, system, rss }] = (await once(child, 'message')) as [{ user: number; system: number; rss: number }];
  return { cpu: user + system, rss };
}

interface Figure {
  readonly perSecond: number;
  /** Microseconds of the server for one call. */
  readonly cpu: number;
}

async function measure(side: Side, calls: readonly (() => Promise<void>)[], connections: number): Promise<Figure> {
  const before = await usage(side);
  const start = performance.now();
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < calls.length) await calls[next++]!();
  };
  await Promise.all(Array.from({ length: connections }, worker));
  const seconds = (performance.now() - start) / 1000;
  return { perSecond: calls.length / seconds, cpu: ((await usage(side)).cpu - before.cpu) / calls.length };
}

async function round(side: Side, index: number): Promise<Record<string, Figure>> {
  const keys = Array.from({ length: OBJECTS }, (_, i) => `r${index}-${i}`);
  const puts = await Promise.all(keys.map((key) => side.url('PUT', key)));
  const gets = await Promise.all(keys.map((key) => side.url('GET', key)));
  // Every object has other bytes, so that nothing is deduplicated.
  const base = randomBytes(SMALL - 16);
  const small = puts.map((url) => () => call('PUT', url, [randomBytes(16), base]));
  const piece = randomBytes(1024 * 1024);
  const big = Array.from({ length: BIG / piece.length }, (_, i) => (i === 0 ? randomBytes(piece.length) : piece));
  const [bigPut, bigGet] = [await side.url('PUT', `big${index}`), await side.url('GET', `big${index}`)];
  return {
    'PUT 64 KiB': await measure(side, small, CONNECTIONS),
    'GET 64 KiB': await measure(
      side,
      gets.map((url) => () => call('GET', url)),
      CONNECTIONS,
    ),
    'PUT 256 MiB': await measure(side, [() => call('PUT', bigPut, big)], 1),
    'GET 256 MiB': await measure(side, [() => call('GET', bigGet), () => call('GET', bigGet)], 1),
  };
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;
}

function shown(name: string, perSecond: number): string {
  return name.endsWith('MiB') ? `${((perSecond * BIG) / 1e6).toFixed(0)} MB/s` : `${perSecond.toFixed(0)} /s`;
}

async function main(): Promise<void> {
  const sides = [await startSide('floor'), await startSide('s3')];
  const rounds = new Map(sides.map((side) => [side.name, [] as Record<string, Figure>[]]));
  for (let index = 0; index < ROUNDS; index++) {
    for (const side of sides) rounds.get(side.name)!.push(await round(side, index));
  }
  console.log(
    'medians of',
    ROUNDS,
    'rounds'.padEnd(12),
    'floor'.padStart(12),
    's3'.padStart(12),
    'ratio'.padStart(7),
    'CPU floor / s3 (µs a call)'.padStart(28),
  );
  for (const name of Object.keys(rounds.get('s3')![0]!)) {
    const of = (side: string, pick: (figure: Figure) => number): number => median(rounds.get(side)!.map((figures) => pick(figures[name]!)));
    const [floor, ours] = [of('floor', (figure) => figure.perSecond), of('s3', (figure) => figure.perSecond)];
    const cpu = `${of('floor', (figure) => figure.cpu).toFixed(0)} / ${of('s3', (figure) => figure.cpu).toFixed(0)}`;
    console.log(
      name.padEnd(21),
      shown(name, floor).padStart(14),
      shown(name, ours).padStart(12),
      (ours / floor).toFixed(2).padStart(7),
      cpu.padStart(28),
    );
  }
  console.log(`memory of the server: ${((await usage(sides[1]!)).rss / 1e6).toFixed(0)} MB`);
  agent.destroy();
  for (const { child } of sides) child.disconnect();
}

const [what] = process.argv.slice(2);
await (what === undefined ? main() : serve(what));
