import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { TLSSocket } from 'node:tls';

export interface ReceivedMail {
  readonly from: string;
  readonly to: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
}

export interface MailServerOptions {
  /** Asks for this user and password before it takes anything. */
  readonly login?: { readonly user: string; readonly password: string };
  /** Offers STARTTLS, with this key and certificate (PEM). */
  readonly tls?: { readonly key: string; readonly cert: string };
}

function parse(from: string, to: string, data: string): ReceivedMail {
  const end = data.indexOf('\r\n\r\n');
  const unfolded = data.slice(0, end).replace(/\r\n[ \t]/g, ' ');
  const headers = Object.fromEntries(
    unfolded.split('\r\n').map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()]),
  );
  const text = Buffer.from(data.slice(end + 4).replace(/\s/g, ''), 'base64').toString();
  return { from, to, headers, text };
}

/** A tiny SMTP server (RFC 5321) that keeps what it is sent. */
export class MailServer {
  readonly mails: ReceivedMail[] = [];
  /** The reply to RCPT, where it is not 250. */
  recipientReply: string | undefined;
  readonly #server: Server;
  readonly #options: MailServerOptions;
  readonly #sockets = new Set<Socket>();
  #heard: (() => void)[] = [];

  private constructor(options: MailServerOptions) {
    this.#options = options;
    this.#server = createServer((socket) => this.#converse(socket));
  }

  static async start(options: MailServerOptions = {}): Promise<MailServer> {
    const server = new MailServer(options);
    await new Promise<void>((resolve) => server.#server.listen(0, '127.0.0.1', resolve));
    return server;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** The n-th mail (from 1) that fits, once it has come. */
  async mail(fits: (mail: ReceivedMail) => boolean = () => true, n = 1): Promise<ReceivedMail> {
    for (;;) {
      const found = this.mails.filter(fits)[n - 1];
      if (found) return found;
      await new Promise<void>((resolve) => this.#heard.push(resolve));
    }
  }

  async end(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  #converse(socket: Socket, greets = true): void {
    this.#sockets.add(socket);
    socket.on('close', () => this.#sockets.delete(socket)).on('error', () => undefined);
    let [received, from, to, data] = ['', '', '', undefined as string | undefined];
    let known = this.#options.login === undefined;
    const say = (line: string): void => void socket.write(`${line}\r\n`);
    const hear = (line: string): void => {
      if (data !== undefined) {
        if (line !== '.') data += `${line}\r\n`;
        else {
          this.mails.push(parse(from, to, data));
          data = undefined;
          say('250 kept');
          for (const heard of this.#heard.splice(0)) heard();
        }
        return;
      }
      const { user, password } = this.#options.login ?? {};
      const address = /<(.*)>/.exec(line)?.[1] ?? '';
      if (line === 'STARTTLS') {
        say('220 go on');
        socket.removeAllListeners('data');
        this.#converse(new TLSSocket(socket, { isServer: true, ...this.#options.tls }), false);
      } else if (line.startsWith('EHLO') && this.#options.tls && !(socket instanceof TLSSocket)) say('250-here\r\n250 STARTTLS');
      else if (line.startsWith('EHLO')) say(this.#options.login ? '250-here\r\n250 AUTH PLAIN LOGIN' : '250 here');
      else if (line.startsWith('AUTH PLAIN ')) {
        known = Buffer.from(line.slice(11), 'base64').toString() === `\0${user}\0${password}`;
        say(known ? '235 welcome' : '535 no');
      } else if (!known) say('530 who are you');
      else if (line.startsWith('MAIL')) [from] = [address, say('250 ok')];
      else if (line.startsWith('RCPT')) [to] = [address, say(this.recipientReply ?? '250 ok')];
      else if (line === 'DATA') [data] = ['', say('354 go on')];
      else if (line === 'QUIT') socket.end('221 bye\r\n');
      else say('502 what');
    };
    socket.setEncoding('utf8');
    socket.on('data', (chunk: string) => {
      received += chunk;
      const lines = received.split('\r\n');
      received = lines.pop()!;
      for (const line of lines) hear(line);
    });
    if (greets) say('220 tiny');
  }
}
