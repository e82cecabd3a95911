// Sends one mail to the server that SMTP_URL names, and prints what became of it.
import { smtpMailer } from '../index.ts';

const mail = { to: 'ann@example.com', subject: 's', text: 't', id: 'm1', date: 0 };
const mailer = smtpMailer({ url: process.env['SMTP_URL'] ?? '', from: 'a@b.example' });
process.stdout.write(JSON.stringify(await mailer.send(mail, new AbortController().signal)));
