import { createHash } from 'node:crypto';
import { createRequire } from 'node:module';
import { WebSocket } from 'ws';

/** What is used of `ssm-session`, which has no types. */
interface Ssm {
  decode(bytes: Uint8Array): { messageType: string; payloadType: number; sequenceNumber: number; messageId: string; payload: Uint8Array };
  buildTokenMessage(token: string): string;
  buildInitMessage(size: { cols: number; rows: number }): Uint8Array;
  buildInputMessage(text: Uint8Array, sequence: number): Uint8Array;
  buildAcknowledge(type: string, sequence: number, id: string): Uint8Array;
}

const { ssm } = createRequire(import.meta.url)('ssm-session') as { ssm: Ssm };

const SEQUENCE_AT = 48;
const DIGEST_AT = 80;
const PAYLOAD_TYPE_AT = 112;
const PAYLOAD_AT = 120;

/** What AWS's plugin looks at in each message before it believes it. */
function checkDigest(message: Buffer): void {
  const payload = message.subarray(PAYLOAD_AT);
  const digest = createHash('sha256').update(payload).digest();
  if (!digest.equals(message.subarray(DIGEST_AT, PAYLOAD_TYPE_AT))) throw new Error("a message's digest is not its payload's");
}

const HANDSHAKE = {
  ClientVersion: '1.2.553.0',
  ProcessedClientActions: [{ ActionType: 'SessionType', ActionStatus: 1, ActionResult: null, Error: '' }],
  Errors: null,
};

export interface Connection {
  readonly url: string;
  readonly token: string;
  readonly columns?: number;
  readonly rows?: number;
  /** Shakes hands, as AWS's plugin does and the library does not; the terminal's size is told after that. */
  readonly handshake?: boolean;
  /** Sent with the request to connect. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** One end of a data channel, spoken by somebody else's client library. */
export class DataChannelClient {
  socket!: WebSocket;
  /** All that the terminal wrote. */
  output = '';
  /** What the server said as it closed the channel; undefined before. */
  farewell: string | undefined;
  /** Whether messages of the terminal are acknowledged. */
  acknowledging = true;
  /** The sequence numbers of the terminal's messages, as they came. */
  readonly sequences: number[] = [];
  /** Resolves with the code that the connection was closed with. */
  closed!: Promise<number>;
  readonly #seen = new Set<number>();
  readonly #looking = new Set<() => void>();
  #sequence = 0;

  /** Resolves once the server has the token, and hands are shaken where that is wanted. Rejects where there is no connection. */
  static async connect(connection: Connection): Promise<DataChannelClient> {
    const client = new DataChannelClient(connection);
    await client.#open(connection);
    if (!connection.handshake) client.#tellSize();
    else await client.#greeted;
    return client;
  }

  readonly #connection: Connection;
  #greet!: () => void;
  readonly #greeted = new Promise<void>((resolve) => (this.#greet = resolve));

  private constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** Goes on in a new connection: the terminal's size is known there. */
  async reconnect(connection: Connection): Promise<void> {
    this.socket.terminate();
    await this.closed;
    await this.#open(connection);
  }

  async #open({ url, token, headers = {} }: Connection): Promise<void> {
    const socket = (this.socket = new WebSocket(url, { headers }));
    socket.binaryType = 'nodebuffer';
    socket.on('message', (data: Buffer) => this.#heard(data));
    this.closed = new Promise((resolve) => socket.on('close', resolve));
    socket.on('close', () => this.#look());
    await new Promise((resolve, reject) => socket.on('open', resolve).on('error', reject));
    socket.send(ssm.buildTokenMessage(token));
  }

  type(text: string): void {
    this.#say(1, text);
  }

  #say(payloadType: number, text: string): void {
    const message = ssm.buildInputMessage(Buffer.from(text), this.#sequence++);
    Buffer.from(message.buffer).writeUInt32BE(payloadType, PAYLOAD_TYPE_AT);
    this.socket.send(message);
  }

  #tellSize(): void {
    this.resize(this.#connection.columns ?? 100, this.#connection.rows ?? 30);
  }

  /** Two messages, the second before the first. */
  typeOutOfOrder(first: string, second: string): void {
    const at = this.#sequence;
    this.#sequence += 2;
    this.socket.send(ssm.buildInputMessage(Buffer.from(second), at + 1));
    for (let times = 0; times < 2; times++) this.socket.send(ssm.buildInputMessage(Buffer.from(first), at));
  }

  /** The library numbers this message as the last one, which a terminal in use would pass over. */
  resize(cols: number, rows: number): void {
    const message = ssm.buildInitMessage({ cols, rows });
    Buffer.from(message.buffer).writeBigInt64BE(BigInt(this.#sequence++), SEQUENCE_AT);
    this.socket.send(message);
  }

  /** Resolves once the terminal has written what fits. Rejects where the channel closes before. */
  async shows(wanted: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const found = wanted.exec(this.output);
      if (found) return found;
      if (this.socket.readyState >= WebSocket.CLOSING) throw new Error(`closed (${this.farewell}) after: ${this.output}`);
      await new Promise<void>((resolve) => this.#looking.add(resolve));
    }
  }

  #heard(data: Buffer): void {
    checkDigest(data);
    const message = ssm.decode(data);
    const { messageType, payloadType, sequenceNumber, messageId, payload } = message;
    if (this.acknowledging) this.socket.send(ssm.buildAcknowledge(messageType, sequenceNumber, messageId));
    if (messageType === 'channel_closed') this.farewell = (JSON.parse(Buffer.from(payload).toString()) as { Output: string }).Output;
    if (messageType !== 'output_stream_data') return;
    this.sequences.push(sequenceNumber);
    if (this.#seen.has(sequenceNumber)) return;
    this.#seen.add(sequenceNumber);
    if (this.#connection.handshake && payloadType === 5) this.#say(6, JSON.stringify(HANDSHAKE));
    if (this.#connection.handshake && payloadType === 7) {
      this.#tellSize();
      this.#greet();
    }
    if (payloadType === 1) this.output += Buffer.from(payload).toString();
    this.#look();
  }

  #look(): void {
    for (const wake of this.#looking) wake();
    this.#looking.clear();
  }
}
