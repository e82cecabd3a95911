import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import fc from 'fast-check';
import { ManualClock } from '../../kernel/clock.ts';
import { SliceBody } from '../../ports/blobs.ts';
import type { ByteStream } from '../../ports/blobs.ts';
import { KEEP_MS } from './collect.ts';
import { dropBytes } from './disk.ts';
import { openFileBlobs } from './index.ts';
import type { FileBlobs } from './index.ts';

let dir: string;
let clock: ManualClock;
let blobs: FileBlobs;

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'pipewright-blobs-'));
  // Files are born with the system's time.
  clock = new ManualClock(Date.now());
  blobs = await openFileBlobs({ dir, clock });
});
afterEach(() => rmSync(dir, { recursive: true }));

const hash = (algorithm: string, bytes: Uint8Array): string => createHash(algorithm).update(bytes).digest('hex');

async function* inChunks(bytes: Uint8Array, size: number): ByteStream {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function read(stream: ByteStream): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
}

function patterned(size: number): Buffer {
  const bytes = Buffer.alloc(size);
  for (let i = 0; i < size; i++) bytes[i] = (i * 31 + (i >> 8)) & 255;
  return bytes;
}
const temporaries = (): string[] => readdirSync(join(dir, 'tmp'));

describe('put', () => {
  test.each([0, 1, 65_536, 1024 * 1024 - 1, 1024 * 1024, 3_500_000])(
    'stores %d bytes from a stream and from memory alike',
    async (size) => {
      const bytes = patterned(size);
      const stored = await blobs.put(inChunks(bytes, 65_521));
      expect(stored).toEqual({ sha256: hash('sha256', bytes), md5: hash('md5', bytes), size });
      expect((await read(blobs.get(stored.sha256))).equals(bytes)).toBe(true);
      expect(readFileSync(await blobs.path(stored.sha256)).equals(bytes)).toBe(true);
      const other = mkdtempSync(join(dir, 'other-'));
      expect(await (await openFileBlobs({ dir: other, clock })).put(bytes)).toEqual(stored);
      expect(temporaries()).toEqual([]);
    },
  );

  test.each([100, 3_000_000])('keeps nothing of a stream that fails after %d bytes', async (size) => {
    const failing = async function* (): ByteStream {
      yield* inChunks(patterned(size), 65_536);
      throw new Error('the client went away');
    };
    await expect(blobs.put(failing())).rejects.toThrow('went away');
    expect(temporaries()).toEqual([]);
    expect(await blobs.has(hash('sha256', patterned(size)))).toBe(false);
  });

  test.each([1000, 2_500_000])('refuses content over a limit of %d', async (limit) => {
    let ended = false;
    const endless = async function* (): ByteStream {
      try {
        for (;;) yield patterned(999);
      } finally {
        ended = true;
      }
    };
    await expect(blobs.put(endless(), { limit })).rejects.toMatchObject({ code: 'EntityTooLarge' });
    await expect(blobs.put(patterned(limit + 1), { limit })).rejects.toMatchObject({ code: 'EntityTooLarge' });
    expect(ended).toBe(true);
    expect(temporaries()).toEqual([]);
    expect((await blobs.put(patterned(limit), { limit })).size).toBe(limit);
  });

  test('the same content put many times at once is one file', async () => {
    const bytes = patterned(2_000_000);
    const all = await Promise.all(Array.from({ length: 8 }, (_, i) => blobs.put(i % 2 ? bytes : inChunks(bytes, 50_000))));
    expect(new Set(all.map(({ sha256 }) => sha256)).size).toBe(1);
    expect((await read(blobs.get(all[0]!.sha256))).equals(bytes)).toBe(true);
    expect(temporaries()).toEqual([]);
  });

  test('sweeps what an earlier process left half written', async () => {
    writeFileSync(join(dir, 'tmp', '7'), 'half');
    const stored = await blobs.put(Buffer.from('whole'));
    blobs = await openFileBlobs({ dir, clock });
    expect(temporaries()).toEqual([]);
    expect(await blobs.has(stored.sha256)).toBe(true);
  });
});

