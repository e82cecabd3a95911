import type { DataChannel, Wire } from '../channel.ts';
import { decodeFrame, encodeFrame, type Frame } from '../frame.ts';
import { acknowledging, MESSAGE, PAYLOAD } from '../payloads.ts';

const json = ({ payload }: Frame): Record<string, unknown> => JSON.parse(Buffer.from(payload).toString()) as Record<string, unknown>;

/** A client on a wire of memory, which does what the plugin does as far as a test asks. */
export class MemoryClient implements Wire {
  readonly heard: Frame[] = [];
  closed: string | undefined;
  #sequence = 0;
  readonly #channel: DataChannel;

  constructor(channel: DataChannel, before?: MemoryClient) {
    this.#channel = channel;
    this.#sequence = before ? before.#sequence : 0;
  }

  send(bytes: Buffer): void {
    this.heard.push(decodeFrame(bytes));
  }

  close(_code: number, reason: string): void {
    this.closed = reason;
    this.#channel.detach(this);
  }

  connect(): this {
    this.#channel.attach(this);
    return this;
  }

  say(payloadType: number, payload: object | string): void {
    const text = typeof payload === 'string' ? payload : JSON.stringify(payload);
    this.tell(MESSAGE.input, payloadType, text, this.#sequence++);
  }

  /** Any message, with any number. */
  tell(type: string, payloadType: number, payload: string, sequence = 0): void {
    const id = '00000000-0000-4000-8000-000000000000';
    const frame = { type, schemaVersion: 1, created: 1, sequence, flags: 0n, id, payloadType, payload: Buffer.from(payload) };
    this.#channel.receive(this, encodeFrame(frame));
  }

  garbage(bytes: Buffer): void {
    this.#channel.receive(this, bytes);
  }

  shakeHands(status = 1): void {
    this.say(PAYLOAD.handshakeResponse, {
      ClientVersion: '1.2.0.0',
      ProcessedClientActions: [{ ActionType: 'SessionType', ActionStatus: status }],
    });
  }

  size(cols: number, rows: number): void {
    this.say(PAYLOAD.size, { cols, rows });
  }

  /** Acknowledges what the terminal has sent so far. */
  acknowledge(): void {
    for (const frame of this.heard.filter(({ type }) => type === MESSAGE.output))
      this.tell(MESSAGE.acknowledge, 0, JSON.stringify(acknowledging(frame)));
  }

  /** Payloads of the stream's messages of this type, as text; each once. */
  payloads(payloadType: number): readonly string[] {
    const frames = new Map(this.heard.flatMap((frame) => (frame.type === MESSAGE.output ? [[frame.sequence, frame]] : [])));
    return [...frames.values()].filter((frame) => frame.payloadType === payloadType).map(({ payload }) => Buffer.from(payload).toString());
  }

  /** What this client's messages were acknowledged for. */
  acknowledged(): readonly unknown[] {
    return this.heard.filter(({ type }) => type === MESSAGE.acknowledge).map((frame) => json(frame)['AcknowledgedMessageSequenceNumber']);
  }

  /** What the server said as it closed the channel. */
  get farewell(): unknown {
    const closed = this.heard.find(({ type }) => type === MESSAGE.closed);
    return closed && json(closed)['Output'];
  }
}
