import type { PipewrightClient } from '../../client/client.ts';
import type { CacheStore, Saved } from './cache-store.ts';
import { decodeManifest } from './manifest.ts';

type S3 = PipewrightClient['s3'];

export interface S3Place {
  readonly s3: S3;
  readonly bucket: string;
  /** Without slash at the end. */
  readonly prefix: string;
}

interface Listed {
  readonly key: string;
  /** Epoch ms. */
  readonly at: number;
}

async function* list({ s3, bucket }: S3Place, Prefix: string): AsyncGenerator<Listed> {
  let token: string | undefined;
  do {
    const page = await s3.listObjectsV2({ Bucket: bucket, Prefix, ...(token !== undefined && { ContinuationToken: token }) });
    for (const { Key = '', LastModified = 0 } of page.Contents ?? []) yield { key: Key, at: Number(LastModified) };
    token = page.NextContinuationToken;
  } while (token !== undefined);
}

async function read({ s3, bucket }: S3Place, key: string): Promise<Buffer | undefined> {
  try {
    const { Body } = await s3.getObject({ Bucket: bucket, Key: key });
    const pieces: Uint8Array[] = [];
    if (Body) for await (const piece of Body) pieces.push(piece);
    return Buffer.concat(pieces);
  } catch (error) {
    if ((error as { code?: string }).code === 'NoSuchKey') return undefined;
    throw error;
  }
}

/** Caches in a bucket of the project's choice, read and written with the rights of the build's role. */
export class S3Store implements CacheStore {
  readonly #place: S3Place;
  readonly #chunks: string;
  readonly #copies: string;
  readonly #copy: string;

  /** `version`: as of CacheStore. */
  constructor(place: S3Place, version: string) {
    this.#place = place;
    this.#chunks = `${place.prefix}/chunks/`;
    this.#copies = `${place.prefix}/copies/`;
    this.#copy = `${this.#copies}${version}/`;
  }

  async find(key: string): Promise<Saved | undefined> {
    const manifest = await read(this.#place, this.#key(key));
    return manifest && { key, manifest };
  }

  async findNewest(beginning: string): Promise<Saved | undefined> {
    let newest: Listed | undefined;
    for await (const listed of list(this.#place, this.#key(beginning))) if (!newest || listed.at >= newest.at) newest = listed;
    return newest && this.find(decodeURIComponent(newest.key.slice(this.#copy.length)));
  }

  async save(key: string, manifest: Uint8Array): Promise<void> {
    await this.#put(this.#key(key), manifest);
  }

  chunk(hash: string): Promise<Buffer | undefined> {
    return read(this.#place, `${this.#chunks}${hash}`);
  }

  async saveChunk(hash: string, bytes: Buffer): Promise<void> {
    await this.#put(`${this.#chunks}${hash}`, bytes);
  }

  async chunks(): Promise<ReadonlyMap<string, number>> {
    const found = new Map<string, number>();
    for await (const { key, at } of list(this.#place, this.#chunks)) found.set(key.slice(this.#chunks.length), at);
    return found;
  }

  async sweep(youngest: number): Promise<void> {
    const { s3, bucket } = this.#place;
    const named = new Set<string>();
    for await (const { key } of list(this.#place, this.#copies)) {
      const manifest = await read(this.#place, key);
      if (manifest) for (const { hash } of decodeManifest(manifest).chunks) named.add(hash);
    }
    for (const [hash, at] of await this.chunks())
      if (at < youngest && !named.has(hash)) await s3.deleteObject({ Bucket: bucket, Key: `${this.#chunks}${hash}` });
  }

  #key(key: string): string {
    return `${this.#copy}${encodeURIComponent(key)}`;
  }

  async #put(Key: string, bytes: Uint8Array): Promise<void> {
    await this.#place.s3.putObject({ Bucket: this.#place.bucket, Key, Body: bytes, ContentLength: bytes.length });
  }
}
