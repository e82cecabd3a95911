import { execFile, execFileSync, spawn, type ChildProcess } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { EngineClient } from '../../src/runtimes/docker/engine/client.ts';
import { makeImages } from './engine-images.ts';

const run = promisify(execFile);

export type EngineName = 'docker' | 'podman';

/** Debian's, whatever else of these names comes first on the PATH. */
const PATH = '/usr/sbin:/usr/bin:/sbin:/bin';
const PROGRAMS: Readonly<Record<EngineName, readonly string[]>> = {
  docker: ['/usr/sbin/dockerd', '/usr/sbin/runc'],
  podman: ['/usr/bin/podman', '/usr/sbin/runc', '/usr/bin/conmon'],
};
const PATIENCE_MS = 30_000;
/** Which engines have by themselves. */
const OWN_NETWORKS = new Set(['bridge', 'host', 'none', 'podman']);

/** Why this engine's tests cannot be run here; undefined where they can. */
export function engineMissing(name: EngineName): string | undefined {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return 'starting an engine takes root on Linux';
  const missing = [...PROGRAMS[name], '/bin/busybox'].filter((path) => !existsSync(path));
  return missing.length === 0 ? undefined : `${missing.join(', ')} not installed`;
}

/** Linux's CAP_SYS_RESOURCE: some virtual machines are without. */
const SYS_RESOURCE = 24n;

function mayRaiseLimits(): boolean {
  const text = /^CapEff:\s*(\w+)$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? '0';
  return ((BigInt(`0x${text}`) >> SYS_RESOURCE) & 1n) === 1n;
}

/** The OCI runtime; where limits cannot be raised, one that asks for none: privileged containers do not start otherwise. */
function ociRuntime(folder: string): string {
  if (mayRaiseLimits()) return '/usr/sbin/runc';
  const path = join(folder, 'runc-modest');
  const edits = [
    's/"CAP_SYS_RESOURCE",?//g',
    's/,\\]/]/g',
    's/"oomScoreAdj":-[0-9]+/"oomScoreAdj":0/',
    's/"(hard|soft)":[0-9]{6,}/"\\1":20000/g',
  ];
  const lines = [
    '#!/bin/sh',
    'for word in "$@"; do',
    '  for file in "$word" "$word/config.json"; do',
    `    case $file in /*.json|/*process*) [ -f "$file" ] && sed -i -E '${edits.join(';')}' "$file" ;; esac`,
    '  done',
    'done',
    'exec /usr/sbin/runc "$@"',
    '',
  ];
  writeFileSync(path, lines.join('\n'));
  chmodSync(path, 0o755);
  return path;
}

function dockerFiles(folder: string, socket: string): readonly string[] {
  const config = {
    'data-root': join(folder, 'data'),
    'exec-root': join(folder, 'exec'),
    pidfile: join(folder, 'engine.pid'),
    hosts: [`unix://${socket}`],
    // Nothing of the machine's network is touched: the tests bring a network of their own.
    bridge: 'none',
    iptables: false,
    ip6tables: false,
    'ip-forward': false,
    'exec-opts': ['native.cgroupdriver=cgroupfs'],
    runtimes: { own: { path: ociRuntime(folder) } },
    'default-runtime': 'own',
    'log-level': 'warn',
  };
  writeFileSync(join(folder, 'daemon.json'), JSON.stringify(config));
  return ['/usr/sbin/dockerd', '--config-file', join(folder, 'daemon.json')];
}

function podmanFiles(folder: string, socket: string): readonly string[] {
  const home = join(folder, 'home', '.config', 'containers');
  mkdirSync(home, { recursive: true });
  writeFileSync(join(home, 'policy.json'), JSON.stringify({ default: [{ type: 'insecureAcceptAnything' }] }));
  const containers = [
    '[containers]',
    // Its API swaps soft and hard limits that differ.
    'default_ulimits = ["nofile=20000:20000", "nproc=4096:4096"]',
    '[engine]',
    'cgroup_manager = "cgroupfs"',
    'events_logger = "file"',
    'lock_type = "file"',
    'runtime = "own"',
    `tmp_dir = "${folder}/tmp"`,
    '[engine.runtimes]',
    `own = ["${ociRuntime(folder)}"]`,
    '[network]',
    'network_backend = "netavark"',
    `network_config_dir = "${folder}/networks"`,
  ];
  writeFileSync(join(folder, 'containers.conf'), containers.join('\n'));
  writeFileSync(join(folder, 'storage.conf'), `[storage]\ndriver = "overlay"\ngraphroot = "${folder}/graph"\nrunroot = "${folder}/run"\n`);
  writeFileSync(
    join(folder, 'registries.conf'),
    'unqualified-search-registries = []\n[[registry]]\nlocation = "127.0.0.1"\ninsecure = true\n',
  );
  return ['/usr/bin/podman', 'system', 'service', '--time=0', `unix://${socket}`];
}

