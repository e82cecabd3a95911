import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Frames, Messages } from './streams.ts';

/** Cuts the bytes at the places. */
function cut(bytes: Buffer, places: readonly number[]): Buffer[] {
  const at = [0, ...places.map((place) => place % (bytes.length + 1)).toSorted((a, b) => a - b), bytes.length];
  return at.slice(1).map((end, i) => bytes.subarray(at[i], end));
}

const cuts = fc.array(fc.nat(), { maxLength: 8 });

it('takes the frames off, wherever the stream is cut', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 40 })), cuts, (payloads, places) => {
      const framed = payloads.map((payload) => Buffer.concat([Buffer.from([1, 0, 0, 0, 0, 0, 0, payload.length]), payload]));
      const got: Buffer[] = [];
      const frames = new Frames((payload) => got.push(Buffer.from(payload)));
      for (const chunk of cut(Buffer.concat(framed), places)) frames.push(chunk);
      expect(Buffer.concat(got)).toEqual(Buffer.concat(payloads));
    }),
  );
});

const MARK = '\0pw1 ';
// Of the mark's own bytes, so that beginnings of it are frequent.
const output = fc
  .array(fc.constantFrom(0, 0x70, 0x77, 0x31, 0x20, 0x0a, 0xff), { maxLength: 12 })
  .map((bytes) => Buffer.from(bytes))
  .filter((bytes) => !bytes.includes(MARK));
const message = fc.constantFrom('exit 0', 'answer 1\t/a b/ü', '');

it('parts output and messages, wherever the stream is cut', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(output, message)), output, cuts, (parts, last, places) => {
      const stream = Buffer.concat([...parts.flatMap(([bytes, text]) => [bytes, Buffer.from(`${MARK}${text}\n`)]), last]);
      const got: Buffer[] = [];
      const seen: [string, number][] = [];
      const messages = new Messages(
        MARK,
        (bytes) => got.push(Buffer.from(bytes)),
        (text) => seen.push([text, Buffer.concat(got).length]),
      );
      for (const chunk of cut(stream, places)) messages.push(chunk);
      messages.flush();
      expect(Buffer.concat(got)).toEqual(Buffer.concat([...parts.map(([bytes]) => bytes), last]));
      let length = 0;
      expect(seen).toEqual(parts.map(([bytes, text]) => [text, (length += bytes.length)]));
    }),
  );
});

it('holds nothing back that cannot become a mark', () => {
  const got: string[] = [];
  const messages = new Messages(
    MARK,
    (bytes) => got.push(bytes.toString()),
    () => undefined,
  );
  messages.push(Buffer.from('prompt> '));
  expect(got).toEqual(['prompt> ']);
});
