import { connect } from 'node:net';

/** Nothing that a client can send may keep it waiting longer. */
const HANG_MS = 8_000;

export interface RawAnswer {
  /** Undefined where the connection was closed without an answer. */
  readonly status: number | undefined;
  readonly text: string;
}

export interface RawOptions {
  /** End our side once all is sent, as a client does that gives up in the middle. */
  readonly halfClose?: boolean;
}

/** Sends exactly these bytes over a connection of their own, and resolves with the answer once the server has closed it. */
export function sendRaw(port: number, bytes: string | Uint8Array, { halfClose = false }: RawOptions = {}): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1');
    const chunks: Buffer[] = [];
    const hang = setTimeout(() => {
      socket.destroy();
      reject(new Error(`no end within ${HANG_MS} ms; so far: ${Buffer.concat(chunks).toString('latin1').slice(0, 500)}`));
    }, HANG_MS);
    socket.on('connect', () => (halfClose ? socket.end(bytes) : socket.write(bytes)));
    socket.on('data', (chunk) => chunks.push(chunk));
    // A reset after the answer, because the server did not want the rest, is as good as an end.
    socket.on('error', () => undefined);
    socket.on('close', () => {
      clearTimeout(hang);
      const text = Buffer.concat(chunks).toString('latin1');
      const final = text.replace(/^HTTP\/1\.1 100 .*?\r\n\r\n/s, '');
      const status = /^HTTP\/1\.\d (\d{3})/.exec(final)?.[1];
      resolve({ status: status === undefined ? undefined : Number(status), text: final });
    });
  });
}

/** The text of a request that asks for the connection to be closed; content-length where there is a body, unless it is given. */
export function requestText(line: string, headers: Readonly<Record<string, string>> = {}, body: string | Uint8Array = ''): Buffer {
  const payload = Buffer.from(body);
  const all: Record<string, string> = { host: '127.0.0.1', connection: 'close', ...headers };
  const framed = Object.keys(all).some((name) => /^(content-length|transfer-encoding)$/i.test(name));
  if (payload.length > 0 && !framed) all['content-length'] = String(payload.length);
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  return Buffer.concat([Buffer.from(`${line} HTTP/1.1\r\n${lines.join('')}\r\n`, 'latin1'), payload]);
}
