import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { S3Client } from '@aws-sdk/client-s3';
import type { S3ClientConfig } from '@aws-sdk/client-s3';
import { createEventLog } from '../../src/engine/event-log.ts';
import { Committer } from '../../src/engine/committer.ts';
import { engineMigrations } from '../../src/engine/tables.ts';
import { createListener } from '../../src/http/listener.ts';
import { systemClock } from '../../src/kernel/clock.ts';
import { randomIds } from '../../src/kernel/ids.ts';
import { silentLogger } from '../../src/kernel/log.ts';
import type { Bus } from '../../src/ports/bus.ts';
import { createWebsitePlane } from '../../src/planes/website/index.ts';
import { createDispatcher } from '../../src/protocol/dispatcher.ts';
import { rootPrincipal } from '../../src/protocol/authenticate.ts';
import type { CallContext } from '../../src/protocol/context.ts';
import { createS3 } from '../../src/services/s3/index.ts';
import type { S3Service } from '../../src/services/s3/index.ts';
import { openFileBlobs } from '../../src/store/blobs/index.ts';
import type { FileBlobs } from '../../src/store/blobs/index.ts';
import { openSqlite } from '../../src/store/sqlite/index.ts';
import type { SqliteDatabase } from '../../src/store/sqlite/index.ts';
import { ACCOUNT, KEY } from './edge.ts';

export interface S3Server {
  readonly s3: S3Service;
  readonly blobs: FileBlobs;
  readonly db: SqliteDatabase;
  readonly bus: Bus;
  readonly port: number;
  readonly endpoint: string;
  /** The SDK's client, path-style; more settings override. */
  client(config?: S3ClientConfig): S3Client;
  /** A call's context, as root in us-east-1. */
  context(region?: string): CallContext;
  close(): Promise<void>;
}

const NEVER = new AbortController().signal;

/** S3 on real stores behind the real edge, with the website plane. */
export async function startS3(): Promise<S3Server> {
  const dir = mkdtempSync(join(tmpdir(), 'pipewright-s3-'));
  const [clock, log] = [systemClock, silentLogger];
  const ids = randomIds(clock);
  const db = openSqlite({ path: join(dir, 'test.db') });
  const blobs = await openFileBlobs({ dir: join(dir, 'blobs'), clock });
  const commits = new Committer(db);
  const bus = createEventLog(db, commits);
  const s3 = createS3({ db, commits, bus, clock, ids, log, blobs });
  await db.migrate([
    { owner: 'engine', migrations: engineMigrations },
    { owner: 's3', migrations: s3.migrations ?? [] },
  ]);
  const dispatcher = createDispatcher({
    services: [s3],
    authorise: () => ({ allowed: true }),
    credentials: { find: async (id) => (id === KEY.accessKeyId ? { ...KEY, principal: rootPrincipal(ACCOUNT) } : undefined) },
    clock,
    ids,
    log,
    settings: { account: ACCOUNT, region: 'us-east-1', auth: 'sigv4' },
  });
  const listener = createListener({ dispatcher, planes: [createWebsitePlane(s3.websites)], cors: s3.cors, log });
  const { port } = await listener.listen(0, '127.0.0.1');
  const endpoint = `http://127.0.0.1:${port}`;
  return {
    s3,
    blobs,
    db,
    bus,
    port,
    endpoint,
    client: (config) => new S3Client({ endpoint, region: 'us-east-1', credentials: KEY, forcePathStyle: true, maxAttempts: 1, ...config }),
    context: (region = 'us-east-1') => ({
      principal: rootPrincipal(ACCOUNT),
      account: ACCOUNT,
      region,
      requestId: ids.uuid(),
      signal: NEVER,
      endpoint,
    }),
    async close() {
      await listener.close(1000);
      await blobs.close();
      await db.close();
      rmSync(dir, { recursive: true });
    },
  };
}
