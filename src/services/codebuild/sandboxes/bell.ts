/** Wakes the runners of sandboxes when there is a command for them. Nothing here needs to survive: they look before they wait. */
export class CommandBell {
  readonly #waiting = new Map<string, Set<() => void>>();

  /** `id`: the sandbox's aggregate. */
  ring(id: string): void {
    for (const wake of this.#waiting.get(id) ?? []) wake();
  }

  ringAll(): void {
    for (const id of this.#waiting.keys()) this.ring(id);
  }

  /** Resolves when it rings, at the latest after `ms`, or when the signal is aborted. */
  async wait(id: string, ms: number, signal: AbortSignal): Promise<void> {
    if (ms <= 0 || signal.aborted) return;
    const waiting = this.#waiting.get(id) ?? new Set();
    this.#waiting.set(id, waiting);
    await new Promise<void>((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        signal.removeEventListener('abort', done);
        waiting.delete(done);
        if (waiting.size === 0) this.#waiting.delete(id);
        resolve();
      };
      const timer = setTimeout(done, ms);
      signal.addEventListener('abort', done);
      waiting.add(done);
    });
  }
}
