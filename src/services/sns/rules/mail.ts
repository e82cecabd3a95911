import { textFor, type Outgoing } from './document.ts';

/** What a reader of mail may do about a subscription: pages that ask before they act, as scanners of mail follow links. */
export interface MailLinks {
  readonly confirm: string;
  readonly unsubscribe: string;
}

export interface MailText {
  readonly subject: string;
  readonly text: string;
}

/** AWS's subject where the publisher gives none. */
const NO_SUBJECT = 'AWS Notification Message';

function confirmation(topicArn: string, { confirm }: MailLinks): MailText {
  const lines = [
    'Somebody has asked that notifications of this topic be sent to you:',
    '',
    `    ${topicArn}`,
    '',
    'If you want them, open this page and confirm:',
    '',
    confirm,
    '',
    'If you do not, ignore this mail: without your confirmation nothing else is sent.',
    '',
  ];
  return { subject: 'AWS Notification - Subscription Confirmation', text: lines.join('\n') };
}

/** The mail for a subscriber who reads plain text. */
export function plainMail(outgoing: Outgoing, links: MailLinks): MailText {
  if (outgoing.type === 'SubscriptionConfirmation') return confirmation(outgoing.topicArn, links);
  const footer = `\n\n--\nYou get this mail as a subscriber of ${outgoing.topicArn}.\nTo end that: ${links.unsubscribe}\n`;
  return { subject: outgoing.subject ?? NO_SUBJECT, text: textFor(outgoing, 'email') + footer };
}

/** The mail for a program that reads the JSON document. */
export function jsonMail(outgoing: Outgoing, document: string): MailText {
  const subject =
    outgoing.type === 'SubscriptionConfirmation' ? 'AWS Notification - Subscription Confirmation' : (outgoing.subject ?? NO_SUBJECT);
  return { subject, text: document };
}
