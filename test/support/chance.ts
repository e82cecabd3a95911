/** A source of chance that always takes the same course from the same seed. */
export class Chance {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** At least 0, below 1. https://gist.github.com/tommyettinger/46a874533244883189143505d203312c */
  #next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  is(probability: number): boolean {
    return this.#next() < probability;
  }

  below(count: number): number {
    return Math.floor(this.#next() * count);
  }

  /** Some of them, one at least where there are any, in any order. */
  some<T>(all: readonly T[]): T[] {
    const left = [...all];
    const taken: T[] = [];
    while (left.length > 0 && (taken.length === 0 || this.is(0.5))) taken.push(...left.splice(this.below(left.length), 1));
    return taken;
  }
}
