import { IAMClient } from '@aws-sdk/client-iam';
import { STSClient } from '@aws-sdk/client-sts';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Committer } from '../../../engine/committer.ts';
import { createEventLog } from '../../../engine/event-log.ts';
import { engineMigrations } from '../../../engine/tables.ts';
import { createListener } from '../../../http/listener.ts';
import { ManualClock } from '../../../kernel/clock.ts';
import { randomIds } from '../../../kernel/ids.ts';
import { silentLogger } from '../../../kernel/log.ts';
import { createDispatcher } from '../../../protocol/dispatcher.ts';
import { createIam, type Iam } from '../index.ts';
import { migrations } from '../tables.ts';
import { createSts } from '../../sts/index.ts';
import { createSecretBox } from '../../../store/secrets.ts';
import { openSqlite } from '../../../store/sqlite/index.ts';

export const ACCOUNT = '123456789012';

export const TRUST = JSON.stringify({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: { AWS: `arn:aws:iam::${ACCOUNT}:root` }, Action: 'sts:AssumeRole' }],
});

export interface Keys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

export interface IamServer {
  readonly endpoint: string;
  readonly iam: Iam;
  readonly clock: ManualClock;
  readonly root: Keys;
  iamAs(keys: Keys): IAMClient;
  stsAs(keys: Keys): STSClient;
  close(): Promise<void>;
}

/** IAM and STS behind the real edge, on the database in `dir`. The clock starts at the real time, because clients sign with theirs. */
async function start(dir: string): Promise<Omit<IamServer, 'iamAs' | 'stsAs'>> {
  const clock = new ManualClock(Date.now());
  const database = openSqlite({ path: join(dir, 'test.db') });
  await database.migrate([
    { owner: 'engine', migrations: engineMigrations },
    { owner: 'iam', migrations },
  ]);
  const commits = new Committer(database);
  const ids = randomIds(clock);
  const tools = { db: database, commits, bus: createEventLog(database, commits), clock, ids, log: silentLogger };
  const iam = createIam({ ...tools, secrets: createSecretBox([Buffer.alloc(32, 7)]) });
  const sts = createSts({ ...tools, sessions: iam.sessions, credentials: iam.credentials, findRole: iam.findRole });
  const root = await iam.ensureRootKey(ACCOUNT);
  const settings = { account: ACCOUNT, region: 'us-east-1', auth: 'sigv4' as const };
  const { credentials, authorise } = iam;
  const dispatcher = createDispatcher({ services: [iam.service, sts], authorise, credentials, clock, ids, log: silentLogger, settings });
  const listener = createListener({ dispatcher, planes: [], log: silentLogger });
  const { port } = await listener.listen(0, '127.0.0.1');
  const close = async (): Promise<void> => {
    await listener.close(2000);
    await iam.service.stop?.();
    await commits.drained();
    await database.close();
  };
  return { endpoint: `http://127.0.0.1:${port}`, iam, clock, root, close };
}

function clientsOf(endpoint: string): Pick<IamServer, 'iamAs' | 'stsAs'> {
  const config = (credentials: Keys) => ({ endpoint, region: 'us-east-1', credentials, maxAttempts: 1 });
  return { iamAs: (keys) => new IAMClient(config({ ...keys })), stsAs: (keys) => new STSClient(config({ ...keys })) };
}

export interface RestartableServer {
  /** The data folder. */
  readonly dir: string;
  readonly now: IamServer;
  restart(): Promise<void>;
  close(): Promise<void>;
}

/** A server in a folder of its own that can be stopped and started again on the same data. */
export async function startIamServer(): Promise<RestartableServer> {
  const dir = mkdtempSync(join(tmpdir(), 'pipewright-iam-'));
  const open = async (): Promise<IamServer> => {
    const server = await start(dir);
    return { ...server, ...clientsOf(server.endpoint) };
  };
  let now = await open();
  return {
    dir,
    get now() {
      return now;
    },
    async restart() {
      await now.close();
      now = await open();
    },
    async close() {
      await now.close();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}
