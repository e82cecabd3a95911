/** So many values are kept as they are. */
const EXACT = 1_000;
/** Beyond, values are counted in classes, each so much wider than the one before: quantiles are right to a quarter of a percent. */
const WIDTH = Math.log(1.005);

/** Quantiles of any number of durations (ms) in little memory. */
export class Spread {
  readonly #values: number[] = [];
  readonly #classes = new Map<number, number>();
  #count = 0;

  add(value: number): void {
    this.#count++;
    if (this.#values.length < EXACT) this.#values.push(value);
    const index = Math.round(Math.log(Math.max(0, value) + 1) / WIDTH);
    this.#classes.set(index, (this.#classes.get(index) ?? 0) + 1);
  }

  get count(): number {
    return this.#count;
  }

  /** The smallest value that at least this share of all values does not exceed; 0 where there is none. */
  quantile(share: number): number {
    const rank = Math.max(1, Math.ceil(share * this.#count));
    if (this.#count <= EXACT) return this.#values.toSorted((a, b) => a - b)[rank - 1] ?? 0;
    let seen = 0;
    for (const [index, count] of [...this.#classes].toSorted(([a], [b]) => a - b)) {
      seen += count;
      if (seen >= rank) return Math.round(Math.exp(index * WIDTH) - 1);
    }
    return 0;
  }
}
