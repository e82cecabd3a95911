/** The last bytes of an output, so many as are asked for. */
export class Tail {
  readonly #longest: number;
  #chunks: Uint8Array[] = [];
  #bytes = 0;

  constructor(longest: number) {
    this.#longest = longest;
  }

  write(chunk: Uint8Array): void {
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
    // What lies before the last chunk that is needed can go.
    while (this.#bytes - this.#chunks[0]!.length >= this.#longest) this.#bytes -= this.#chunks.shift()!.length;
  }

  clear(): void {
    this.#chunks = [];
    this.#bytes = 0;
  }

  text(): string {
    return Buffer.concat(this.#chunks).subarray(-this.#longest).toString('utf8');
  }
}
