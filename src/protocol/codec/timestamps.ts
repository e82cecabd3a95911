import type { TimestampFormat } from '../model.ts';

/** The largest time a JavaScript date can hold, ms. */
const LIMIT = 8.64e15;

function inRange(ms: number): number | undefined {
  return Number.isFinite(ms) && Math.abs(ms) <= LIMIT ? ms : undefined;
}

/** Epoch milliseconds to the text of a format. Whole seconds are written without a fraction, as AWS does. */
export function formatTimestamp(ms: number, format: TimestampFormat): string {
  const date = new Date(inRange(ms) ?? 0);
  switch (format) {
    case 'iso8601':
      return ms % 1000 === 0 ? date.toISOString().replace('.000Z', 'Z') : date.toISOString();
    case 'rfc822':
      return date.toUTCString();
    case 'unixTimestamp':
      return String(ms / 1000);
  }
}

/**
 * Epoch milliseconds of a text, or undefined. AWS's parsers take any of the three formats in any place, and clients rely on it:
 * the JavaScript SDK sends epoch seconds where older models ask for ISO 8601.
 */
export function parseTimestamp(text: string): number | undefined {
  const trimmed = text.trim();
  if (/^[-+]?\d+(\.\d+)?([eE][-+]?\d+)?$/.test(trimmed)) return inRange(Math.round(Number(trimmed) * 1000));
  if (/^\d{4}-\d\d-\d\d([T ][\d:.,]+(Z|[-+]\d\d:?\d\d)?)?$/i.test(trimmed)) return inRange(Date.parse(withZone(trimmed)));
  if (/^([A-Za-z]{3,9}, ?)?\d{1,2}[ -][A-Za-z]{3}[ -]\d{2,4} /.test(trimmed)) return inRange(Date.parse(trimmed));
  return undefined;
}

/** A time without zone is UTC for AWS, local for JavaScript. */
function withZone(text: string): string {
  return /T|\s/i.test(text) && !/(Z|[-+]\d\d:?\d\d)$/i.test(text) ? `${text}Z` : text;
}
