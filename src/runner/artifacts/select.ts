import { lstatSync, statSync, type Dirent } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { basename, isAbsolute, join, posix, relative } from 'node:path';
import { setImmediate as breathe } from 'node:timers/promises';
import type { Workspace } from '../../runtimes/runtime.ts';
import type { ArtifactSpec } from '../../services/codebuild/rules/buildspec/types.ts';
import { clientError } from '../build/failure.ts';
import { pattern, type Pattern } from './patterns.ts';
import { Reach } from './reach.ts';

export interface SelectedFile {
  /** In the artifact: relative, forward slashes. */
  readonly path: string;
  readonly source: string;
  /** The folder that the file must be in when it is opened, all links followed. */
  readonly within: string;
  readonly kind: 'file' | 'symlink';
  readonly executable: boolean;
  readonly size: number;
}

/** The message of the failure where no file was found. */
export const NO_FILES = 'no matching artifact paths found';

/** The runner also starts processes for the server: no more than this many ms at a time without looking up. */
const SLICE_MS = 4;

/** What the agent tells in the log while it gathers files. */
export type Tell = (line: string) => void;

async function entries(folder: string): Promise<readonly Dirent[]> {
  try {
    return await readdir(folder, { withFileTypes: true });
  } catch (error) {
    if (['ENOENT', 'ENOTDIR', 'EACCES'].includes((error as NodeJS.ErrnoException).code ?? '')) return [];
    throw error;
  }
}

/** Every path below `folder` that is no folder, links not followed; relative to `root`. */
async function* walk(root: string, folder: string, want: 'files' | 'folders'): AsyncGenerator<string> {
  for (const entry of await entries(join(root, folder))) {
    const path = posix.join(folder, entry.name);
    if (entry.isDirectory() && want === 'folders') yield path;
    if (entry.isDirectory()) yield* walk(root, path, want);
    else if (want === 'files') yield path;
  }
}

async function matching(root: string, wanted: Pattern, want: 'files' | 'folders'): Promise<readonly string[]> {
  if (!wanted.isGlob) return (await isThere(join(root, wanted.text), want)) ? [wanted.text] : [];
  const found: string[] = [];
  for await (const path of walk(root, wanted.base, want)) if (wanted.matches(path)) found.push(path);
  return found;
}

async function isThere(path: string, want: 'files' | 'folders'): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory() === (want === 'folders');
  } catch {
    return false;
  }
}

/** A file outside of its base folder keeps its path as far as that can be one inside an artifact. */
function inside(path: string): string {
  return posix
    .normalize(path)
    .replace(/^(\.\.\/)+/, '')
    .replace(/^\/+/, '');
}

