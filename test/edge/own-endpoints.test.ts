import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createClient } from '../../src/client/client.ts';
import { ownEndpoints } from '../../src/http/own-endpoints.ts';
import type { Bus, PositionedEvent } from '../../src/ports/bus.ts';
import { bytesOf, KEY, SESSION_KEY, startEdge } from '../support/edge.ts';
import type { Edge, EdgeOptions } from '../support/edge.ts';
import { send } from '../support/http.ts';

/** A log of events in memory. */
class MemoryBus implements Bus {
  readonly events: PositionedEvent[] = [];
  first = 1;
  #listeners = new Set<() => void>();
  append(detail: string): void {
    const position = this.first + this.events.length;
    const event = {
      id: String(position),
      account: '0',
      region: 'r',
      time: 0,
      source: 's',
      detailType: 't',
      resources: [],
      detail: { detail },
      bus: 'default',
      position,
    };
    this.events.push(event);
    for (const listener of this.#listeners) listener();
  }
  write(): never {
    throw new Error('nothing writes here');
  }
  async read(after: number, limit: number): Promise<readonly PositionedEvent[]> {
    return this.events.filter(({ position }) => position > after).slice(0, limit);
  }
  async bounds(): Promise<{ first: number; last: number }> {
    return { first: this.first, last: this.first + this.events.length - 1 };
  }
  onAppend(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}

describe('/_pipewright', () => {
  const bus = new MemoryBus();
  let emptied = 0;
  let edge: Edge;
  const planes = (reset: boolean): Pick<EdgeOptions, 'listener'> => ({
    listener: (dispatcher) => ({
      planes: [
        ownEndpoints({
          dispatcher,
          bus,
          health: () => ({ version: '1' }),
          failed: (error) => {
            throw error;
          },
          ...(reset && { reset: async () => void emptied++ }),
        }),
      ],
    }),
  });
  beforeAll(async () => {
    edge = await startEdge(planes(true));
  });
  afterAll(() => edge.close());

  const client = (key = KEY) => createClient({ endpoint: edge.endpoint, region: 'us-east-1', credentials: key });

  it('health needs nobody; the others need the account', async () => {
    expect(JSON.parse((await send(edge, { path: '/_pipewright/health' })).text)).toEqual({ status: 'ok', version: '1' });
    expect((await send(edge, { path: '/_pipewright/reset', method: 'POST' })).status).toBe(400);
    expect((await send(edge, { path: '/_pipewright/events' })).status).toBe(400);
    const session = await client(SESSION_KEY).fetch({ service: 'pipewright', method: 'POST', path: '/_pipewright/reset' });
    expect(session.status).toBe(403);
    expect(emptied).toBe(0);
    const done = await client().fetch({ service: 'pipewright', method: 'POST', path: '/_pipewright/reset' });
    expect([done.status, emptied]).toEqual([200, 1]);
    expect((await send(edge, { path: '/_pipewright/other' })).status).toBe(404);
  });

  it('reset is not there unless it is allowed', async () => {
    const without = await startEdge({ ...planes(false), auth: 'off' });
    expect((await send(without, { path: '/_pipewright/reset', method: 'POST' })).status).toBe(404);
    await without.close();
  });

  /** The stream's messages as they come. */
  async function* messages(headers: Record<string, string>, presigned = false): AsyncGenerator<string> {
    const signed = { service: 'pipewright', method: 'GET', path: '/_pipewright/events', headers };
    const controller = new AbortController();
    const stream = presigned
      ? (await fetch(await client().presign(signed, 60), { headers, signal: controller.signal })).body!
      : (await client().fetch({ ...signed, signal: controller.signal })).stream;
    let text = '';
    try {
      for await (const chunk of stream as AsyncIterable<Uint8Array>) {
        text += Buffer.from(chunk).toString();
        for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
          yield text.slice(0, end);
          text = text.slice(end + 2);
        }
      }
    } finally {
      controller.abort();
    }
  }

  it.each([false, true])('events come live and resume by id (presigned: %s)', async (presigned) => {
    const before = (await bus.bounds()).last;
    const live = messages({}, presigned);
    expect((await live.next()).value).toBe(': ready');
    bus.append('one');
    bus.append('two');
    expect((await live.next()).value).toMatch(new RegExp(`^id: ${before + 1}\\nevent: message\\ndata: .*"one"`));
    expect((await live.next()).value).toContain('"two"');
    await live.return(undefined);
    bus.append('three');
    const resumed = messages({ 'last-event-id': String(before + 2) }, presigned);
    expect((await resumed.next()).value).toBe(': ready');
    expect((await resumed.next()).value).toContain(`id: ${before + 3}`);
    await resumed.return(undefined);
  });

  it('a cursor that is no longer held is told to start anew', async () => {
    bus.first = 100;
    bus.events.length = 0;
    bus.append('later');
    for (const id of ['5', '7000', 'x']) {
      const stream = messages({ 'last-event-id': id });
      expect((await stream.next()).value).toBe('id: 100\nevent: reset\ndata: {}');
      await stream.return(undefined);
    }
  });

  it('streams end when the server stops', async () => {
    const other = await startEdge({ ...planes(false), auth: 'off' });
    const anybody = createClient({ endpoint: other.endpoint, region: 'r' });
    const { stream } = await anybody.fetch({ service: 'pipewright', method: 'GET', path: '/_pipewright/events' });
    const closed = other.close();
    expect((await bytesOf(stream)).toString()).toBe(': ready\n\n');
    await closed;
  });
});
