import { PipewrightError } from '../errors.ts';

export function invalidArchive(problem: string): PipewrightError {
  return new PipewrightError('InvalidArchive', problem);
}

/**
 * The path an entry is known by: relative, forward slashes, no empty or `.` components, no slash at the end. The archive's root
 * (`./`) is the empty string. Throws InvalidArchive for what could name something outside the tree, on any system.
 */
export function normalisePath(name: string): string {
  if (name.includes('\0') || name.includes('\\')) throw invalidArchive(`entry ${JSON.stringify(name)}: the name has a forbidden character`);
  if (name.startsWith('/') || /^[A-Za-z]:/.test(name)) throw invalidArchive(`entry ${JSON.stringify(name)}: the path is absolute`);
  const components = name.split('/').filter((component) => component !== '' && component !== '.');
  if (components.includes('..')) throw invalidArchive(`entry ${JSON.stringify(name)}: the path leaves the tree`);
  return components.join('/');
}

/**
 * Refuses links that could lead outside. A target may climb only with leading `..`: the link's own folder is a real folder (entries
 * below links are refused), so that climbing from it is what it looks like; `x/..` with a link `x` would not be.
 */
export function checkLink(path: string, target: string): void {
  const refuse = (): never => {
    throw invalidArchive(`entry ${JSON.stringify(path)}: the link leads outside the tree`);
  };
  if (target === '' || target.startsWith('/') || target.includes('\\') || target.includes('\0') || /^[A-Za-z]:/.test(target)) refuse();
  const components = target.split('/').filter((component) => component !== '' && component !== '.');
  const climbs = components.findIndex((component) => component !== '..');
  const up = climbs === -1 ? components.length : climbs;
  if (components.slice(up).includes('..')) refuse();
  if (up > path.split('/').length - 1) refuse();
}

export type Kind = 'file' | 'symlink' | 'directory';

/** Refuses trees in which a path is two things, or lies below something that is no folder. Folders may be named again. */
export function checkTree(entries: readonly { readonly path: string; readonly kind: Kind }[]): void {
  const kinds = new Map<string, Kind>();
  for (const { path, kind } of entries) {
    if (kinds.has(path) && (kind !== 'directory' || kinds.get(path) !== 'directory'))
      throw invalidArchive(`entry ${JSON.stringify(path)} is there twice`);
    kinds.set(path, kind);
  }
  const clear = new Set<string>(['']);
  for (const { path } of entries) {
    for (let folder = parentOf(path); !clear.has(folder); folder = parentOf(folder)) {
      if ((kinds.get(folder) ?? 'directory') !== 'directory')
        throw invalidArchive(`entry ${JSON.stringify(path)} lies below ${JSON.stringify(folder)}, which is no folder`);
      clear.add(folder);
    }
  }
}

function parentOf(path: string): string {
  const slash = path.lastIndexOf('/');
  return slash < 0 ? '' : path.slice(0, slash);
}
