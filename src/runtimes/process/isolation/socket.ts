import { stat } from 'node:fs/promises';

const PLACES = ['/var/run/docker.sock', '/run/podman/podman.sock'];

/**
 * The container engine's socket, for builds with privilegedMode: DOCKER_HOST where that is a socket, else the usual places.
 * Its group comes along: who may write to it may do everything, which is what that mode is for.
 */
export async function engineSocket(host: string | undefined): Promise<{ readonly path: string; readonly gid: number } | undefined> {
  const own = host?.startsWith('unix://') ? [host.slice('unix://'.length)] : [];
  for (const path of [...own, ...PLACES]) {
    const found = await stat(path).catch(() => undefined);
    if (found?.isSocket()) return { path, gid: found.gid };
  }
  return undefined;
}
