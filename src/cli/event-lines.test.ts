import fc from 'fast-check';
import { expect, it } from 'vitest';
import { EventLines } from './event-lines.ts';

const STREAM =
  ': ready\n\nid: 1\nevent: message\ndata: {"a":"ä😀"}\n\n: alive\n\nid: 9\nevent: reset\ndata: {}\n\ndata: one\ndata: two\n\nid: 3\ndata: cut of';
const EVENTS = [
  { type: 'message', data: '{"a":"ä😀"}' },
  { type: 'reset', data: '{}' },
  { type: 'message', data: 'one\ntwo' },
];

it('reads the same events wherever the chunks end', () => {
  const bytes = Buffer.from(STREAM);
  fc.assert(
    fc.property(fc.uniqueArray(fc.integer({ min: 0, max: bytes.length })), (cuts) => {
      const lines = new EventLines();
      const ends = [0, ...cuts.toSorted((a, b) => a - b), bytes.length];
      const read = ends.slice(1).flatMap((end, index) => lines.push(bytes.subarray(ends[index], end)));
      expect(read).toEqual(EVENTS);
    }),
  );
});
