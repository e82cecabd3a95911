import { execFile } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { MailServer } from '../../../test/support/smtp.ts';
import type { Mail } from '../../ports/mail.ts';
import { selfSigned } from '../../services/sns/signing/certificate.ts';
import { compose } from './compose.ts';
import { smtpMailer } from './index.ts';
import { parseSmtpUrl } from './smtp-url.ts';

const MAIL: Mail = { to: 'ann@example.com', subject: 's', text: 't', id: 'm1', date: 0 };
const never = new AbortController().signal;
let server: MailServer | undefined;
afterEach(() => server?.end());

it('logs in where it is given a login', async () => {
  server = await MailServer.start({ login: { user: 'me@x', password: 'p/w' } });
  const mailer = (password: string) => smtpMailer({ url: `smtp://me%40x:${password}@127.0.0.1:${server!.port}`, from: 'a@b.example' });
  expect(await mailer('p%2Fw').send(MAIL, never)).toEqual({ kind: 'sent' });
  const refused = await mailer('wrong').send(MAIL, never);
  expect(refused).toEqual({ kind: 'refused', reason: 'the mail server answered AUTH with 535 no' });
  expect(server.mails).toHaveLength(1);
});

it('says that the server is away, without the password', async () => {
  server = await MailServer.start();
  const { port } = server;
  await server.end();
  server = undefined;
  const outcome = await smtpMailer({ url: `smtp://u:secret@127.0.0.1:${port}`, from: 'a@b.example' }).send(MAIL, never);
  expect(outcome).toEqual({ kind: 'retry', reason: 'the mail server: ECONNREFUSED' });
});

/** A program that mails through STARTTLS and trusts what NODE_EXTRA_CA_CERTS names: trust is read when a process starts. */
function sendTrusting(url: string, ca: string): Promise<string> {
  const program = join(import.meta.dirname, '../../../tools/run.mjs');
  const script = join(import.meta.dirname, 'testing/send.ts');
  const env = { PATH: process.env['PATH'], NODE_EXTRA_CA_CERTS: ca, SMTP_URL: url };
  return new Promise((done, fail) => {
    execFile(process.execPath, [program, script], { env }, (error, stdout) => (error ? fail(error) : done(stdout)));
  });
}

it('goes over to TLS where that is offered, to servers that it trusts only', async () => {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const cert = selfSigned(privateKey, 'localhost', Date.now());
  const key = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  server = await MailServer.start({ login: { user: 'u', password: 'secret' }, tls: { key, cert } });
  const url = `smtp://u:secret@localhost:${server.port}`;
  const distrusted = await smtpMailer({ url, from: 'a@b.example' }).send(MAIL, never);
  expect(distrusted).toEqual({ kind: 'retry', reason: 'the mail server: DEPTH_ZERO_SELF_SIGNED_CERT' });
  const folder = mkdtempSync(join(tmpdir(), 'mail-'));
  writeFileSync(join(folder, 'ca.pem'), cert);
  expect(JSON.parse(await sendTrusting(url, join(folder, 'ca.pem')))).toEqual({ kind: 'sent' });
  rmSync(folder, { recursive: true });
  expect(server.mails).toHaveLength(1);
});

it.each([
  ['smtp://mail.example', { host: 'mail.example', port: 587, tls: false }],
  ['smtps://mail.example', { host: 'mail.example', port: 465, tls: true }],
  ['smtp://[::1]:25', { host: '::1', port: 25, tls: false }],
  ['smtp://u:p%40@h', { host: 'h', port: 587, tls: false, login: { user: 'u', password: 'p@' } }],
])('reads %s', (url, expected) => {
  expect(parseSmtpUrl(url)).toEqual(expected);
});

it.each(['http://h', 'smtp://', 'nonsense', 'smtp://u:%zz@h'])('refuses %s without repeating it', (url) => {
  expect(() => parseSmtpUrl(url)).toThrow(/^--smtp-url (must|has)/);
});

it('lets no text begin a header of its own', () => {
  const text = compose({ ...MAIL, subject: 'a\r\nBcc: all@example.com', fromName: 'N"\r\nX: y' }, 'a@b.example');
  const [head] = text.split('\r\n\r\n');
  expect(head!.split('\r\n').map((line) => line.slice(0, line.indexOf(':')))).toEqual([
    'From',
    'To',
    'Subject',
    'Date',
    'Message-ID',
    'Auto-Submitted',
    'MIME-Version',
    'Content-Type',
    'Content-Transfer-Encoding',
  ]);
});

it('folds long subjects into encoded words', () => {
  const text = compose({ ...MAIL, subject: 'ä'.repeat(100) }, 'a@b.example');
  expect(Math.max(...text.split('\r\n').map(({ length }) => length))).toBeLessThanOrEqual(78);
});
