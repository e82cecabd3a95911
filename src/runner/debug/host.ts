import { randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { messageOf, unreachable } from '../../kernel/errors.ts';
import type { Runtime, Terminal, Workspace } from '../../runtimes/runtime.ts';
import type { BuildJob, DebugOrder, Pause, ResumeKind } from '../../services/pipewright/api.gen.ts';
import { idOf } from '../build/job-id.ts';
import type { BuildLog } from '../output/build-log.ts';
import type { ShellKind } from '../shell/driver.ts';
import type { Checkpoint } from '../shell/shell.ts';
import { Breakpoint } from './breakpoint.ts';
import type { DebugCalls } from './calls.ts';
import { Outgoing } from './outgoing.ts';
import { setupOf, type Standing } from './setup.ts';
import { openTerminal } from './terminal.ts';

/** The build's own surroundings, once they are known. */
export interface Surroundings {
  readonly runtime: Runtime;
  readonly workspace: Workspace;
  readonly kind: ShellKind;
  readonly env: Readonly<Record<string, string>>;
}

export interface DebugHostTools {
  readonly job: BuildJob;
  readonly calls: DebugCalls;
  readonly log: BuildLog;
  readonly signal: AbortSignal;
}

/** The variable of a project or a call that makes failed commands breakpoints. */
const BREAK_ON = 'PIPEWRIGHT_BREAK_ON';

interface Session {
  received: number;
  readonly outgoing: Outgoing;
  terminal?: Terminal;
  /** Orders are carried out one after the other. */
  last: Promise<void>;
}

/** A build that can be debugged, or a sandbox, on its runner: where it stands still, and the terminals that people have opened beside it. */
export class DebugHost {
  readonly #tools: DebugHostTools;
  readonly #sessions = new Map<string, Session>();
  #attach!: (surroundings: Surroundings | undefined) => void;
  /** Undefined where the build ended before it had any. */
  readonly #surroundings = new Promise<Surroundings | undefined>((resolve) => (this.#attach = resolve));
  #breakpoint: Breakpoint | undefined;
  #standing: Standing;
  #closed = false;

  constructor(tools: DebugHostTools) {
    this.#tools = tools;
    this.#standing = { kind: tools.job.sandbox ? 'sandbox' : 'running' };
    void this.#listen();
  }

  /** Whether the build stands still where it is told to; a sandbox waits for commands anyhow. */
  get breaks(): boolean {
    return this.#tools.job.debugSession === true && !this.#tools.job.sandbox;
  }

  /** Whether a command that fails is to wait for somebody who mends it. */
  get holdsFailures(): boolean {
    return this.breaks && this.#tools.job.variables.some(({ name, value }) => name === BREAK_ON && value === 'failure');
  }

  attach(surroundings: Surroundings): void {
    const { signal } = this.#tools;
    const { temporary } = surroundings.workspace;
    this.#attach(surroundings);
    if (this.breaks) this.#breakpoint ??= new Breakpoint({ temporary, signal, changed: (pause) => this.#changed(pause, temporary) });
  }

  /** Holds the build behind a command that failed until somebody says how it goes on. Rejects when the build is to end. */
  async failed(command: string, exitCode: number, checkpoint: Checkpoint | undefined): Promise<ResumeKind> {
    this.#standing = { kind: 'command', checkpoint };
    return this.#breakpoint!.hold({ reason: 'COMMAND_FAILED', command: command.slice(0, 4000), exitCode });
  }

  /** The build has ended. */
  close(): void {
    this.#closed = true;
    this.#attach(undefined);
    this.#breakpoint?.close();
  }

  #changed(pause: Pause | undefined, temporary: string): void {
    const { job, log, calls } = this.#tools;
    if (pause?.reason === 'BREAKPOINT') this.#standing = { kind: 'breakpoint', temporary };
    if (!pause) this.#standing = { kind: 'running' };
    const why = pause?.reason === 'COMMAND_FAILED' ? ': a command failed' : ' at a breakpoint';
    log.agent(pause ? `The build is paused${why}. Look into it: pipewright debug ${job.buildId}` : 'The build goes on');
    // The next poll tells it, too.
    calls.pause(pause).catch(() => undefined);
  }

  async #listen(): Promise<void> {
    try {
      while (!this.#closed) {
        const received = [...this.#sessions].map(([sessionId, { received: sequence }]) => ({ sessionId, sequence }));
        const { orders, abandoned } = await this.#tools.calls.poll(received, this.#breakpoint?.pause);
        for (const { sessionId, order } of orders) this.#take(sessionId, order);
        for (const id of abandoned) this.#leave(id);
      }
    } catch {
      // The build is over, or somebody else's.
    }
  }

  #take(id: string, order: DebugOrder): void {
    const { calls } = this.#tools;
    let session = this.#sessions.get(id);
    if (!session) {
      const outgoing = new Outgoing((position, data, exitCode) => calls.output(id, position, data, exitCode));
      this.#sessions.set(id, (session = { received: 0, outgoing, last: Promise.resolve() }));
    }
    if (order.sequence <= session.received) return;
    session.received = order.sequence;
    const { outgoing } = session;
    session.last = session.last
      .then(() => this.#carryOut(session, order))
      .catch((error: unknown) => {
        outgoing.write(Buffer.from(`${messageOf(error)}\n`));
        outgoing.end(1);
      });
  }

  async #carryOut(session: Session, order: DebugOrder): Promise<void> {
    const { terminal, outgoing } = session;
    const { kind, columns = 80, rows = 24 } = order;
    switch (kind) {
      case 'OPEN':
        return this.#open(session, columns, rows);
      case 'INPUT':
        return terminal?.write(order.data ?? new Uint8Array());
      case 'END_OF_INPUT':
        return terminal?.end();
      case 'RESIZE':
        return terminal?.resize(columns, rows);
      case 'CLOSE':
        return terminal?.close();
      case 'RESUME': {
        const resumed = this.#breakpoint?.resume(order.how ?? 'RESUME') ?? false;
        return outgoing.end(resumed ? 0 : 1);
      }
      default:
        return unreachable(kind);
    }
  }

  async #open(session: Session, columns: number, rows: number): Promise<void> {
    const { outgoing } = session;
    // It may have come while the build's source does.
    const surroundings = await this.#surroundings;
    if (!surroundings) return;
    const { runtime, workspace, kind, env } = surroundings;
    const { temporary, source } = workspace;
    const notes = join(temporary, `terminal-${randomUUID()}`);
    const setup = `${notes}.rc`;
    // Whoever the build runs as reads it; nobody else comes into the folder.
    writeFileSync(setup, setupOf(kind, this.#standing), { flag: 'wx', mode: 0o644 });
    const onOutput = (chunk: Uint8Array): void => outgoing.write(chunk);
    const terminal = await openTerminal({
      runtime,
      id: idOf(this.#tools.job),
      kind,
      setup,
      notes,
      env,
      cwd: source,
      columns,
      rows,
      onOutput,
    });
    session.terminal = terminal;
    // Ended with the build: whoever looks on hears of that instead.
    void terminal.exit.then((code) => code !== undefined && outgoing.end(code));
  }

  #leave(id: string): void {
    const session = this.#sessions.get(id);
    this.#sessions.delete(id);
    session?.terminal?.close().catch(() => undefined);
  }
}
