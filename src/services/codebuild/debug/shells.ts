import type { Shell, ShellHost, ShellOutput, ShellTargets } from '../../../ports/shells.ts';
import type { DebugOrder } from '../../pipewright/api.gen.ts';
import { sessionTarget, targetOf } from '../rules/build/session-target.ts';
import { aggregateId, isRunning } from '../rules/build/state.ts';
import type { DebugTools } from './operations.ts';
import type { DebugRoom } from './rooms.ts';
import type { DebugSession } from './session.ts';

/** What was typed and is not yet at the runner, bytes. */
const MOST_TYPED = 256 * 1024;
const WAIT_MS = 20_000;

type Wanted = Pick<DebugTools, 'builds' | 'rooms' | 'clock' | 'ids' | 'leases'>;

/** A terminal of a build's runner, in this server's own hands instead of a command line's. */
class RoomShell implements Shell {
  readonly #tools: Wanted;
  readonly #build: string;
  readonly #room: DebugRoom;
  readonly #session: DebugSession;
  /** Somebody looks at it, even where nothing is read for a while. */
  readonly #seen: NodeJS.Timeout;
  #sequence = 0;
  #position = 0;
  #closed = false;

  constructor(tools: Wanted, build: string) {
    this.#tools = tools;
    this.#build = build;
    this.#room = tools.rooms.of(build);
    this.#session = this.#room.session(tools.ids.uuid());
    this.#seen = setInterval(() => this.#look(), WAIT_MS).unref();
  }

  get hasRoom(): boolean {
    return this.#session.waiting.reduce((bytes, { data }) => bytes + (data?.length ?? 0), 0) < MOST_TYPED;
  }

  open(columns: number, rows: number): this {
    this.#order({ kind: 'OPEN', columns, rows });
    return this;
  }

  write(data: Uint8Array): void {
    this.#order({ kind: 'INPUT', data });
  }

  resize(columns: number, rows: number): void {
    this.#order({ kind: 'RESIZE', columns, rows });
  }

  close(): void {
    if (this.#closed) return;
    this.#order({ kind: 'CLOSE' });
    this.#closed = true;
    clearInterval(this.#seen);
  }

  async read(signal: AbortSignal): Promise<ShellOutput> {
    for (;;) {
      signal.throwIfAborted();
      this.#look();
      const { position, data } = this.#session.read(this.#position);
      this.#position = position + data.length;
      if (data.length > 0) return { kind: 'output', data };
      if (this.#session.exitCode !== undefined) return { kind: 'ended' };
      const state = await this.#tools.builds.state(this.#build);
      if (!state || !isRunning(state)) return { kind: 'ended', reason: 'What the shell ran in has ended.' };
      if (this.#tools.leases.stopping) return { kind: 'ended', reason: 'The server is being stopped.' };
      await this.#room.bell.rung(WAIT_MS, signal);
    }
  }

  #look(): void {
    this.#session.seen = this.#tools.clock.now();
  }

  #order(order: Omit<DebugOrder, 'sequence'>): void {
    if (this.#closed) return;
    this.#session.order({ ...order, sequence: ++this.#sequence });
    this.#room.bell.ring();
  }
}

/** Where shells beside this build are opened: `build` is its aggregate. */
export function shellHost(tools: Wanted, build: string): ShellHost {
  return { open: (columns, rows) => new RoomShell(tools, build).open(columns, rows) };
}

/** Builds that were started with a debug session, by the target that BatchGetBuilds tells. */
export function debugTargets(tools: Wanted): ShellTargets {
  return {
    async find({ account, region }, target) {
      const id = targetOf(target);
      const build = id === undefined ? undefined : aggregateId(account, region, id);
      const state = build === undefined ? undefined : await tools.builds.state(build);
      return build !== undefined && state && sessionTarget(state) === target ? shellHost(tools, build) : undefined;
    },
  };
}
