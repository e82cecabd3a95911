import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { SmtpServer } from './smtp-url.ts';

/** Longest line and longest reply that a server may send us. */
const MOST_BYTES = 64 * 1024;

/** RFC 5321 §4.2. */
export interface Reply {
  readonly code: number;
  readonly lines: readonly string[];
}

/** The server could not be reached, or broke off. */
export class Unreachable extends Error {}

/** A reply of several lines has a hyphen after the code of all but the last. */
function replyIn(text: string): { readonly reply: Reply; readonly rest: string } | undefined {
  const lines: string[] = [];
  for (let from = 0; ;) {
    const end = text.indexOf('\r\n', from);
    if (end === -1) return undefined;
    const line = text.slice(from, end);
    from = end + 2;
    lines.push(line.slice(4));
    if (line[3] !== '-') return { reply: { code: Number(line.slice(0, 3)), lines }, rest: text.slice(from) };
  }
}

/** Whose certificate it must be; an address is no name that TLS could ask for (RFC 6066 §3). */
function names(host: string): { host: string; servername?: string } {
  return isIP(host) === 0 ? { host, servername: host } : { host };
}

/** A conversation with a mail server: one command, one reply. */
export class SmtpConnection {
  #socket: Socket;
  #received = '';
  #failure: Error | undefined;
  #wake: () => void = () => undefined;
  readonly #host: string;

  private constructor(socket: Socket, host: string) {
    this.#socket = socket;
    this.#host = host;
    this.#listen();
  }

  /** `signal` ends the conversation, whatever is under way. */
  static open({ host, port, tls }: SmtpServer, signal: AbortSignal): SmtpConnection {
    const socket = tls ? connectTls({ port, ...names(host) }) : connectTcp({ host, port });
    const connection = new SmtpConnection(socket, host);
    signal.addEventListener('abort', () => connection.#fail(new Unreachable('it did not answer in time')), { once: true });
    return connection;
  }

  /** The reply to what was sent last; the greeting where nothing was. Rejects with Unreachable. */
  async reply(): Promise<Reply> {
    for (;;) {
      const found = replyIn(this.#received);
      if (found) {
        this.#received = found.rest;
        return found.reply;
      }
      if (this.#failure) throw this.#failure;
      if (this.#received.length > MOST_BYTES) throw new Unreachable('its reply is too long');
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }

  async command(text: string): Promise<Reply> {
    this.#socket.write(`${text}\r\n`);
    return this.reply();
  }

  /** After the server has said that it is ready for TLS. What it sent in the clear is forgotten. */
  startTls(): void {
    this.#socket.removeAllListeners();
    this.#received = '';
    this.#socket = connectTls({ socket: this.#socket, ...names(this.#host) });
    this.#listen();
  }

  close(): void {
    this.#socket.destroy();
  }

  #listen(): void {
    this.#socket.setEncoding('utf8');
    this.#socket.on('data', (chunk: string) => {
      this.#received += chunk;
      this.#wake();
    });
    this.#socket.on('error', (error: Error & { readonly code?: string }) => this.#fail(new Unreachable(error.code ?? error.name)));
    this.#socket.on('close', () => this.#fail(new Unreachable('it closed the connection')));
  }

  #fail(error: Error): void {
    this.#failure ??= error;
    this.#socket.destroy();
    this.#wake();
  }
}
