/** Of longer messages the beginning is kept: stack traces and whole outputs are written there. Characters. */
export const LONGEST_MESSAGE = 16 * 1024;
const LONGEST_NAME = 4 * 1024;

/** Text that comes in pieces, of which so much is kept. */
export class Capture {
  #text: string | undefined;

  get active(): boolean {
    return this.#text !== undefined;
  }

  begin(): void {
    this.#text = '';
  }

  add(text: string): void {
    if (this.#text !== undefined && this.#text.length < LONGEST_MESSAGE) this.#text += text.slice(0, LONGEST_MESSAGE - this.#text.length);
  }

  /** What has gathered since `begin`, without white space around it; '' where nothing has. */
  take(): string {
    const text = this.#text ?? '';
    this.#text = undefined;
    return text.trim();
  }
}

/** Names are columns of a database, which NUL would end. */
export function shortName(text: string): string {
  return (text.length > LONGEST_NAME ? text.slice(0, LONGEST_NAME) : text).replaceAll('\0', '\ufffd');
}

/** A message and what stands below it (a stack trace, which often begins with the message). */
export function messageText(message: string | undefined, details: string): string | undefined {
  const head = (message ?? '').trim();
  const text = head === '' || details.includes(head) ? details : details === '' ? head : `${head}\n${details}`;
  return text === '' ? undefined : text.slice(0, LONGEST_MESSAGE);
}

const NANOS = 1e9;

/** Whole nanoseconds of so many seconds; 0 for what is no time. */
export function nanoseconds(seconds: number): number {
  if (!(seconds > 0)) return 0;
  return Math.min(Math.round(seconds * NANOS), Number.MAX_SAFE_INTEGER);
}

/** Seconds as tools write them: `0.25`, `1,234.5` and `1.234,5` (thousands), `0,25` (decimal comma). */
export function secondsText(text: string | undefined): number {
  const plain = (text ?? '').trim();
  const isComma = plain.lastIndexOf(',') > plain.lastIndexOf('.');
  return nanoseconds(Number(isComma ? plain.replaceAll('.', '').replace(',', '.') : plain.replaceAll(',', '')));
}

/** So that sums of many stay whole numbers. */
const LARGEST_COUNT = 2 ** 31 - 1;

/** A count: a whole number from 0, whatever was written; of those beyond all sense the largest. */
export function count(text: string | undefined): number {
  const value = Math.floor(Number(text));
  return value > 0 ? Math.min(value, LARGEST_COUNT) : 0;
}
