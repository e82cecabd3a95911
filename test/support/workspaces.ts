import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pidsWithEnvironment } from '../../src/runtimes/process/process-table.ts';

interface Found {
  /** By the builds' uuids. */
  readonly taken: ReadonlyMap<string, string>;
  /** Waits for a build to come. */
  readonly ahead: string | undefined;
}

function find(data: string): Found {
  const folder = join(data, 'work', 'builds');
  const taken = new Map<string, string>();
  const nobodys: string[] = [];
  for (const name of existsSync(folder) ? readdirSync(folder) : []) {
    const owner = join(`${folder}-scratch`, name, 'workload');
    if (existsSync(owner)) taken.set(readFileSync(owner, 'utf8'), join(folder, name));
    else nobodys.push(join(folder, name));
  }
  if (nobodys.length > 1) throw new Error(`${nobodys.length} workspaces belong to no build`);
  return { taken, ahead: nobodys[0] };
}

/** The folders of the builds that have one below a data folder, by the builds' uuids. Throws where there are more that are nobody's than one. */
export function workspaces(data: string): ReadonlyMap<string, string> {
  return find(data).taken;
}

const MARK = 'PIPEWRIGHT_WORKSPACE=';

/** The workspace in whose mark a process runs; undefined where it has ended meanwhile. */
function workspaceOf(pid: number): string | undefined {
  try {
    const environment = readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0');
    return environment.find((one) => one.startsWith(MARK))?.slice(MARK.length);
  } catch {
    return undefined;
  }
}

/** The processes of all builds below a data folder, also of those whose folder has gone. */
export function processesOfBuilds(data: string): readonly number[] {
  const found = pidsWithEnvironment(`${MARK}${data}`).flatMap((pid) => {
    const workspace = workspaceOf(pid);
    return workspace === undefined ? [] : [{ pid, workspace }];
  });
  // Looked at last: a room is there before its first process.
  const { ahead } = find(data);
  return found.flatMap(({ pid, workspace }) => (workspace === ahead ? [] : [pid]));
}
