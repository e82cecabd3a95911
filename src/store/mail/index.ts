import { isIP } from 'node:net';
import { hostname } from 'node:os';
import { PipewrightError } from '../../kernel/errors.ts';
import type { Mail, Mailer, MailOutcome } from '../../ports/mail.ts';
import { compose } from './compose.ts';
import { SmtpConnection, Unreachable, type Reply } from './connection.ts';
import { parseSmtpUrl, type SmtpServer } from './smtp-url.ts';

/** A mail takes no longer than this, ms: RFC 5321 §4.5.3.2 lets single steps take minutes, but a queue waits behind it. */
const LONGEST_MS = 60_000;

/** The server has said no; `permanent` (5xx) or for now (4xx). */
class Refused extends Error {
  readonly permanent: boolean;
  constructor(step: string, { code, lines }: Reply) {
    super(`the mail server answered ${step} with ${code} ${(lines.at(-1) ?? '').slice(0, 200)}`);
    this.permanent = code >= 500;
  }
}

function expect(step: string, reply: Reply, code: number): Reply {
  if (Math.floor(reply.code / 100) !== code) throw new Refused(step, reply);
  return reply;
}

const base64 = (text: string): string => Buffer.from(text).toString('base64');

/** What the server offers: the words of its answer to EHLO. */
async function hello(connection: SmtpConnection): Promise<readonly string[]> {
  const name = /^[\w.-]+$/.test(hostname()) ? hostname() : 'localhost';
  const { lines } = expect('EHLO', await connection.command(`EHLO ${name}`), 2);
  return lines.map((line) => line.toUpperCase());
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}

async function logIn(
  connection: SmtpConnection,
  { user, password }: NonNullable<SmtpServer['login']>,
  offered: readonly string[],
): Promise<void> {
  const kinds = offered.find((line) => line.startsWith('AUTH'))?.split(/[ =]/) ?? [];
  if (kinds.includes('PLAIN')) {
    expect('AUTH', await connection.command(`AUTH PLAIN ${base64(`\0${user}\0${password}`)}`), 2);
    return;
  }
  expect('AUTH', await connection.command('AUTH LOGIN'), 3);
  expect('AUTH', await connection.command(base64(user)), 3);
  expect('AUTH', await connection.command(base64(password)), 2);
}

/** Greeting, TLS where it is offered, login. A password goes over no connection that others can read. */
async function begin(connection: SmtpConnection, server: SmtpServer): Promise<void> {
  expect('the connection', await connection.reply(), 2);
  let offered = await hello(connection);
  let safe = server.tls || isLoopback(server.host);
  if (!server.tls && offered.includes('STARTTLS')) {
    expect('STARTTLS', await connection.command('STARTTLS'), 2);
    connection.startTls();
    offered = await hello(connection);
    safe = true;
  }
  if (!server.login) return;
  if (!safe) throw new Unreachable('it offers no TLS, and the password is not sent without');
  await logIn(connection, server.login, offered);
}

async function converse(connection: SmtpConnection, server: SmtpServer, from: string, mail: Mail): Promise<void> {
  await begin(connection, server);
  expect('MAIL', await connection.command(`MAIL FROM:<${from}>`), 2);
  expect('RCPT', await connection.command(`RCPT TO:<${mail.to}>`), 2);
  expect('DATA', await connection.command('DATA'), 3);
  expect('the mail', await connection.command(`${compose(mail, from)}.`), 2);
  // It has the mail: how the conversation ends changes nothing.
  await connection.command('QUIT').catch(() => undefined);
}

function outcomeOf(error: unknown): MailOutcome {
  if (error instanceof Refused) return { kind: error.permanent ? 'refused' : 'retry', reason: error.message };
  if (error instanceof Unreachable) return { kind: 'retry', reason: `the mail server: ${error.message}` };
  throw error;
}

/** A mailer over SMTP (RFC 5321), one conversation per mail. `url` as `--smtp-url` has it; throws InvalidSettings. */
export function smtpMailer({ url, from }: { readonly url: string; readonly from: string }): Mailer {
  const server = parseSmtpUrl(url);
  if (!/^[^\s@<>]+@[^\s@<>]+$/.test(from)) throw new PipewrightError('InvalidSettings', '--smtp-url needs --mail-from, a mail address');
  return {
    async send(mail, signal) {
      const connection = SmtpConnection.open(server, AbortSignal.any([signal, AbortSignal.timeout(LONGEST_MS)]));
      try {
        await converse(connection, server, from, mail);
        return { kind: 'sent' };
      } catch (error) {
        return outcomeOf(error);
      } finally {
        connection.close();
      }
    },
  };
}
