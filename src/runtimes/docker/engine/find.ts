import { messageOf } from '../../../kernel/errors.ts';
import { isSocket, noEngine, socketCandidates, type EngineEnv } from './address.ts';
import { EngineClient } from './client.ts';
import { EngineUnreachable } from './errors.ts';

/** What an engine says of itself, as far as it matters to us: https://docs.docker.com/reference/api/engine/version/v1.44/#tag/System/operation/SystemInfo */
export interface EngineInfo {
  readonly NCPU?: number;
  readonly MemTotal?: number;
  readonly MemoryLimit?: boolean;
  readonly CpuCfsQuota?: boolean;
  readonly SecurityOptions?: readonly string[] | null;
  readonly OperatingSystem?: string;
}

export interface Engine {
  readonly client: EngineClient;
  readonly info: EngineInfo;
}

/** The first engine that answers. Rejects (EngineUnreachable) with a sentence that says where was looked. */
export async function findEngine(env: EngineEnv): Promise<Engine> {
  const reasons: string[] = [];
  for (const path of socketCandidates(env).filter(isSocket)) {
    const client = new EngineClient(path);
    try {
      await client.negotiate();
      return { client, info: await client.json<EngineInfo>('GET', '/info') };
    } catch (error) {
      reasons.push(messageOf(error));
    }
  }
  throw new EngineUnreachable([noEngine(env), ...reasons].join('; '));
}