describe('get', () => {
  test('gives any range', async () => {
    const bytes = patterned(700_001);
    const { sha256 } = await blobs.put(bytes);
    const at = fc.integer({ min: 0, max: bytes.length + 10 });
    await fc.assert(
      fc.asyncProperty(at, at, async (start, end) => {
        expect((await read(blobs.get(sha256, { start, end }))).equals(bytes.subarray(start, end))).toBe(true);
      }),
      { numRuns: 50 },
    );
  });

  test('rejects with NoSuchBlob for what is not there, and for names that are no hash', async () => {
    for (const name of ['0'.repeat(64), '../../etc/passwd', 'A'.repeat(64), '']) {
      await expect(async () => read(blobs.get(name))).rejects.toMatchObject({ code: 'NoSuchBlob' });
      await expect(blobs.path(name)).rejects.toMatchObject({ code: 'NoSuchBlob' });
    }
    expect(await blobs.has('0'.repeat(64))).toBe(false);
    expect(await blobs.keep('0'.repeat(64))).toBe(false);
  });

  test('a reader that stops early closes the file', async () => {
    const { sha256 } = await blobs.put(patterned(2_000_000));
    const open = (): number => readdirSync('/proc/self/fd').length;
    const before = open();
    for (let i = 0; i < 20; i++) {
      for await (const chunk of blobs.get(sha256)) if (chunk.length > 0) break;
    }
    expect(open()).toBeLessThanOrEqual(before + 1);
  });

  test('slices read as one stream', async () => {
    const a = await blobs.put(Buffer.from('hello world'));
    const b = await blobs.put(Buffer.from('brave new'));
    const body = new SliceBody(blobs, [
      { sha256: a.sha256, offset: 0, length: 6 },
      { sha256: b.sha256, offset: 0, length: 5 },
      { sha256: b.sha256, offset: 3, length: 0 },
      { sha256: a.sha256, offset: 5, length: 6 },
    ]);
    expect(body.size).toBe(17);
    expect((await read(body)).toString()).toBe('hello brave world');
  });
});

describe('collect', () => {
  const collect = (...referenced: string[]) => {
    const asked: string[] = [];
    const result = blobs.collect({
      now: clock.now(),
      referenced: async (sha256s) => {
        asked.push(...sha256s);
        return new Set(referenced);
      },
    });
    return result.then((collected) => ({ ...collected, asked }));
  };

  test('takes what is unreferenced, after 24 hours only', async () => {
    const [a, b] = [await blobs.put(Buffer.from('aaa')), await blobs.put(Buffer.from('bbbb'))];
    expect(await collect()).toEqual({ blobs: 0, bytes: 0, asked: [] });
    clock.advance(KEEP_MS + 60_000);
    expect(await collect(a.sha256)).toMatchObject({ blobs: 1, bytes: 4 });
    expect([await blobs.has(a.sha256), await blobs.has(b.sha256)]).toEqual([true, false]);
  });

  test('a put of the same content and a keep start the time again', async () => {
    await blobs.put(Buffer.from('aaa'));
    const b = await blobs.put(Buffer.from('bbbb'));
    clock.advance(KEEP_MS + 60_000);
    await blobs.put(Buffer.from('aaa'));
    expect(await blobs.keep(b.sha256)).toBe(true);
    expect(await collect()).toEqual({ blobs: 0, bytes: 0, asked: [] });
  });

  test('spares a blob that is kept while the references are looked up', async () => {
    const a = await blobs.put(Buffer.from('aaa'));
    clock.advance(KEEP_MS + 60_000);
    const collected = await blobs.collect({
      now: clock.now(),
      referenced: async () => {
        await blobs.keep(a.sha256);
        return new Set();
      },
    });
    expect(collected.blobs).toBe(0);
    expect(await blobs.has(a.sha256)).toBe(true);
  });
});

test('clear deletes every blob', async () => {
  const { sha256 } = await blobs.put(Buffer.from('x'));
  await blobs.clear();
  expect(await blobs.has(sha256)).toBe(false);
  expect(existsSync(join(dir, 'sha256', '00'))).toBe(true);
});

test('files are for their owner only', async () => {
  const { sha256 } = await blobs.put(Buffer.from('x'));
  expect(statSync(await blobs.path(sha256)).mode & 0o077).toBe(0);
});

test('dropBytes goes on where a short write stopped', () => {
  const chunks = [Buffer.from('abc'), Buffer.from('de'), Buffer.from('f')];
  for (let count = 0; count <= 6; count++) expect(Buffer.concat(dropBytes(chunks, count)).toString()).toBe('abcdef'.slice(count));
});
