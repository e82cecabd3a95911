import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deflateRawSync } from 'node:zlib';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { systemClock } from '../../kernel/clock.ts';
import type { ArtifactFile, Artifacts } from '../../ports/artifacts.ts';
import type { BlobRef, ByteStream } from '../../ports/blobs.ts';
import { openFileBlobs } from '../blobs/index.ts';
import type { FileBlobs } from '../blobs/index.ts';
import { createArtifacts } from './index.ts';

let dir: string;
let blobs: FileBlobs;
let artifacts: Artifacts;

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'pipewright-artifacts-'));
  blobs = await openFileBlobs({ dir: join(dir, 'blobs'), clock: systemClock });
  artifacts = createArtifacts({ blobs, dir: join(dir, 'tmp') });
});
afterEach(() => rmSync(dir, { recursive: true }));

async function bytes(stream: ByteStream): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
}

const file = (path: string, content: string | Uint8Array, mode = 0o644): ArtifactFile => ({
  path,
  mode,
  kind: 'file',
  content: typeof content === 'string' ? Buffer.from(content) : content,
});

async function tree(blob: BlobRef): Promise<Record<string, [kind: string, mode: number, content: string]>> {
  const result: Record<string, [string, number, string]> = {};
  for (const entry of await artifacts.entries(blob)) {
    const content = await bytes(artifacts.read(blob, entry));
    expect(content.length).toBe(entry.size);
    if (entry.offset !== undefined) {
      const slice = await bytes(blobs.get(blob.sha256, { start: entry.offset, end: entry.offset + entry.size }));
      expect(slice.equals(content)).toBe(true);
    }
    result[entry.path] = [entry.kind, entry.mode, content.toString()];
  }
  return result;
}

const putFile = (path: string): Promise<BlobRef> => blobs.put(readFileSync(path));

