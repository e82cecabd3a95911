import { join } from 'node:path';
import type { Located } from '../runtime.ts';
import type { Folders } from '../workspace.ts';

/** A build on the host sees what we see: what it names is there. */
export function locateOnHost(path: string, { root }: Pick<Folders, 'root'>): Located {
  return { path, within: path.startsWith(`${root}/`) ? root : '/' };
}

/** A build in a room of its own has its workspace and its /tmp; what else it sees is the system's, not its own to hand out. */
export function locateInRoom(path: string, { root, temporary }: Pick<Folders, 'root' | 'temporary'>): Located | undefined {
  if (path.startsWith(`${root}/`)) return { path, within: root };
  const place = ['/tmp/', '/var/tmp/'].find((beginning) => path.startsWith(beginning));
  return place === undefined ? undefined : { path: join(temporary, path.slice(place.length)), within: root };
}