/** The build's links may lead anywhere; we follow them within its workspace only. */
function isWithin(path: string, folder: string): boolean {
  try {
    return new Reach(folder).leads(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
}

function describe(source: string, path: string, { reach, within, links }: Described): SelectedFile | undefined {
  try {
    const own = lstatSync(source);
    if (own.isSymbolicLink() && links) return { path, source, within, kind: 'symlink', executable: false, size: own.size };
    if (!(own.isSymbolicLink() ? reach.leads(source) : reach.holds(source))) return undefined;
    const target = own.isSymbolicLink() ? statSync(source) : own;
    if (!target.isFile()) return undefined;
    return { path, source, within, kind: 'file', executable: (target.mode & 0o111) !== 0, size: target.size };
  } catch (error) {
    // A link that leads nowhere, or a file that a background process has just removed.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

interface Described {
  readonly within: string;
  readonly reach: Reach;
  readonly links: boolean;
}

/** Where files are looked for. */
export interface Ground {
  readonly sourceDir: string;
  readonly workspace: Pick<Workspace, 'root' | 'locate'>;
}

interface Base {
  readonly folder: string;
  readonly within: string;
}

async function bases(spec: ArtifactSpec, { sourceDir, workspace }: Ground, tell: Tell): Promise<readonly Base[]> {
  const wanted = spec.baseDirectory?.trim() || '.';
  tell(`Expanding base directory path: ${wanted}`);
  tell('Assembling file list');
  tell(`Expanding ${wanted}`);
  const { root } = workspace;
  if (wanted === '.') return [{ folder: sourceDir, within: root }];
  const located = isAbsolute(wanted) ? workspace.locate(wanted) : { path: wanted, within: root };
  const top = isAbsolute(wanted) ? '/' : sourceDir;
  const found = located ? await matching(top, pattern(isAbsolute(wanted) ? located.path.slice(1) : wanted), 'folders') : [];
  const folders = found.map((path) => join(top, path));
  const inside = folders.map((folder) => isWithin(folder, located!.within));
  if (!inside.includes(true)) throw clientError(`no matching base directory path found for ${wanted}`);
  return folders.filter((_, i) => inside[i]).map((folder) => ({ folder, within: located!.within }));
}

interface Expanded {
  /** Relative to the base folder. */
  readonly paths: readonly string[];
  readonly within: string;
}

async function expand(
  { folder, within }: Base,
  text: string,
  { workspace, tell }: { workspace: Ground['workspace']; tell: Tell },
): Promise<Expanded> {
  if (!isAbsolute(text)) {
    const wanted = pattern(text);
    // The wildcard's own folder may be a link.
    const there = !wanted.isGlob || isWithin(join(folder, wanted.base), within);
    return { paths: there ? await matching(folder, wanted, 'files') : [], within };
  }
  const located = workspace.locate(text);
  if (!located) {
    tell(`${text} is outside of what a build can hand over here: its workspace, and /tmp on the host`);
    return { paths: [], within };
  }
  const found = await matching('/', pattern(located.path.slice(1)), 'files');
  return { paths: found.map((path) => relative(folder, join('/', path))), within: located.within };
}

/** A folder that is excluded is so with all that is in it. */
function leavesOut(exclude: Pattern, path: string): boolean {
  return exclude.matches(path) || (!exclude.isGlob && path.startsWith(`${exclude.text}/`));
}

/** Where a file is put in the artifact; one of the source that is not in the base folder as it is called in the source. */
function nameOf(path: string, base: string, { discardPaths, sourceDir }: { discardPaths: boolean; sourceDir: string }): string {
  if (discardPaths) return basename(path);
  if (!path.startsWith('../')) return inside(path);
  const full = join(base, path);
  return inside(full.startsWith(`${sourceDir}/`) ? relative(sourceDir, full) : full);
}

/**
 * The files of one artifact, in the order of their paths. Variables in the locations have been put in already. What links lead to outside of
 * the workspace is left out, as if it were not there.
 * https://docs.aws.amazon.com/codebuild/latest/userguide/build-spec-ref.html#build-spec.artifacts.files
 */
export async function select(spec: ArtifactSpec, ground: Ground, tell: Tell): Promise<readonly SelectedFile[]> {
  const excluded = spec.excludePaths.map(pattern);
  const chosen = new Map<string, SelectedFile>();
  let until = performance.now() + SLICE_MS;
  for (const base of await bases(spec, ground, tell)) {
    tell(`Expanding file paths for base directory ${relative(ground.sourceDir, base.folder) || '.'}`);
    tell('Assembling file list');
    for (const text of spec.files) {
      tell(`Expanding ${text}`);
      const { paths, within } = await expand(base, text, { workspace: ground.workspace, tell });
      const reach = new Reach(within);
      let count = 0;
      for (const path of paths) {
        if (performance.now() > until) {
          await breathe();
          until = performance.now() + SLICE_MS;
        }
        if (excluded.some((exclude) => leavesOut(exclude, path))) continue;
        const name = nameOf(path, base.folder, { discardPaths: spec.discardPaths, sourceDir: ground.sourceDir });
        const file = describe(join(base.folder, path), name, { within, reach, links: spec.enableSymlinks });
        if (file) chosen.set(name, file);
        if (file) count++;
      }
      tell(count === 0 ? `Skipping invalid file path ${text}` : `Found ${count} file(s)`);
    }
  }
  if (chosen.size === 0) throw clientError(NO_FILES);
  return [...chosen.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
}