describe('pack', () => {
  test('what is packed is read again: files, folders, links, modes, any bytes', async () => {
    const name = fc
      .string({ unit: 'binary', minLength: 1, maxLength: 12 })
      .filter((text) => !/[/\\\0:]|^\.{1,2}$/.test(text) && Buffer.from(text).toString() === text);
    const files = fc.uniqueArray(
      fc.record({
        path: fc.array(name, { minLength: 1, maxLength: 3 }).map((parts) => `d/${parts.join('/d/')}`),
        content: fc.uint8Array({ maxLength: 2000 }),
        streamed: fc.boolean(),
        mode: fc.constantFrom(0o644, 0o755, 0o600),
      }),
      { selector: ({ path }) => path, maxLength: 20 },
    );
    await fc.assert(
      fc.asyncProperty(files, async (given) => {
        const isFolder = (path: string): boolean => given.some((other) => other.path.startsWith(`${path}/`));
        const wanted = given.filter(({ path }) => !isFolder(path));
        const blob = await artifacts.pack(
          wanted.map(({ path, content, streamed, mode }): ArtifactFile => ({
            path,
            mode,
            kind: 'file',
            content: streamed
              ? async function* () {
                  yield content.subarray(0, 7);
                  yield content.subarray(7);
                }
              : content,
          })),
        );
        const entries = await artifacts.entries(blob);
        expect(entries.map(({ path, mode }) => [path, mode])).toEqual(wanted.map(({ path, mode }) => [path, mode]));
        for (const [i, entry] of entries.entries()) {
          expect((await bytes(artifacts.read(blob, entry))).equals(wanted[i]!.content)).toBe(true);
        }
      }),
      { numRuns: 60 },
    );
  });

  test('the same files give the same bytes, streamed or not', async () => {
    const big = Buffer.alloc(3_000_000, 'pipewright');
    const streamed = async function* (): ByteStream {
      for (let at = 0; at < big.length; at += 65_536) yield big.subarray(at, at + 65_536);
    };
    const one = await artifacts.pack([file('a', 'A'), file('big', big, 0o755)]);
    const two = await artifacts.pack([file('a', 'A'), { path: 'big', mode: 0o755, kind: 'file', content: streamed }]);
    expect(two).toEqual(one);
    expect(readdirSync(join(dir, 'tmp'))).toEqual([]);
  });

  test('a source that fails leaves no file behind', async () => {
    const failing = async function* (): ByteStream {
      yield Buffer.alloc(2_000_000);
      throw new Error('gone');
    };
    await expect(artifacts.pack([{ path: 'a', mode: 0o644, kind: 'file', content: failing }])).rejects.toThrow('gone');
    expect(readdirSync(join(dir, 'tmp'))).toEqual([]);
  });

  test.each<[string, ArtifactFile[]]>([
    ['a path that leaves the tree', [file('../a', '')]],
    ['no path', [file('.', '')]],
    ['the same path twice', [file('a', '1'), file('a', '2')]],
    ['a file below a file', [file('a', '1'), file('a/b', '2')]],
    ['a link that leads outside', [{ path: 'l', mode: 0o777, kind: 'symlink', content: Buffer.from('../x') }]],
  ])('refuses %s', async (_, files) => {
    await expect(artifacts.pack(files)).rejects.toMatchObject({ code: 'InvalidArchive' });
  });

  test('other programs read it', async () => {
    const blob = await artifacts.pack([
      { path: 'dir', mode: 0o755, kind: 'directory', content: new Uint8Array() },
      file('dir/grüße.txt', 'hallo', 0o755),
      { path: 'link', mode: 0o777, kind: 'symlink', content: Buffer.from('dir/grüße.txt') },
    ]);
    const path = await blobs.path(blob.sha256);
    const script = `import sys, zipfile, json
z = zipfile.ZipFile(sys.argv[1]); assert z.testzip() is None
print(json.dumps([[i.filename, oct(i.external_attr >> 16), z.read(i).decode(), i.date_time[0]] for i in z.infolist()]))`;
    expect(JSON.parse(execFileSync('python3', ['-c', script, path], { encoding: 'utf8' }))).toEqual([
      ['dir/', '0o40755', '', 1980],
      ['dir/grüße.txt', '0o100755', 'hallo', 1980],
      ['link', '0o120777', 'dir/grüße.txt', 1980],
    ]);
  });

  test('more than 65535 entries need, and get, zip64 records', async () => {
    const blob = await artifacts.pack(Array.from({ length: 70_000 }, (_, i) => file(`f${i}`, '')));
    expect(await artifacts.entries(blob)).toHaveLength(70_000);
    const script = 'import sys, zipfile; print(len(zipfile.ZipFile(sys.argv[1]).infolist()))';
    const read = execFileSync('python3', ['-c', script, await blobs.path(blob.sha256)], { encoding: 'utf8' });
    expect(read.trim()).toBe('70000');
  });
});

describe('entries of foreign archives', () => {
  test('git archive', async () => {
    const repo = join(dir, 'repo');
    mkdirSync(join(repo, 'src'), { recursive: true });
    writeFileSync(join(repo, 'src', 'main.sh'), '#!/bin/sh\n');
    chmodSync(join(repo, 'src', 'main.sh'), 0o755);
    writeFileSync(join(repo, 'README'), 'text '.repeat(500));
    symlinkSync('src/main.sh', join(repo, 'run'));
    const git = (...args: string[]) => execFileSync('git', ['-C', repo, '-c', 'user.name=t', '-c', 'user.email=t@example.com', ...args]);
    git('init', '-q');
    git('add', '.');
    git('commit', '-q', '-m', 'one');
    git('archive', '--format=zip', '-o', join(dir, 'a.zip'), 'HEAD');
    expect(await tree(await putFile(join(dir, 'a.zip')))).toMatchObject({
      README: ['file', 0o644, 'text '.repeat(500)],
      run: ['symlink', 0o777, 'src/main.sh'],
      src: ['directory', 0o755, ''],
      'src/main.sh': ['file', 0o755, '#!/bin/sh\n'],
    });
  });

  test('python zipfile: stored and deflated, streamed with data descriptors, zip64', async () => {
    const script = `import sys, zipfile, io
class Out(io.RawIOBase):
    def __init__(self, f): self.f = f
    def writable(self): return True
    def write(self, b): return self.f.write(b)
with open(sys.argv[1], 'wb') as f:
    z = zipfile.ZipFile(Out(f), 'w')
    z.writestr('stored.txt', 'as it is')
    z.writestr(zipfile.ZipInfo('./dot/mode-less.txt'), 'x')
    z.writestr('deflated.txt', 'again ' * 1000, zipfile.ZIP_DEFLATED)
    with z.open('big.txt', 'w', force_zip64=True) as w: w.write(b'zip64')
    z.close()`;
    execFileSync('python3', ['-c', script, join(dir, 'p.zip')]);
    const blob = await putFile(join(dir, 'p.zip'));
    expect(await tree(blob)).toEqual({
      'stored.txt': ['file', 0o600, 'as it is'],
      'dot/mode-less.txt': ['file', expect.any(Number), 'x'],
      'deflated.txt': ['file', 0o600, 'again '.repeat(1000)],
      'big.txt': ['file', expect.any(Number), 'zip64'],
    });
  });

  test('an entry that went through JSON is found again', async () => {
    const blob = await artifacts.pack([file('a', 'A'), file('b', 'B')]);
    const entries = JSON.parse(JSON.stringify(await artifacts.entries(blob)));
    expect((await bytes(artifacts.read(blob, entries[1]))).toString()).toBe('B');
    await expect(bytes(artifacts.read(blob, { ...entries[1], path: 'c' }))).rejects.toMatchObject({ code: 'InvalidArchive' });
  });
});