function environment(folder: string): Record<string, string> {
  return {
    PATH,
    HOME: join(folder, 'home'),
    CONTAINERS_CONF: join(folder, 'containers.conf'),
    CONTAINERS_STORAGE_CONF: join(folder, 'storage.conf'),
    CONTAINERS_REGISTRIES_CONF: join(folder, 'registries.conf'),
  };
}

/** Docker or Podman on a socket and folders of its own, with the images that tests run (engine-images.ts). */
export class TestEngine {
  readonly name: EngineName;
  readonly folder: string;
  readonly socket: string;
  #child: ChildProcess | undefined;
  #command: readonly string[] = [];

  private constructor(name: EngineName) {
    this.name = name;
    this.folder = mkdtempSync(join(tmpdir(), `${name}-`));
    this.socket = join(this.folder, 'engine.sock');
  }

  /** Rejects with what the engine said where it does not come up. */
  static async start(name: EngineName): Promise<TestEngine> {
    const engine = new TestEngine(name);
    engine.#command = (name === 'docker' ? dockerFiles : podmanFiles)(engine.folder, engine.socket);
    try {
      await engine.up();
      await makeImages(engine.socket);
      return engine;
    } catch (error) {
      await engine.end();
      throw error;
    }
  }

  get host(): string {
    return `unix://${this.socket}`;
  }

  get client(): EngineClient {
    return new EngineClient(this.socket);
  }

  /** Starts it; again after `kill9`. */
  async up(): Promise<void> {
    const log = openSync(join(this.folder, 'engine.log'), 'a');
    const [command, ...args] = this.#command as [string, ...string[]];
    // Of an engine that was killed; its containerd has died with it, and may still be there as a zombie that nobody reaps.
    for (const pid of ['engine.pid', 'exec/containerd/containerd.pid']) rmSync(join(this.folder, pid), { force: true });
    this.#child = spawn(command, args, { env: environment(this.folder), cwd: this.folder, stdio: ['ignore', log, log] });
    closeSync(log);
    for (const until = Date.now() + PATIENCE_MS; ; await new Promise((resolve) => setTimeout(resolve, 25))) {
      if (
        await this.client.negotiate().then(
          () => true,
          () => false,
        )
      )
        return;
      if (this.#child.exitCode !== null || Date.now() > until)
        throw new Error(`${this.name} does not start: ${readFileSync(join(this.folder, 'engine.log'), 'utf8').slice(-2_000)}`);
    }
  }

  async kill9(): Promise<void> {
    await this.#end('SIGKILL');
  }

  /** Names of all containers that it has. */
  async containers(): Promise<readonly string[]> {
    const { client } = this;
    await client.negotiate();
    return (await client.json<{ Names: string[] }[]>('GET', '/containers/json?all=1')).flatMap(({ Names }) => Names);
  }

  /** Ends it with all that it started, and removes its files. */
  async end(): Promise<void> {
    await this.#removeAll().catch((error: unknown) => appendFileSync(join(this.folder, 'engine.log'), String(error)));
    await this.#end('SIGTERM');
    for (const pid of this.#offspring()) process.kill(pid, 'SIGKILL');
    for (const mount of this.#mounts()) execFileSync('/bin/umount', ['-l', mount]);
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 });
  }

  /** Containers, and the networks of tests, whose interfaces would outlive the engine. */
  async #removeAll(): Promise<void> {
    for (const name of await this.containers()) await this.client.json('DELETE', `/containers${name}?force=1&v=1`);
    const networks = await this.client.json<{ Name: string }[]>('GET', '/networks');
    for (const { Name } of networks) if (!OWN_NETWORKS.has(Name)) await this.client.json('DELETE', `/networks/${Name}`);
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill(signal);
    await gone;
  }

  /** containerd and its shims, or conmon: they name our folder, which nobody else does. */
  #offspring(): readonly number[] {
    const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid);
    return pids.filter((pid) => this.#names(`/proc/${pid}/cmdline`)).map(Number);
  }

  #names(path: string): boolean {
    try {
      return readFileSync(path, 'latin1').includes(`${this.folder}/`);
    } catch {
      // It ended meanwhile.
      return false;
    }
  }

  #mounts(): readonly string[] {
    const paths = readFileSync('/proc/mounts', 'utf8')
      .split('\n')
      .map((line) => line.split(' ')[1] ?? '');
    return paths.filter((path) => path.startsWith(`${this.folder}/`)).toReversed();
  }
}

/** The engine's own command line, for tests of what builds do with it. */
export async function dockerCli(engine: TestEngine, ...args: string[]): Promise<string> {
  return (await run('/usr/bin/docker', args, { env: { PATH, DOCKER_HOST: engine.host } })).stdout;
}
