import type { Shell, ShellOutput } from '../../../ports/shells.ts';

/** A shell that writes what a test says, and remembers what it was told. */
export class MemoryShell implements Shell {
  readonly told: string[] = [];
  hasRoom = true;
  readonly #outputs: ShellOutput[] = [];
  #wake: () => void = () => undefined;

  write(bytes: Uint8Array): void {
    this.told.push(Buffer.from(bytes).toString());
  }

  resize(columns: number, rows: number): void {
    this.told.push(`${columns}x${rows}`);
  }

  close(): void {
    this.told.push('close');
  }

  puts(text: string): void {
    this.#outputs.push({ kind: 'output', data: Buffer.from(text) });
    this.#wake();
  }

  ends(reason?: string): void {
    this.#outputs.push({ kind: 'ended', ...(reason !== undefined && { reason }) });
    this.#wake();
  }

  async read(signal: AbortSignal): Promise<ShellOutput> {
    for (;;) {
      signal.throwIfAborted();
      const next = this.#outputs.shift();
      if (next) return next;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
        signal.addEventListener('abort', () => resolve(), { once: true });
      });
    }
  }
}
