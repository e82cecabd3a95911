import { appendFileSync, createReadStream, statSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { gzipSync } from 'node:zlib';
import type { PipewrightClient } from '../../client/client.ts';
import type { S3Object } from '../../services/pipewright/api.gen.ts';
import { insist } from '../client.ts';

/** So much text is compressed at once, bytes. */
const BLOCK = 1024 * 1024;
/** How long an upload insists while the server is away, ms. */
const INSIST_MS = 60_000;

/**
 * A build's whole log as the file that S3 logs are: gzip, in blocks one after the other, which is gzip too, so that memory holds one.
 * https://docs.aws.amazon.com/codebuild/latest/APIReference/API_S3LogsConfig.html
 */
export class LogFile {
  readonly #path: string;
  #texts: string[] = [];
  #length = 0;
  #failure: unknown;

  constructor(path: string) {
    this.#path = path;
  }

  add(text: string): void {
    this.#texts.push(text.endsWith('\n') ? text : `${text}\n`);
    this.#length += text.length;
    if (this.#length >= BLOCK) this.#write();
  }

  /** Stores it. Rejects where that cannot be. */
  async upload({ bucket, key }: S3Object, s3: PipewrightClient['s3'], signal: AbortSignal): Promise<void> {
    this.#write();
    if (this.#failure !== undefined) throw this.#failure;
    const put = () =>
      s3.putObject({
        Bucket: bucket,
        Key: key,
        Body: createReadStream(this.#path),
        ContentLength: statSync(this.#path).size,
        ContentType: 'text/plain',
        ContentEncoding: 'gzip',
      });
    await insist(put, signal, INSIST_MS);
  }

  async remove(): Promise<void> {
    this.#texts = [];
    await rm(this.#path, { force: true });
  }

  #write(): void {
    try {
      if (this.#failure === undefined) appendFileSync(this.#path, gzipSync(this.#texts.join(''), { level: 4 }), { mode: 0o600 });
    } catch (error) {
      // A full disk ends no build: what is missing is said where the log would be stored.
      this.#failure = error;
    }
    this.#texts = [];
    this.#length = 0;
  }
}
