import type { ServerResponse } from 'node:http';
import type { Bus, PositionedEvent } from '../ports/bus.ts';

const PAGE = 256;
/** A client further behind than this is cut off: it reconnects and resumes from its last id. */
const MAX_BEHIND = 1024 * 1024;
const HEARTBEAT_MS = 15_000;

function message(event: PositionedEvent): string {
  const { position, ...rest } = event;
  return `id: ${position}\nevent: message\ndata: ${JSON.stringify({ position, ...rest })}\n\n`;
}

/** One client of the live stream: it follows the event log from a position, woken by appends, and is never waited for. */
class Subscriber {
  readonly #bus: Bus;
  readonly #response: ServerResponse;
  #position: number;
  #reading = false;
  #again = false;

  constructor(bus: Bus, response: ServerResponse, position: number) {
    this.#bus = bus;
    this.#response = response;
    this.#position = position;
  }

  /** Sends whatever is new. Calls while it reads are remembered, so that no append is missed. */
  async pump(): Promise<void> {
    this.#again = true;
    if (this.#reading) return;
    this.#reading = true;
    try {
      while (this.#again && !this.#response.writableEnded) {
        this.#again = false;
        await this.#drainLog();
      }
    } finally {
      this.#reading = false;
    }
  }

  async #drainLog(): Promise<void> {
    for (;;) {
      const events = await this.#bus.read(this.#position, PAGE);
      if (events.length === 0 || !this.#send(events)) return;
    }
  }

  #send(events: readonly PositionedEvent[]): boolean {
    for (const event of events) {
      this.#response.write(message(event));
      this.#position = event.position;
    }
    if (this.#response.writableLength <= MAX_BEHIND) return !this.#response.destroyed;
    this.#response.destroy();
    return false;
  }
}

/** Where a client goes on: after its last id; without one, after everything that is there now. */
async function startPosition(bus: Bus, lastId: string | undefined): Promise<{ readonly position: number; readonly lost: boolean }> {
  const { first, last } = await bus.bounds();
  if (lastId === undefined) return { position: last, lost: false };
  const asked = Number(lastId);
  const known = Number.isSafeInteger(asked) && asked >= 0 && asked <= last && asked >= first - 1;
  return known ? { position: asked, lost: false } : { position: last, lost: true };
}

export interface StreamTools {
  readonly failed: (error: unknown) => void;
  /** Aborted when the server stops: the stream then ends, and its client comes back to the next server. */
  readonly closing: AbortSignal;
}

/**
 * Serves the event log as server-sent events (https://html.spec.whatwg.org/multipage/server-sent-events.html); ids are positions.
 * A client whose id is no longer held gets one `reset` event (read anew what you show), then what comes. Resolves when it has gone.
 */
export async function streamEvents(
  bus: Bus,
  response: ServerResponse,
  lastId: string | undefined,
  { failed, closing }: StreamTools,
): Promise<void> {
  const { position, lost } = await startPosition(bus, lastId);
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store', connection: 'keep-alive' });
  response.write(lost ? `id: ${position}\nevent: reset\ndata: {}\n\n` : ': ready\n\n');
  const subscriber = new Subscriber(bus, response, position);
  const wake = (): void => {
    subscriber.pump().catch((error: unknown) => {
      failed(error);
      response.destroy();
    });
  };
  const unsubscribe = bus.onAppend(wake);
  const heartbeat = setInterval(() => response.write(': alive\n\n'), HEARTBEAT_MS);
  wake();
  const end = (): void => void response.end();
  if (closing.aborted) end();
  closing.addEventListener('abort', end, { once: true });
  if (!response.closed) await new Promise<void>((resolve) => response.once('close', resolve));
  closing.removeEventListener('abort', end);
  clearInterval(heartbeat);
  unsubscribe();
}