interface Raw {
  readonly name: string;
  readonly data: Uint8Array;
  readonly size?: number;
  readonly crc?: number;
  readonly method?: number;
  readonly flags?: number;
  readonly mode?: number;
}

/** Archives as an attacker would make them: nothing is checked. */
function forge(entries: readonly Raw[], overlap = false): Buffer {
  const locals: Buffer[] = [];
  const centrals: Buffer[] = [];
  let offset = 0;
  for (const { name, data, size = data.length, crc = 0, method = 0, flags = 0, mode = 0o100644 } of entries) {
    const local = Buffer.alloc(30);
    local.writeUInt32LE(0x04034b50, 0);
    local.writeUInt16LE(Buffer.byteLength(name), 26);
    const central = Buffer.alloc(46);
    central.writeUInt32LE(0x02014b50, 0);
    central.writeUInt16LE(3 << 8, 4);
    central.writeUInt16LE(flags, 8);
    central.writeUInt16LE(method, 10);
    central.writeUInt32LE(crc, 16);
    central.writeUInt32LE(data.length, 20);
    central.writeUInt32LE(size, 24);
    central.writeUInt16LE(Buffer.byteLength(name), 28);
    central.writeUInt32LE((mode << 16) >>> 0, 38);
    central.writeUInt32LE(overlap ? 0 : offset, 42);
    if (!overlap || locals.length === 0) locals.push(Buffer.concat([local, Buffer.from(name), data]));
    centrals.push(Buffer.concat([central, Buffer.from(name)]));
    offset += 30 + Buffer.byteLength(name) + data.length;
  }
  const [body, directory] = [Buffer.concat(locals), Buffer.concat(centrals)];
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(entries.length, 8);
  end.writeUInt16LE(entries.length, 10);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(body.length, 16);
  return Buffer.concat([body, directory, end]);
}

