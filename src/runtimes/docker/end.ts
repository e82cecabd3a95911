import type { EngineClient } from './engine/client.ts';
import { EngineUnreachable } from './engine/errors.ts';

/**
 * Signals all processes of a container save its main one, whatever group or session they are in: `kill -1` spares process 1,
 * which would ignore it anyhow.
 */
export async function endAll(client: EngineClient, container: string, signal: 'TERM' | 'KILL'): Promise<void> {
  const body = { Cmd: ['/bin/sh', '-c', `kill -${signal} -1`], User: '0:0', AttachStdout: true };
  const { Id } = await client.json<{ Id: string }>('POST', `/containers/${container}/exec`, { body });
  await client.json('POST', `/exec/${Id}/start`, { body: { Detach: true } });
}

interface Inspected {
  readonly State?: { readonly OOMKilled?: boolean; readonly ExitCode?: number; readonly Status?: string };
}

/** What to tell the user of a container that ended without our doing. */
export async function whyItDied(client: EngineClient, container: string): Promise<string> {
  try {
    const { State } = await client.json<Inspected>('GET', `/containers/${container}/json`);
    if (State?.OOMKilled) return 'Build container died because it was out of memory.';
    const what = State?.Status === 'running' ? 'was cut off from us' : `ended with exit code ${State?.ExitCode ?? '?'}`;
    return `Build container died before the build was complete: it ${what}.`;
  } catch (error) {
    if (error instanceof EngineUnreachable) return 'The container engine went away while the build was running.';
    return 'Build container was removed before the build was complete.';
  }
}
