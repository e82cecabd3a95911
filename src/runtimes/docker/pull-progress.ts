import { isObject } from '../../kernel/json.ts';

const EVERY_MS = 2_000;
const DOWNLOADING = 'Downloading';
/** Said of each layer, over and over. */
const NOISE = new Set([
  'Pulling fs layer',
  'Waiting',
  'Verifying Checksum',
  'Download complete',
  'Extracting',
  DOWNLOADING,
  'Copying blob',
  'Writing manifest',
]);

const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;

/** Makes a few lines for people of the many events of a pull. */
export class PullProgress {
  readonly #tell: (line: string) => void;
  readonly #now: () => number;
  readonly #layers = new Map<string, readonly [current: number, total: number]>();
  #told: number;

  constructor(tell: (line: string) => void, now: () => number) {
    this.#tell = tell;
    this.#now = now;
    this.#told = now();
  }

  event({ id, status, progressDetail }: Readonly<Record<string, unknown>>): void {
    if (typeof status !== 'string') return;
    const layer = typeof id === 'string' ? id : '';
    if (status === DOWNLOADING && isObject(progressDetail))
      this.#layers.set(layer, [Number(progressDetail['current'] ?? 0), Number(progressDetail['total'] ?? 0)]);
    if (!NOISE.has(status)) return this.#tell(layer === '' ? status : `${layer}: ${status}`);
    if (this.#layers.size === 0 || this.#now() < this.#told + EVERY_MS) return;
    this.#told = this.#now();
    const sums = [...this.#layers.values()].reduce(([a, b], [current, total]) => [a + current, b + total] as const, [0, 0] as const);
    this.#tell(`${megabytes(sums[0])} of ${megabytes(sums[1])} downloaded`);
  }
}