describe('hostile archives are refused', () => {
  const text = Buffer.from('x');
  const link = (name: string, target: string): Raw => ({ name, data: Buffer.from(target), mode: 0o120777, crc: undefined! });
  const withCrc = async (raw: Raw): Promise<Raw> => ({ ...raw, crc: (await import('node:zlib')).crc32(raw.data) });

  test.each<[string, Raw[]]>([
    ['climbing paths', [{ name: 'a/../../b', data: text }]],
    ['climbing paths that come back', [{ name: 'a/../b', data: text }]],
    ['absolute paths', [{ name: '/etc/passwd', data: text }]],
    ['drive letters', [{ name: 'C:/x', data: text }]],
    ['backslashes', [{ name: '..\\b', data: text }]],
    ['NUL in names', [{ name: 'a\0b', data: text }]],
    ['encrypted entries', [{ name: 'a', data: text, flags: 1 }]],
    ['unknown compression', [{ name: 'a', data: text, method: 12 }]],
    [
      'the same path twice',
      [
        { name: 'a', data: text },
        { name: './a', data: text },
      ],
    ],
    ['a file below a link', [link('a', 'b'), { name: 'a/c', data: text }]],
    ['a stored entry whose sizes differ', [{ name: 'a', data: text, size: 5 }]],
    ['links to absolute paths', [link('a', '/etc')]],
    ['links out of the tree', [link('d/a', '../../x')]],
    ['links that climb through links', [link('d', '.'), link('e', 'd/../../x')]],
    ['empty links', [link('a', '')]],
  ])('%s', async (_, entries) => {
    const blob = await blobs.put(forge(await Promise.all(entries.map(withCrc))));
    await expect(artifacts.entries(blob)).rejects.toMatchObject({ code: 'InvalidArchive' });
  });

  test('links that stay inside are read', async () => {
    const links = [link('d/e/a', '../../f'), link('b', './d/e'), link('c', 'd')];
    const blob = await blobs.put(forge(await Promise.all(links.map(withCrc))));
    expect((await artifacts.entries(blob)).map(({ kind }) => kind)).toEqual(['symlink', 'symlink', 'symlink']);
  });

  test('overlapping entries', async () => {
    const data = Buffer.alloc(10_000, 'x');
    const blob = await blobs.put(
      forge(
        Array.from({ length: 50 }, (_, i) => ({ name: `file${String(i).padStart(3, '0')}`, data })),
        true,
      ),
    );
    await expect(artifacts.entries(blob)).rejects.toMatchObject({ code: 'InvalidArchive' });
  });

  test('too many entries and too many bytes', async () => {
    const blob = await blobs.put(
      forge([
        { name: 'a', data: text },
        { name: 'b', data: Buffer.alloc(100) },
      ]),
    );
    await expect(artifacts.entries(blob, { entries: 1 })).rejects.toMatchObject({ code: 'InvalidArchive' });
    await expect(artifacts.entries(blob, { bytes: 100 })).rejects.toMatchObject({ code: 'InvalidArchive' });
    expect(await artifacts.entries(blob, { entries: 2, bytes: 101 })).toHaveLength(2);
  });

  test('a bomb gives no more bytes than it claims', async () => {
    const data = deflateRawSync(Buffer.alloc(50_000_000));
    const blob = await blobs.put(forge([{ name: 'bomb', data, size: 1000, method: 8 }]));
    const [entry] = await artifacts.entries(blob);
    let given = 0;
    const drain = async (): Promise<void> => {
      for await (const chunk of artifacts.read(blob, entry!)) given += chunk.length;
    };
    await expect(drain()).rejects.toMatchObject({ code: 'InvalidArchive' });
    expect(given).toBeLessThanOrEqual(1000);
  });

  test('damaged content', async () => {
    const blob = await blobs.put(
      forge([
        { name: 'a', data: text, crc: 1 },
        { name: 'b', data: Buffer.from('no deflate'), method: 8, size: 3 },
      ]),
    );
    for (const entry of await artifacts.entries(blob)) {
      await expect(bytes(artifacts.read(blob, entry))).rejects.toMatchObject({ code: 'InvalidArchive' });
    }
  });

  test('truncated and random bytes', async () => {
    const whole = forge([
      { name: 'a', data: text },
      { name: 'b', data: text },
    ]);
    for (let length = 0; length < whole.length; length++) {
      const blob = await blobs.put(whole.subarray(0, length));
      await expect(artifacts.entries(blob)).rejects.toMatchObject({ code: 'InvalidArchive' });
    }
    await fc.assert(
      fc.asyncProperty(fc.nat(whole.length - 1), fc.nat(255), async (at, byte) => {
        const broken = Buffer.from(whole);
        broken[at] = byte;
        const blob = await blobs.put(broken);
        const outcome = await artifacts.entries(blob).then(
          () => 'read',
          (error: { code?: string }) => error.code,
        );
        expect(['read', 'InvalidArchive']).toContain(outcome);
      }),
      { numRuns: 200 },
    );
  });
});
