import { execFileSync } from 'node:child_process';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32, deflateRawSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { centralHeader, directoryEnd, localHeader, type ZipEntry } from '../../kernel/zip/format.ts';
import { unzip } from './unzip.ts';

let folder: string;
let root: string;
let archive: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'unzip-'));
  root = join(folder, 'root');
  archive = join(folder, 'a.zip');
  mkdirSync(root);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

interface Given {
  readonly name: string;
  readonly text?: string;
  readonly mode?: number;
  /** What the headers claim instead of the truth. */
  readonly lie?: Partial<ZipEntry>;
}

function write(files: readonly Given[]): void {
  const parts: Buffer[] = [];
  const entries: ZipEntry[] = [];
  let offset = 0;
  for (const { name, text = '', mode = 0o100644, lie } of files) {
    const bytes = Buffer.from(text);
    const entry: ZipEntry = { name: Buffer.from(name), mode, crc32: crc32(bytes), size: bytes.length, offset, ...lie };
    const header = localHeader(entry);
    parts.push(header, bytes);
    offset += header.length + bytes.length;
    entries.push(entry);
  }
  const directory = entries.map(centralHeader);
  const size = directory.reduce((sum, part) => sum + part.length, 0);
  writeFileSync(archive, Buffer.concat([...parts, ...directory, directoryEnd(entries.length, offset, size)]));
}

const refused = () => expect(unzip(archive, root)).rejects.toMatchObject({ code: 'InvalidArchive' });

describe('unzip', () => {
  it('unpacks files, folders, links and the right to execute', async () => {
    write([
      { name: 'dir/', mode: 0o040755 },
      { name: 'dir/run.sh', text: 'echo', mode: 0o100755 },
      { name: 'deep/er/file', text: 'x' },
      { name: 'link', text: 'dir/run.sh', mode: 0o120777 },
      { name: 'empty' },
    ]);
    expect(await unzip(archive, root)).toBe(5);
    expect(readFileSync(join(root, 'deep/er/file'), 'utf8')).toBe('x');
    expect(statSync(join(root, 'dir/run.sh')).mode & 0o111).not.toBe(0);
    expect(readlinkSync(join(root, 'link'))).toBe('dir/run.sh');
    expect(lstatSync(join(root, 'empty')).size).toBe(0);
  });

  it('inflates what other programs have packed', async () => {
    const text = 'hello '.repeat(5000);
    const packed = deflateRawSync(text);
    const entry: ZipEntry = { name: Buffer.from('big.txt'), mode: 0o100644, crc32: crc32(Buffer.from(text)), size: text.length, offset: 0 };
    const [local, central] = [localHeader(entry), centralHeader(entry)];
    for (const [header, at] of [
      [local, 8],
      [central, 10],
    ] as const)
      header.writeUInt16LE(8, at);
    local.writeUInt32LE(packed.length, 18);
    central.writeUInt32LE(packed.length, 20);
    const start = local.length + packed.length;
    writeFileSync(archive, Buffer.concat([local, packed, central, directoryEnd(1, start, central.length)]));
    await unzip(archive, root);
    expect(readFileSync(join(root, 'big.txt'), 'utf8')).toBe(text);
    execFileSync('python3', ['-c', 'import sys,zipfile; assert zipfile.ZipFile(sys.argv[1]).testzip() is None', archive]);
  });

  it.each(['../evil', '/evil', 'a/../../evil', 'C:\\evil', 'a\\..\\..\\evil', 'c:/evil'])('refuses the name %s', async (name) => {
    write([{ name, text: 'x' }]);
    await refused();
    expect(existsSync(join(folder, 'evil'))).toBe(false);
  });

  it.each(['/etc/passwd', '../outside', 'a/../../outside'])('refuses a link to %s', async (target) => {
    write([{ name: 'link', text: target, mode: 0o120777 }]);
    await refused();
  });

  it('refuses files below links, and what is there twice', async () => {
    write([
      { name: 'a', text: '.', mode: 0o120777 },
      { name: 'a/b', text: 'x' },
    ]);
    await refused();
    write([
      { name: 'a', text: '1' },
      { name: 'a', text: '2' },
    ]);
    await refused();
  });

  it('does not write through a link that was there before', async () => {
    symlinkSync(folder, join(root, 'a'));
    write([{ name: 'a/b', text: 'x' }]);
    await refused();
    expect(existsSync(join(folder, 'b'))).toBe(false);
  });

  it('refuses damage, lies about sizes, overlaps and too much', async () => {
    write([{ name: 'a', text: 'abc', lie: { crc32: 1 } }]);
    await refused();
    write([{ name: 'a', text: 'abc', lie: { size: 1000 } }]);
    await refused();
    write([{ name: 'a', text: 'abc' }]);
    await expect(unzip(archive, root, { entries: 0, bytes: 10 })).rejects.toMatchObject({ code: 'InvalidArchive' });
    await expect(unzip(archive, root, { entries: 9, bytes: 2 })).rejects.toMatchObject({ code: 'InvalidArchive' });
    writeFileSync(archive, 'no zip at all');
    await refused();
    writeFileSync(archive, '');
    await refused();
  });
});
