import { isObject, type JsonObject } from '../../../kernel/json.ts';
import { tooDeep } from '../../../kernel/patterns/depth.ts';
import type { PutEventsRequestEntry, PutEventsResultEntry } from '../api.gen.ts';

/** 1 MB since January 2026, 256 KB before: the sum over the entries of a request. */
export const MOST_BYTES = 1_048_576;

/** The end of the year 9999: later times have no ISO 8601 text of four digits. */
const LAST_TIME = Date.UTC(10_000, 0) - 1;

const bytes = (text: string | undefined): number => (text === undefined ? 0 : Buffer.byteLength(text));

/** As EventBridge counts an entry: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-putevents.html */
export function entryBytes({ Time, Source, DetailType, Detail, Resources = [] }: PutEventsRequestEntry): number {
  const resources = Resources.reduce((sum, resource) => sum + bytes(resource), 0);
  return (Time === undefined ? 0 : 14) + bytes(Source) + bytes(DetailType) + bytes(Detail) + resources;
}

export type CheckedEntry =
  | { readonly kind: 'event'; readonly source: string; readonly detailType: string; readonly detail: JsonObject }
  | { readonly kind: 'refused'; readonly result: PutEventsResultEntry };

function refused(code: string, message: string): CheckedEntry {
  return { kind: 'refused', result: { ErrorCode: code, ErrorMessage: message } };
}

const missing = (name: string): CheckedEntry =>
  refused('InvalidArgument', `Parameter ${name} is not valid. Reason: ${name} is a required argument.`);

function parseDetail(text: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) && !tooDeep(value) ? (value as JsonObject) : undefined;
  } catch {
    // What is no JSON is told in the entry's own answer.
    return undefined;
  }
}

/** One entry of PutEvents: an event, or what AWS answers in its place. */
export function checkEntry({ Source: source, DetailType: detailType, Detail, Time: time = 0 }: PutEventsRequestEntry): CheckedEntry {
  if (!source) return missing('Source');
  if (!detailType) return missing('DetailType');
  if (!Detail) return missing('Detail');
  if (!(time >= 0 && time <= LAST_TIME)) return refused('InvalidArgument', 'Parameter Time is not valid.');
  if (source.startsWith('aws.')) return refused('NotAuthorizedForSourceException', 'Not authorized for the source.');
  const detail = parseDetail(Detail);
  return detail ? { kind: 'event', source, detailType, detail } : refused('MalformedDetail', 'Detail is malformed.');
}
