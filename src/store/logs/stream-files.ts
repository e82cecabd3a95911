import { mkdir, open, readFile, readdir, rename, writeFile, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { isMissing } from '../blobs/disk.ts';
import { scanSegment } from './segment.ts';
import type { Segment } from './segment.ts';

const NAME = /^(\d{16})\.log$/;

export function segmentPath(dir: string, first: number): string {
  return join(dir, `${String(first).padStart(16, '0')}.log`);
}

async function syncFolder(dir: string): Promise<void> {
  const folder = await open(dir, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

/** A file that was written to stays open for so long, ms: a build that goes on writes again soon. */
const OPEN_MS = 1_000;

/** Appends to the segments of one stream. One call at a time. */
export class SegmentWriter {
  readonly #dir: string;
  #path = '';
  #file: FileHandle | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(dir: string) {
    this.#dir = dir;
  }

  /** Appends to a segment's file and makes it durable; a new file is made durable in its folder, too. */
  async append(segment: Segment, data: Buffer): Promise<void> {
    const isNew = segment.size === 0;
    if (isNew) await mkdir(this.#dir, { recursive: true, mode: 0o700 });
    clearTimeout(this.#timer);
    try {
      const file = await this.#open(segmentPath(this.#dir, segment.first));
      await file.appendFile(data);
      await file.datasync();
    } catch (error) {
      await this.close();
      throw error;
    }
    // All is on disk: a close that fails loses nothing.
    this.#timer = setTimeout(() => void this.close().catch(() => undefined), OPEN_MS).unref();
    if (isNew) await Promise.all([syncFolder(this.#dir), syncFolder(join(this.#dir, '..'))]);
  }

  /** Not while an append is under way. All that was appended is on disk already. */
  async close(): Promise<void> {
    clearTimeout(this.#timer);
    const file = this.#file;
    this.#file = undefined;
    await file?.close();
  }

  async #open(path: string): Promise<FileHandle> {
    if (this.#file && this.#path === path) return this.#file;
    await this.close();
    this.#path = path;
    return (this.#file = await open(path, 'a', 0o600));
  }
}

/** Writes what we know of a full segment beside it, so that nobody reads it whole again. It can be lost: it is only a shortcut. */
export async function writeSummary(dir: string, segment: Segment): Promise<void> {
  const path = `${segmentPath(dir, segment.first)}.json`;
  await writeFile(`${path}.new`, JSON.stringify(segment), { mode: 0o600 });
  await rename(`${path}.new`, path);
}

async function readSummary(dir: string, first: number): Promise<Segment | undefined> {
  try {
    return JSON.parse(await readFile(`${segmentPath(dir, first)}.json`, 'utf8')) as Segment;
  } catch (error) {
    // Missing, or half written by a crash: the segment itself is the truth.
    if (isMissing(error) || error instanceof SyntaxError) return undefined;
    throw error;
  }
}

async function listSegments(dir: string): Promise<number[]> {
  try {
    const names = await readdir(dir);
    return names
      .flatMap((name) => NAME.exec(name)?.[1] ?? [])
      .map(Number)
      .toSorted((a, b) => a - b);
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}

/** Cuts what a crash left behind the last whole record: it was never acknowledged. */
async function cutTail(path: string, size: number): Promise<void> {
  const file = await open(path, 'r+');
  try {
    if ((await file.stat()).size === size) return;
    await file.truncate(size);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Reads what there is of a stream: the summaries of full segments and the last one itself, whose torn tail is cut. */
export async function loadSegments(dir: string): Promise<Segment[]> {
  const segments: Segment[] = [];
  const firsts = await listSegments(dir);
  let maxBefore: number | null = null;
  for (const [i, first] of firsts.entries()) {
    const isLast = i === firsts.length - 1;
    const segment: Segment =
      (isLast ? undefined : await readSummary(dir, first)) ?? (await scanSegment(segmentPath(dir, first), first, maxBefore));
    if (isLast) await cutTail(segmentPath(dir, first), segment.size);
    segments.push(segment);
    if (segment.max !== null) maxBefore = Math.max(segment.max, maxBefore ?? segment.max);
  }
  return segments;
}
