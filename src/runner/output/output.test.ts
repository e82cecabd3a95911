import { mkdtempSync, rmSync, existsSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { agentTime, BuildLog } from './build-log.ts';
import { Lines } from './lines.ts';
import { Spool, type OutputEvent } from './spool.ts';

const folder = mkdtempSync(join(tmpdir(), 'spool-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('Lines', () => {
  it('gives back the text whole, a message a line, however the bytes were cut', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('a', '\n', 'é', '💥', '\r') }), fc.integer({ min: 1, max: 7 }), (text, size) => {
        const messages: string[] = [];
        const lines = new Lines((message) => messages.push(message));
        const bytes = Buffer.from(text);
        for (let from = 0; from < bytes.length; from += size) lines.write(bytes.subarray(from, from + size));
        lines.flush();
        expect(messages.join('')).toBe(text);
        for (const message of messages.slice(0, -1)) expect(message.indexOf('\n')).toBe(message.length - 1);
      }),
    );
  });

  it('cuts lines that are too long for a log event, and survives bytes that are no text', () => {
    const messages: string[] = [];
    const lines = new Lines((message) => messages.push(message));
    lines.write(Buffer.alloc(450_000, 'x'));
    lines.write(Buffer.from([10, 0xff, 0xfe, 10]));
    expect(messages.map((message) => message.length)).toEqual([200_000, 200_000, 50_001, 3]);
    expect(messages[3]).toBe('\uFFFD\uFFFD\n');
  });

  it('shows a line without an end after a moment', async () => {
    const message = await new Promise((resolve) => new Lines(resolve).write(Buffer.from('Continue? ')));
    expect(message).toBe('Continue? ');
  });
});

describe('BuildLog', () => {
  it("writes the agent's lines with microseconds and after what came before", () => {
    const events: OutputEvent[] = [];
    const log = new BuildLog(
      (event) => events.push(event),
      () => Date.UTC(2026, 10, 21, 5) + 0.25,
    );
    log.output(Buffer.from('partial'));
    log.agent('Entering phase BUILD');
    expect(events.map((event) => event.message)).toEqual(['partial', '[Container] 2026/11/21 05:00:00.000250 Entering phase BUILD\n']);
    expect(agentTime(0)).toBe('1970/01/01 00:00:00.000000');
  });
});

describe('Spool', () => {
  it('delivers in order, in batches that gather while one is under way, numbered without holes', async () => {
    const seen: [number, number][] = [];
    const messages: string[] = [];
    const spool = new Spool(join(folder, 'a'), async (sequence, events) => {
      seen.push([sequence, events.length]);
      messages.push(...events.map((event) => event.message));
      await new Promise((resolve) => setImmediate(resolve));
    });
    for (let i = 0; i < 3; i++) spool.add({ timestamp: i, message: String(i) });
    void spool.drained();
    await new Promise((resolve) => setImmediate(resolve));
    for (let i = 3; i < 10; i++) spool.add({ timestamp: i, message: String(i) });
    await spool.drained();
    expect(messages.join('')).toBe('0123456789');
    expect(seen[0]).toEqual([0, 3]);
    expect(seen.at(-1)![0] + seen.at(-1)![1]).toBe(10);
  });

  it('goes to disk while nobody takes it, and loses and reorders nothing', async () => {
    const received: string[] = [];
    let open = () => {};
    const gate = new Promise<void>((resolve) => (open = resolve));
    const spool = new Spool(join(folder, 'b'), async (_sequence, events) => {
      await gate;
      received.push(...events.map((event) => event.message.slice(0, 6)));
    });
    const count = 120;
    for (let i = 0; i < count; i++) spool.add({ timestamp: i, message: String(i).padStart(6, '0') + 'x'.repeat(100_000) });
    await vi.waitFor(() => expect(existsSync(join(folder, 'b'))).toBe(true));
    open();
    await spool.drained();
    expect(received).toEqual(Array.from({ length: count }, (_, i) => String(i).padStart(6, '0')));
    spool.close();
    expect(existsSync(join(folder, 'b'))).toBe(false);
  });

  it('says where the disk took no more, and goes on', async () => {
    const received: string[] = [];
    let open = () => {};
    const gate = new Promise<void>((resolve) => (open = resolve));
    symlinkSync('/dev/full', join(folder, 'full'));
    const spool = new Spool(join(folder, 'full'), async (_sequence, events) => {
      await gate;
      received.push(...events.map((event) => event.message));
    });
    for (let i = 0; i < 60; i++) spool.add({ timestamp: i, message: `${i} ${'x'.repeat(100_000)}\n` });
    open();
    await spool.drained();
    spool.add({ timestamp: 60, message: 'after\n' });
    await spool.drained();
    spool.close();
    const lost = received.findIndex((message) => /^\[Pipewright\] Output was lost here, as \d+ lines .*ENOSPC/.test(message));
    expect(received.slice(0, lost).map((message) => parseInt(message, 10))).toEqual(Array.from({ length: lost }, (_, i) => i));
    expect(received.slice(lost + 1)).toEqual(['after\n']);
    expect(received[lost]).toContain(`${60 - lost} lines`);
  });

  it('tells when the server will never take it', async () => {
    const spool = new Spool(join(folder, 'c'), () => Promise.reject(new Error('stale')));
    spool.add({ timestamp: 0, message: 'x' });
    await expect(spool.drained()).rejects.toThrow('stale');
  });
});
