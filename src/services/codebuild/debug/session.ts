import type { DebugOrder } from '../../pipewright/api.gen.ts';

/** What waits for a reader; a terminal that nobody reads loses what is older. */
const LONGEST = 1024 * 1024;

/**
 * One terminal between somebody's command line and the build's runner: orders one way, output the other. Only what is under way is here;
 * both ends count, so that a call sent twice is taken once, and a server that has been restarted finds out where they are.
 */
export class DebugSession {
  #orders: DebugOrder[] = [];
  #received = 0;
  #output = Buffer.alloc(0);
  /** Of the output's first byte, in all that the terminal wrote. */
  #position: number | undefined;
  /** When its command line was last heard of, epoch ms. */
  seen: number;
  exitCode: number | undefined;

  constructor(now: number) {
    this.seen = now;
  }

  get received(): number {
    return this.#received;
  }

  get waiting(): readonly DebugOrder[] {
    return this.#orders;
  }

  /** From the command line. */
  order(order: DebugOrder): void {
    const known = this.#orders.at(-1)?.sequence ?? this.#received;
    if (order.sequence > known) this.#orders.push(order);
  }

  /** The runner has all up to this one. */
  confirm(sequence: number): void {
    this.#received = Math.max(this.#received, sequence);
    this.#orders = this.#orders.filter((order) => order.sequence > this.#received);
  }

  /** From the runner. */
  write(position: number, data: Uint8Array): void {
    this.#position ??= position;
    const end = this.#position + this.#output.length;
    // What we had already comes again after an answer that was lost.
    const fresh = Buffer.from(data).subarray(Math.max(0, end - position));
    if (position > end) this.#restart(position);
    this.#output = Buffer.concat([this.#output, fresh]);
    const over = this.#output.length - LONGEST;
    if (over > 0) this.#drop(over);
  }

  /** What the command line has not read yet, which says that it has all before the position. */
  read(position: number): { readonly position: number; readonly data: Buffer } {
    const read = position - (this.#position ?? position);
    if (read > 0) this.#drop(Math.min(read, this.#output.length));
    return { position: this.#position ?? position, data: this.#output };
  }

  #restart(position: number): void {
    this.#output = Buffer.alloc(0);
    this.#position = position;
  }

  #drop(bytes: number): void {
    this.#output = Buffer.from(this.#output.subarray(bytes));
    this.#position = (this.#position ?? 0) + bytes;
  }
}
