import type { Clock } from '../../kernel/clock.ts';
import { messageOf } from '../../kernel/errors.ts';
import type { Shell, ShellHost } from '../../ports/shells.ts';
import { BadFrame, decodeFrame, encodeFrame, type Frame } from './frame.ts';
import { IncomingStream } from './incoming.ts';
import { OutgoingStream } from './outgoing.ts';
import {
  acknowledgementOf,
  acknowledging,
  channelClosed,
  flagOf,
  handshakeComplete,
  handshakeFailure,
  handshakeRequest,
  MESSAGE,
  PAYLOAD,
  sizeOf,
  TERMINATE_SESSION,
  type TerminalSize,
} from './payloads.ts';
import { TextPieces } from './text-pieces.ts';

/** One connection of a client. */
export interface Wire {
  send(bytes: Buffer): void;
  /** Closes it, after all that was sent. */
  close(code: number, reason: string): void;
}

export interface ChannelTools {
  readonly sessionId: string;
  readonly target: string;
  readonly host: ShellHost;
  readonly clock: Clock;
  readonly newId: () => string;
  /** Called once, when the session is over; the reason where it did not end by itself. */
  readonly ended: (reason: string | undefined) => void;
}

/** How often `tick` is to be called, ms. */
export const TICK_MS = 100;
const LARGEST_PIECE = 4096;
const USUAL_SIZE: TerminalSize = { columns: 80, rows: 24 };
/** How long the client may keep its terminal's size to itself, answer the handshake, stay away, and take to read the last of the output, ms. */
const SIZE_MS = 500;
const HANDSHAKE_MS = 15_000;
const AWAY_MS = 120_000;
const LAST_WORDS_MS = 2_000;

type Phase =
  /** Nobody has connected yet. */
  | { readonly kind: 'new' }
  | { readonly kind: 'handshake'; readonly since: number }
  /** The terminal opens when its size is known. */
  | { readonly kind: 'ready'; readonly since: number }
  | { readonly kind: 'open'; readonly shell: Shell }
  | { readonly kind: 'closing'; readonly until: number; readonly reason: string | undefined }
  | { readonly kind: 'ended' };

/**
 * One session's data channel: between a client that speaks the protocol of AWS's session-manager-plugin, and a shell. It outlives its
 * connections: a client that comes back finds it as it was.
 */
export class DataChannel {
  readonly #tools: ChannelTools;
  readonly #incoming = new IncomingStream();
  readonly #outgoing: OutgoingStream;
  readonly #over = new AbortController();
  #phase: Phase = { kind: 'new' };
  #wire: Wire | undefined;
  #awaySince: number;

  constructor(tools: ChannelTools) {
    this.#tools = tools;
    const { clock, newId } = tools;
    this.#awaySince = clock.now();
    this.#outgoing = new OutgoingStream({ clock, newId, send: (bytes) => this.#wire?.send(bytes) });
  }

  get isConnected(): boolean {
    return this.#wire !== undefined;
  }

  get wasConnected(): boolean {
    return this.#phase.kind !== 'new';
  }

