import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { PipewrightError, unreachable } from '../../kernel/errors.ts';
import type { Terminal, TerminalSpec, Workload, WorkloadExit, WorkloadSpec, Workspace } from '../runtime.ts';
import { containerSpec, type ContainerWish } from './container-spec.ts';
import { Control } from './control.ts';
import { endAll, whyItDied } from './end.ts';
import type { EngineClient } from './engine/client.ts';
import type { Engine } from './engine/find.ts';
import { Frames, Messages } from './engine/streams.ts';
import { execTerminal } from './terminal.ts';
import { markOf, parseMessage, printfMark, startFile, supervisor } from './supervisor.ts';

/** The program that runs in the container at the moment. */
interface Running {
  readonly control: Control;
  onOutput(chunk: Uint8Array): void;
  ended(exit: WorkloadExit): void;
  lost(error: Error): void;
}

const lostError = (why: string): Error => new PipewrightError('WorkloadLost', why);

/** One container, from its creation to its end: its main process runs one program after the other (supervisor.ts). */
export class Container {
  readonly #client: EngineClient;
  readonly #id: string;
  readonly #token: string;
  #socket!: Socket;
  #running: Running | undefined;
  #killed = false;
  /** Why it is no more; set once its streams have closed. */
  #over: Promise<Error> | undefined;
  #ready!: (bash: boolean) => void;
  #failed!: (error: Error) => void;
  #starts = 0;
  readonly #readiness: Promise<boolean>;

  private constructor(client: EngineClient, id: string, token: string) {
    this.#client = client;
    this.#id = id;
    this.#token = token;
    this.#readiness = new Promise((resolve, reject) => {
      this.#ready = resolve;
      this.#failed = reject;
    });
    this.#readiness.catch(() => undefined);
  }

  /** Creates and starts it; its main process waits for orders then. Whoever calls removes what a rejection leaves. */
  static async start({ client, info }: Engine, wish: Omit<ContainerWish, 'command' | 'socketPath'>, name: string): Promise<Container> {
    const token = `pw${randomBytes(12).toString('hex')}`;
    const command = ['/bin/sh', '-c', supervisor(token)];
    const body = containerSpec({ ...wish, socketPath: client.socketPath, command }, info);
    const { Id } = await client.json<{ Id: string }>('POST', `/containers/create?name=${name}`, { body });
    const container = new Container(client, Id, token);
    await container.#begin();
    return container;
  }

  get alive(): boolean {
    return this.#over === undefined;
  }

  /** What programs write before an answer, for printf. */
  get answerMark(): string {
    return `${printfMark(this.#token)}answer `;
  }

  /** Whether the image has bash. Rejects where the main process never began. */
  get bash(): Promise<boolean> {
    return this.#readiness;
  }

  async #begin(): Promise<void> {
    const { socket, head } = await this.#client.hijack(`/containers/${this.#id}/attach?stream=1&stdin=1&stdout=1&stderr=1`);
    this.#socket = socket;
    const messages = new Messages(
      markOf(this.#token),
      (bytes) => this.#running?.onOutput(bytes),
      (text) => this.#heard(text),
    );
    const frames = new Frames((payload) => messages.push(payload));
    frames.push(head);
    socket.on('data', (chunk: Buffer) => frames.push(chunk));
    // The close that follows tells all.
    socket.on('error', () => undefined);
    socket.on('close', () => {
      messages.flush();
      void this.#closed();
    });
    await this.#client.json('POST', `/containers/${this.#id}/start`);
  }

  /** Runs a program; one at a time. */
  run(spec: WorkloadSpec, { temporary, source }: Workspace): Workload {
    const control = new Control((bytes) => void (this.#socket.writable && this.#socket.write(bytes)));
    const exit = new Promise<WorkloadExit>((resolve, reject) => {
      this.#running = { control, onOutput: (chunk) => spec.onOutput(chunk), ended: resolve, lost: reject };
    });
    // Whoever waits sees the rejection; nobody waiting must not end the runner.
    exit.catch(() => undefined);
    if (this.#over) void this.#over.then((error) => this.#running?.lost(error));
    else this.#order(startFile(spec, { file: join(temporary, `start-${++this.#starts}`), otherwise: source }));
    return { id: spec.id, control, exit, stop: (graceMs) => this.#stop(exit, graceMs) };
  }

  /** One more program, which somebody types at. */
  terminal(spec: TerminalSpec): Promise<Terminal> {
    return execTerminal(this.#client, this.#id, spec);
  }

  #order({ path, text }: { readonly path: string; readonly text: string }): void {
    writeFileSync(path, text, { mode: 0o600, flag: 'wx' });
    this.#socket.write(`start ${path}\n`);
  }

  #heard(text: string): void {
    const message = parseMessage(text);
    switch (message?.kind) {
      case undefined:
        return;
      case 'ready':
        return this.#ready(message.bash);
      case 'answer':
        return this.#running?.control.answered(message.text);
      case 'exit': {
        const running = this.#running;
        this.#running = undefined;
        return running?.ended({ code: message.code, signal: null });
      }
      default:
        return unreachable(message);
    }
  }

  /** The streams have closed: we killed it, or it died. */
  async #closed(): Promise<void> {
    this.#over = this.#killed ? Promise.resolve(lostError('the container was ended')) : whyItDied(this.#client, this.#id).then(lostError);
    const error = await this.#over;
    this.#failed(error);
    const running = this.#running;
    this.#running = undefined;
    if (this.#killed) running?.ended({ code: null, signal: 'SIGKILL' });
    else running?.lost(error);
  }

  async #stop(exit: Promise<WorkloadExit>, graceMs: number): Promise<void> {
    if (graceMs > 0 && !this.#over) {
      let timer: NodeJS.Timeout | undefined;
      const grace = new Promise((resolve) => (timer = setTimeout(resolve, graceMs)));
      const asked = endAll(this.#client, this.#id, 'TERM').catch(() => undefined);
      await Promise.race([exit.catch(() => undefined), grace]);
      clearTimeout(timer);
      await asked;
    }
    await this.kill();
  }

  /** Ends every process in it. Where the engine cannot be asked, its removal will end them: that is tried until it is done. */
  async kill(): Promise<void> {
    if (this.#over) return;
    this.#killed = true;
    const asked = this.#client.json('POST', `/containers/${this.#id}/kill`).catch(() => undefined);
    // Podman answers late, some hundred milliseconds after the container's end.
    await Promise.race([asked, new Promise((resolve) => this.#socket.once('close', resolve))]);
    this.#socket.destroySoon();
  }
}
