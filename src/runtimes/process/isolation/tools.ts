import { accessSync, constants } from 'node:fs';
import { delimiter, isAbsolute, join } from 'node:path';

/** The programs of a machine by name; undefined where one is missing. */
export type FindTool = (name: string) => string | undefined;

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Looks along a PATH, and for the system's own tools where only root's PATH leads. Answers absolute paths: what a build sets must not choose our programs. */
export function finderOf(path: string): FindTool {
  const folders = [...path.split(delimiter).filter(isAbsolute), '/usr/sbin', '/sbin'];
  return (name) => folders.map((folder) => join(folder, name)).find(isProgram);
}