  /** A client that has proved itself. One that was there before makes way. */
  attach(wire: Wire): void {
    this.#wire?.close(1000, 'The session goes on in another connection.');
    this.#wire = wire;
    this.#notice(MESSAGE.start, Buffer.alloc(0));
    this.#outgoing.release();
    if (this.#phase.kind !== 'new') return;
    this.#phase = { kind: 'handshake', since: this.#tools.clock.now() };
    this.#outgoing.writeJson(PAYLOAD.handshakeRequest, handshakeRequest());
  }

  /** The client's connection is gone. */
  detach(wire: Wire): void {
    if (this.#wire !== wire) return;
    this.#wire = undefined;
    this.#awaySince = this.#tools.clock.now();
    this.#outgoing.hold();
  }

  /** A message of the client; one that is none ends the session. */
  receive(wire: Wire, bytes: Buffer): void {
    if (this.#wire !== wire) return;
    try {
      this.#take(decodeFrame(bytes));
    } catch (error) {
      this.end(error instanceof BadFrame ? error.message : messageOf(error));
    }
  }

  /** To be called every TICK_MS. */
  tick(): void {
    const now = this.#tools.clock.now();
    this.#outgoing.tick();
    const phase = this.#phase;
    if (phase.kind === 'handshake' && now - phase.since >= HANDSHAKE_MS) this.#ready();
    if (phase.kind === 'ready' && now - phase.since >= SIZE_MS) this.#open(USUAL_SIZE);
    if (phase.kind === 'closing' && (now >= phase.until || this.#outgoing.isEmpty || !this.#wire)) this.end(phase.reason);
    else if (!this.#wire && now - this.#awaySince >= AWAY_MS) this.end('The client did not come back.');
  }

  /** Ends the session, and tells the client why. */
  end(reason?: string): void {
    if (this.#phase.kind === 'ended') return;
    if (this.#phase.kind === 'open') this.#phase.shell.close();
    this.#phase = { kind: 'ended' };
    this.#over.abort();
    const { sessionId, target, clock, newId, ended } = this.#tools;
    const closing = { sessionId, target, id: newId(), created: clock.now(), output: reason ?? '' };
    this.#notice(MESSAGE.closed, Buffer.from(JSON.stringify(channelClosed(closing))));
    this.#wire?.close(1000, 'The session has ended.');
    this.#wire = undefined;
    ended(reason);
  }

  #take(frame: Frame): void {
    switch (frame.type) {
      case MESSAGE.input:
        return this.#input(frame);
      case MESSAGE.acknowledge:
        return this.#acknowledged(frame);
      case MESSAGE.pause:
        return this.#outgoing.hold();
      case MESSAGE.start:
        return this.#outgoing.release();
      case MESSAGE.closed:
        return this.end();
      default:
      // Of a newer protocol: who does not know a message passes it over.
    }
  }

  #acknowledged(frame: Frame): void {
    this.#outgoing.acknowledged(acknowledgementOf(frame));
    if (this.#phase.kind === 'closing' && this.#outgoing.isEmpty) this.end(this.#phase.reason);
  }

  /** What there is no room for is not acknowledged: it comes again. */
  #input(frame: Frame): void {
    if (this.#phase.kind === 'open' && !this.#phase.shell.hasRoom) return;
    const { acknowledge, due } = this.#incoming.take(frame);
    if (acknowledge) this.#notice(MESSAGE.acknowledge, Buffer.from(JSON.stringify(acknowledging(frame))));
    for (const next of due) this.#heed(next);
  }

  #heed(frame: Frame): void {
    if (this.#phase.kind === 'handshake') {
      const { since } = this.#phase;
      if (frame.payloadType === PAYLOAD.handshakeResponse) return this.#shakeHands(frame, since);
      // Clients are about that know of no handshake.
      this.#ready();
    }
    switch (frame.payloadType) {
      case PAYLOAD.size:
        return this.#resize(sizeOf(frame));
      case PAYLOAD.data:
        return this.#typed(frame.payload);
      case PAYLOAD.flag:
        return flagOf(frame) === TERMINATE_SESSION ? this.end() : undefined;
      default:
      // Encryption and the like, which nobody was asked for.
    }
  }

  #shakeHands(frame: Frame, since: number): void {
    const failure = handshakeFailure(frame);
    if (failure !== undefined) return this.end(failure);
    this.#outgoing.writeJson(PAYLOAD.handshakeComplete, handshakeComplete(this.#tools.clock.now() - since));
    this.#ready();
  }

  #ready(): void {
    this.#phase = { kind: 'ready', since: this.#tools.clock.now() };
  }

  #resize(size: TerminalSize): void {
    if (this.#phase.kind === 'ready') return this.#open(size);
    if (this.#phase.kind === 'open') this.#phase.shell.resize(size.columns, size.rows);
  }

  #typed(bytes: Uint8Array): void {
    if (this.#phase.kind === 'ready') this.#open(USUAL_SIZE);
    if (this.#phase.kind === 'open') this.#phase.shell.write(bytes);
  }

  #open({ columns, rows }: TerminalSize): void {
    try {
      const shell = this.#tools.host.open(columns, rows);
      this.#phase = { kind: 'open', shell };
      void this.#follow(shell);
    } catch (error) {
      this.end(messageOf(error));
    }
  }

  /** Hands on what the shell writes until it ends, as fast as the client takes it. */
  async #follow(shell: Shell): Promise<void> {
    const { signal } = this.#over;
    const pieces = new TextPieces(LARGEST_PIECE);
    try {
      for (;;) {
        const next = await shell.read(signal);
        for (const piece of next.kind === 'output' ? pieces.cut(next.data) : pieces.end()) {
          while (!this.#outgoing.hasRoom && !signal.aborted) await this.#outgoing.progress(signal);
          if (!signal.aborted) this.#outgoing.write(PAYLOAD.data, piece);
        }
        if (next.kind === 'ended') return this.#close(next.reason);
      }
    } catch (error) {
      if (!signal.aborted) this.end(messageOf(error));
    }
  }

  /** The shell has ended; the client is to have its last words. */
  #close(reason: string | undefined): void {
    if (this.#phase.kind !== 'open') return;
    this.#phase.shell.close();
    this.#phase = { kind: 'closing', until: this.#tools.clock.now() + LAST_WORDS_MS, reason };
  }

  /** A message beside the stream, which nobody acknowledges. */
  #notice(type: string, payload: Uint8Array): void {
    const { clock, newId } = this.#tools;
    const frame = { type, schemaVersion: 1, created: clock.now(), sequence: 0, flags: 0n, id: newId(), payloadType: 0, payload };
    this.#wire?.send(encodeFrame(frame));
  }
}
