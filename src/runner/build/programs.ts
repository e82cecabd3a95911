import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Workspace } from '../../runtimes/runtime.ts';

/** Where programs of ours lie for the commands of a build; the folder is the last on their PATH. */
export const programsFolder = ({ root }: Pick<Workspace, 'root'>): string => join(root, 'programs');

/** Lets the commands to come find these programs: scripts, by name. Before the first of them. */
export function writePrograms(workspace: Pick<Workspace, 'root'>, programs: Readonly<Record<string, string>>): void {
  const folder = programsFolder(workspace);
  mkdirSync(folder, { mode: 0o755 });
  for (const [name, script] of Object.entries(programs)) writeFileSync(join(folder, name), script, { mode: 0o755 });
}
