import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createClient, type PipewrightClient } from '../../src/client/client.ts';
import { models } from '../../src/client/models.gen.ts';
import type { MemberModel, ServiceModel } from '../../src/protocol/model.ts';
import { StartedServer } from '../support/server.ts';

let server: StartedServer;
let client: PipewrightClient;
beforeAll(async () => {
  server = await StartedServer.start({ args: ['--auth', 'off'] });
  client = createClient({ endpoint: server.endpoint, region: 'us-east-1' });
});
afterAll(async () => {
  client.close();
  await server.end();
});

describe('every operation', () => {
  const TEXTS = ['../../etc/passwd', '\u0000', 'x'.repeat(2000), 'arn:aws:x:::', '%2e%2e%2f', '#{a.b}', '🙂', 'name', '__proto__', '{'];
  const NUMBERS = [0, -1, 2 ** 31, 1e15];

  /** A value of this shape that nobody means. */
  function nonsense(model: ServiceModel, member: MemberModel, turn: number, depth = 0): unknown {
    const shape = model.shapes[member.shape]!;
    const pick = <T>(list: readonly T[]): T => list[(turn + depth) % list.length]!;
    switch (shape.type) {
      case 'structure': {
        if (depth > 5) return {};
        const entries = Object.entries(shape.members ?? {}).filter(([name]) => turn % 2 === 0 || shape.required?.includes(name));
        return Object.fromEntries(entries.map(([name, inner]) => [name, nonsense(model, inner, turn + name.length, depth + 1)]));
      }
      case 'list':
        return depth > 5 ? [] : Array.from({ length: 1 + (turn % 2) }, () => nonsense(model, shape.member!, turn, depth + 1));
      case 'map':
        return { [pick(TEXTS)]: nonsense(model, shape.value!, turn, depth + 1) };
      case 'boolean':
        return turn % 2 === 0;
      case 'blob':
        return Buffer.from(pick(TEXTS));
      case 'timestamp':
        return pick([0, -1, 1e12]);
      case 'integer':
      case 'long':
      case 'float':
      case 'double':
        return pick(NUMBERS);
      case 'string':
      case 'character':
        return shape.enum && turn % 3 !== 0 ? shape.enum[turn % shape.enum.length] : pick(TEXTS);
      default:
        return shape.type satisfies never;
    }
  }

  it.each(Object.keys(models))('of %s answers nonsense of the right types without a fault of ours', async (name) => {
    const model = (await models[name as keyof typeof models]()) as ServiceModel;
    const api = client[name as 's3'] as unknown as Record<string, (input: unknown) => Promise<unknown>>;
    const wrong: object[] = [];
    for (const [operation, { input }] of Object.entries(model.operations)) {
      // Long polls, which wait as they are asked to.
      if (['LeaseBuild', 'Heartbeat'].includes(operation) || !input) continue;
      for (let turn = 0; turn < 10; turn++) {
        const value = nonsense(model, { shape: input.shape }, turn);
        const call = api[operation.charAt(0).toLowerCase() + operation.slice(1)]!;
        try {
          await call(value);
        } catch (error) {
          // Without a status it is our own client that would not send it.
          const { status = 400, message } = error as { status?: number; message: string };
          if (status >= 500 && status !== 501) wrong.push({ operation, turn, status, message, value });
        }
      }
    }
    expect(wrong).toEqual([]);
    expect((await fetch(`${server.endpoint}/_pipewright/health`)).status).toBe(200);
    expect(server.log).not.toContain('"request failed"');
  });
});
