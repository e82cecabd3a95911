import { mkdirSync, readFileSync, renameSync, existsSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { createListener } from '../http/listener.ts';
import { ownEndpoints } from '../http/own-endpoints.ts';
import type { Plane } from '../http/plane.ts';
import { systemClock } from '../kernel/clock.ts';
import { PipewrightError, messageOf } from '../kernel/errors.ts';
import { randomIds } from '../kernel/ids.ts';
import { jsonLogger } from '../kernel/log.ts';
import type { Settings } from '../kernel/options.ts';
import { openDataFolder, type DataFolder } from '../store/data-folder.ts';
import type { Mailer } from '../ports/mail.ts';
import { smtpMailer } from '../store/mail/index.ts';
import { socketSpawner } from '../store/spawner.ts';
import { buildSettings } from './build-settings.ts';
import { RunnerChild } from './runner-child.ts';
import { dataPath } from './data-path.ts';
import { openStores } from './stores.ts';
import { startWorld, type World, type WorldTools } from './world.ts';

export interface RootKey {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

export interface RunningServer {
  /** `http://HOST:PORT`, no trailing slash. */
  readonly endpoint: string;
  readonly host: string;
  readonly port: number;
  readonly data: string;
  readonly credentials: RootKey;
  /** Lets requests in flight end, stops the runner, releases the data folder. */
  close(): Promise<void>;
}

/** How long requests in flight, and then builds' last words, may take when the server stops, ms. */
const DRAIN_MS = 10_000;
const LOOPBACK = /^(127\.|::1$|localhost$)/;

function readRootKey(path: string): RootKey | undefined {
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as RootKey) : undefined;
}

function keepRootKey(path: string, key: RootKey): void {
  writeFileSync(`${path}.new`, `${JSON.stringify(key, null, 2)}\n`, { mode: 0o600 });
  renameSync(`${path}.new`, path);
}

/** Makes sure of the root access key, in the database and in the file that `pipewright env` reads. */
async function rootKey(world: World, settings: Settings): Promise<RootKey> {
  const path = join(settings.data, 'root-key.json');
  const key = await world.iam.ensureRootKey(settings.account, readRootKey(path));
  keepRootKey(path, key);
  return key;
}

/** The world of the moment: a reset stops it, empties the stores and starts another in its place. */
class Worlds {
  readonly #tools: WorldTools;
  readonly #started: (world: World) => Promise<void>;
  current: World;

  /** `started` is told of each new world once it runs. */
  constructor(tools: WorldTools, first: World, started: (world: World) => Promise<void>) {
    this.#tools = tools;
    this.#started = started;
    this.current = first;
  }

  async reset(): Promise<void> {
    await this.current.stop();
    await this.#tools.stores.clear();
    this.current = await startWorld(this.#tools);
    await rootKey(this.current, this.#tools.settings);
    await this.#started(this.current);
  }

  /** The same planes in every world, asked in the world of the moment. */
  planes(): readonly Plane[] {
    return this.current.planes.map((plane, index) => ({
      anyHost: plane.anyHost ?? false,
      ...('upgrade' in plane && { upgrade: (request, socket, head) => this.current.planes[index]!.upgrade?.(request, socket, head) }),
      matches: (request) => this.current.planes[index]!.matches(request),
      handle: (request, response) => this.current.planes[index]!.handle(request, response),
      drain: () => this.current.planes[index]!.drain?.(),
    }));
  }
}

function mailerOf({ smtpUrl, mailFrom = '' }: Settings): Mailer | undefined {
  return smtpUrl ? smtpMailer({ url: smtpUrl, from: mailFrom }) : undefined;
}

function checkSettings(settings: Settings): void {
  if (settings.auth === 'off' && !LOOPBACK.test(settings.host)) {
    throw new PipewrightError('UnsafeSettings', `--auth off works on loopback only, not on ${settings.host}`);
  }
  if (settings.publicUrl && !/^https?:$/.test(URL.canParse(settings.publicUrl) ? new URL(settings.publicUrl).protocol : '')) {
    throw new PipewrightError('InvalidSettings', '--public-url must be a URL that begins with http:// or https://');
  }
  // Before anything is opened: it says what is wrong with the mail server's settings.
  mailerOf(settings);
  if (!/^\d{12}$/.test(settings.account)) throw new PipewrightError('InvalidSettings', '--account must be 12 digits');
}

/** Starts everything on the data folder; resolves once requests are accepted. */
export async function startServer(given: Settings): Promise<RunningServer> {
  checkSettings(given);
  const settings: Settings = { ...given, data: dataPath(given.data) };
  mkdirSync(settings.data, { recursive: true, mode: 0o700 });
  const folder = openDataFolder(settings.data);
  try {
    return await serve(settings, folder);
  } catch (error) {
    folder.release();
    throw error;
  }
}

/** The runner's program lies beside ours in a build, and in `dist` for whoever runs the sources. */
function runnerProgram(): string {
  const beside = join(import.meta.dirname, 'runner.js');
  return existsSync(beside) ? beside : resolve(import.meta.dirname, '../../dist/runner.js');
}

async function serve(settings: Settings, folder: DataFolder): Promise<RunningServer> {
  const clock = systemClock;
  const log = jsonLogger(
    (line) => process.stderr.write(line),
    () => clock.now(),
  );
  const place = { endpoint: '' };
  const builds = buildSettings(settings);
  const runner = new RunnerChild({ folder: join(settings.data, 'work'), program: runnerProgram(), log });
  const stores = await openStores(settings.data, { clock, log, spawner: socketSpawner(runner.path) });
  const publicUrl = settings.publicUrl?.replace(/\/+$/, '');
  const tools: WorldTools = {
    settings,
    stores,
    clock,
    ids: randomIds(clock),
    log,
    endpoint: () => place.endpoint,
    publicEndpoint: () => publicUrl || place.endpoint,
    mailer: mailerOf(settings),
  };
  const configure = async (world: World) => {
    const credentials = await runnerCredentials(world, settings);
    const { region, actionsUrl } = settings;
    await runner.configure({ endpoint: place.endpoint, region, credentials, builds, ...(actionsUrl !== undefined && { actionsUrl }) });
  };
  const worlds = new Worlds(tools, await startWorld(tools), configure);
  folder.stamp();
  const credentials = await rootKey(worlds.current, settings);
  const listener = listen(worlds, settings, log);
  const { port } = await listener.listen(settings.port, settings.host);
  const host = settings.host.includes(':') ? `[${settings.host}]` : settings.host;
  place.endpoint = `http://${host}:${port}`;
  folder.announce(place.endpoint);
  await configure(worlds.current);
  return {
    endpoint: place.endpoint,
    host: settings.host,
    port,
    data: settings.data,
    credentials,
    async close() {
      // First: its long polls and builds would keep the listener waiting, and none of its work outlives the server.
      await runner.stop();
      await listener.close(DRAIN_MS);
      await worlds.current.stop();
      await stores.close();
      folder.release();
    },
  };
}

/** Made anew at each start; the runner keeps them in memory only. */
async function runnerCredentials(world: World, { account }: Settings) {
  const arn = `arn:aws:sts::${account}:assumed-role/pipewright-runner/local`;
  const principal = { kind: 'role', account, arn, id: 'pipewright-runner:local', session: 'runner' } as const;
  const { accessKeyId, secretAccessKey, sessionToken } = await world.iam.sessions.issue(principal, RUNNER_SESSION_SECONDS);
  return { accessKeyId, secretAccessKey, sessionToken };
}

/** Longer than any server runs without being started again. */
const RUNNER_SESSION_SECONDS = 10 * 365 * 24 * 3600;

function listen(worlds: Worlds, settings: Settings, log: WorldTools['log']) {
  const dispatcher = {
    handle: (...args: Parameters<World['dispatcher']['handle']>) => worlds.current.dispatcher.handle(...args),
    identify: (...args: Parameters<World['dispatcher']['identify']>) => worlds.current.dispatcher.identify(...args),
  };
  const own = ownEndpoints({
    dispatcher,
    // The event log's table outlives worlds only by name: after a reset the stream of the new one is read.
    bus: {
      write: (event) => worlds.current.bus.write(event),
      read: (after, limit) => worlds.current.bus.read(after, limit),
      bounds: () => worlds.current.bus.bounds(),
      onAppend: (listener) => worlds.current.bus.onAppend(listener),
    },
    health: () => ({ region: settings.region }),
    ...(settings.allowReset && { reset: () => worlds.reset() }),
    failed: (error) => log.error('event stream failed', { error: messageOf(error) }),
  });
  const planes = worlds.planes();
  const cors: World['cors'] = (...args) => worlds.current.cors(...args);
  // Credentials of builds lie under the same prefix as our own endpoints and are asked first.
  const hosts = settings.publicUrl ? [new URL(settings.publicUrl).hostname] : [];
  return createListener({ dispatcher, planes: [...planes, own], hosts, cors, log });
}
