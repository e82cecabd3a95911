import type { Mail } from '../../ports/mail.ts';

/** No header goes on where its text says so. */
function oneLine(text: string): string {
  return text.replace(/[\r\n]+/g, ' ').trim();
}

/** RFC 2047 where the text is more than printable ASCII; pieces of 42 bytes keep each encoded word under its 75 characters. */
function encodedWords(text: string): string {
  const clean = oneLine(text);
  if (/^[ -~]*$/.test(clean) && !clean.includes('=?')) return clean;
  const words: string[] = [];
  let piece = '';
  const end = (): void => void words.push(`=?UTF-8?B?${Buffer.from(piece).toString('base64')}?=`);
  for (const character of clean) {
    if (Buffer.byteLength(piece + character) > 42) {
      end();
      piece = '';
    }
    piece += character;
  }
  end();
  return words.join('\r\n ');
}

function mailbox(name: string | undefined, address: string): string {
  if (name === undefined || name === '') return address;
  const clean = oneLine(name);
  const plain = /^[ -~]*$/.test(clean) ? `"${clean.replace(/["\\]/g, '\\$&')}"` : encodedWords(clean);
  return `${plain} <${address}>`;
}

/** `Tue, 01 Sep 2026 10:00:00 +0000`. */
function dateOf(at: number): string {
  return new Date(at).toUTCString().replace('GMT', '+0000');
}

/** The mail as RFC 5322 text with CRLF lines. Its body is base64: no line is too long, and none begins with a dot. */
export function compose(mail: Mail, from: string): string {
  const domain = from.slice(from.lastIndexOf('@') + 1);
  const headers = [
    `From: ${mailbox(mail.fromName, from)}`,
    `To: ${mail.to}`,
    `Subject: ${encodedWords(mail.subject)}`,
    `Date: ${dateOf(mail.date)}`,
    `Message-ID: <${mail.id}@${domain}>`,
    ...(mail.unsubscribeUrl === undefined ? [] : [`List-Unsubscribe: <${mail.unsubscribeUrl}>`]),
    'Auto-Submitted: auto-generated',
    'MIME-Version: 1.0',
    'Content-Type: text/plain; charset=utf-8',
    'Content-Transfer-Encoding: base64',
  ];
  const body = Buffer.from(mail.text.replace(/\r?\n/g, '\r\n')).toString('base64');
  return [...headers, '', ...(body.match(/.{1,76}/g) ?? []), ''].join('\r\n');
}
