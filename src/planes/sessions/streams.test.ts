import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ManualClock } from '../../kernel/clock.ts';
import { countingIds } from '../../kernel/ids.ts';
import { decodeFrame, type Frame } from './frame.ts';
import { IncomingStream } from './incoming.ts';
import { OutgoingStream } from './outgoing.ts';
import { TextPieces } from './text-pieces.ts';

const numbered = (sequence: number, size = 1): Frame => ({
  type: 'input_stream_data',
  schemaVersion: 1,
  created: 1,
  sequence,
  flags: 0n,
  id: 'x',
  payloadType: 1,
  payload: Buffer.alloc(size),
});

describe('incoming messages', () => {
  it('are brought into order, each once, however they come', () => {
    const order = fc.shuffledSubarray([...Array(30).keys()], { minLength: 30 });
    fc.assert(
      fc.property(order, fc.array(fc.nat(29)), (first, again) => {
        const stream = new IncomingStream();
        const due = [...first, ...again].flatMap((sequence) => {
          const taken = stream.take(numbered(sequence));
          expect(taken.acknowledge).toBe(true);
          return taken.due.map((frame) => frame.sequence);
        });
        expect(due).toEqual([...Array(30).keys()]);
      }),
    );
  });

  it('are not acknowledged where too many wait for one before them', () => {
    const stream = new IncomingStream();
    for (let sequence = 1; sequence <= 1_000; sequence++) expect(stream.take(numbered(sequence)).acknowledge).toBe(true);
    expect(stream.take(numbered(1_001)).acknowledge).toBe(false);
    expect(stream.take(numbered(0)).due).toHaveLength(1_001);
    expect(stream.take(numbered(1_002, 1024 * 1024)).acknowledge).toBe(true);
    expect(stream.take(numbered(1_003)).acknowledge).toBe(false);
  });
});

function outgoing() {
  const clock = new ManualClock(1_000);
  const sent: Frame[] = [];
  const ids = countingIds();
  const stream = new OutgoingStream({ clock, newId: () => ids.uuid(), send: (bytes) => sent.push(decodeFrame(bytes)) });
  const numbers = (): readonly number[] => sent.splice(0).map(({ sequence }) => sequence);
  return { clock, sent, stream, numbers };
}

describe('outgoing messages', () => {
  it('wait for somebody, and come again until they are acknowledged', () => {
    const { clock, stream, numbers, sent } = outgoing();
    stream.write(1, Buffer.from('a'));
    expect(numbers()).toEqual([]);
    stream.release();
    stream.write(1, Buffer.from('b'));
    const [a, b] = sent;
    expect(numbers()).toEqual([0, 1]);
    expect([a!.flags, b!.flags]).toEqual([1n, 0n]);
    stream.tick();
    expect(numbers()).toEqual([]);
    clock.advance(200);
    stream.tick();
    expect(numbers()).toEqual([0]);
    stream.acknowledged(a!);
    clock.advance(200);
    stream.tick();
    expect(numbers()).toEqual([1]);
    stream.acknowledged(b!);
    clock.advance(10_000);
    stream.tick();
    expect(numbers()).toEqual([]);
    expect(stream.isEmpty).toBe(true);
  });

  it('are not acknowledged by what names another message', () => {
    const { stream, sent } = outgoing();
    stream.release();
    stream.write(1, Buffer.from('a'));
    stream.acknowledged({ sequence: 0, id: 'another' });
    stream.acknowledged({ sequence: 1, id: sent[0]!.id });
    expect(stream.isEmpty).toBe(false);
  });

  it('come again to a new connection, in order, and not while nobody wants them', () => {
    const { clock, stream, numbers } = outgoing();
    stream.release();
    for (const text of ['a', 'b', 'c']) stream.write(1, Buffer.from(text));
    numbers();
    stream.hold();
    clock.advance(5_000);
    stream.tick();
    stream.write(1, Buffer.from('d'));
    expect(numbers()).toEqual([]);
    stream.release();
    expect(numbers()).toEqual([0, 1, 2, 3]);
  });

  it('wait longer where answers take longer', () => {
    const { clock, stream, sent, numbers } = outgoing();
    stream.release();
    for (let round = 0; round < 40; round++) {
      stream.write(1, Buffer.from('a'));
      clock.advance(600);
      stream.acknowledged(sent.splice(0)[0]!);
    }
    stream.write(1, Buffer.from('b'));
    numbers();
    clock.advance(550);
    stream.tick();
    expect(numbers()).toEqual([]);
    clock.advance(450);
    stream.tick();
    expect(numbers()).toEqual([40]);
  });

  it('have room for a window of them', async () => {
    const { stream, sent } = outgoing();
    stream.release();
    while (stream.hasRoom) stream.write(1, Buffer.from('a'));
    expect(sent).toHaveLength(64);
    const progress = stream.progress(new AbortController().signal);
    stream.acknowledged(sent[10]!);
    await progress;
    expect(stream.hasRoom).toBe(true);
  });
});

describe('pieces of text', () => {
  const cutAll = (largest: number, chunks: readonly Uint8Array[]): readonly Buffer[] => {
    const pieces = new TextPieces(largest);
    return [...chunks.flatMap((chunk) => pieces.cut(chunk)), ...pieces.end()];
  };

  it('are whole characters, however the text comes', () => {
    const text = fc.string({ unit: 'grapheme', maxLength: 60 });
    fc.assert(
      fc.property(text, fc.integer({ min: 4, max: 20 }), fc.integer({ min: 1, max: 9 }), (whole, largest, step) => {
        const bytes = Buffer.from(whole);
        const chunks = Array.from({ length: Math.ceil(bytes.length / step) }, (_, i) => bytes.subarray(i * step, (i + 1) * step));
        const pieces = cutAll(largest, chunks);
        expect(pieces.map((piece) => new TextDecoder('utf-8', { ignoreBOM: true }).decode(piece)).join('')).toBe(bytes.toString());
        for (const piece of pieces) expect(piece.length).toBeLessThanOrEqual(largest);
      }),
    );
  });

  it('hold any bytes in the end', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 40 })), (chunks) => {
        expect(Buffer.concat(cutAll(8, chunks))).toEqual(Buffer.concat(chunks));
      }),
    );
  });
});
