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

const marked = (folder: string): readonly number[] => pidsWithEnvironment(`PIPEWRIGHT_WORKSPACE=${folder}`);

/** The processes of all builds below a data folder, also of those whose folder has gone. */
export function processesOfBuilds(data: string): readonly number[] {
  const { ahead } = find(data);
  const waiting = ahead === undefined ? [] : marked(ahead);
  return marked(data).filter((pid) => !waiting.includes(pid));
}
