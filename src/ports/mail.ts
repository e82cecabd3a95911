/** One mail to one person, plain text. Subject and display name are cleaned of line breaks by whoever sends it. */
export interface Mail {
  readonly to: string;
  /** What stands before the sender's address. */
  readonly fromName?: string;
  readonly subject: string;
  readonly text: string;
  /** The same for every attempt at the same mail: becomes its Message-ID, by which mailboxes know duplicates. */
  readonly id: string;
  /** Epoch ms. */
  readonly date: number;
  /** Where the reader ends his subscription. */
  readonly unsubscribeUrl?: string;
}

/** What became of a mail. `retry`: the server was not there, or said "later". */
export type MailOutcome =
  | { readonly kind: 'sent' }
  | { readonly kind: 'retry'; readonly reason: string }
  | { readonly kind: 'refused'; readonly reason: string };

/** Hands mails to a mail server. Reasons never hold the server's password. */
export interface Mailer {
  send(mail: Mail, signal: AbortSignal): Promise<MailOutcome>;
}
