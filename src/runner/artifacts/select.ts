import type { Dirent } from 'node:fs';
import { lstat, readdir, stat } from 'node:fs/promises';
import { basename, isAbsolute, join, posix, relative } from 'node:path';
import type { ArtifactSpec } from '../../services/codebuild/rules/buildspec/types.ts';
import { clientError } from '../build/failure.ts';
import { pattern, type Pattern } from './patterns.ts';

export interface SelectedFile {
  /** In the artifact: relative, forward slashes. */
  readonly path: string;
  readonly source: string;
  readonly kind: 'file' | 'symlink';
  readonly executable: boolean;
  readonly size: number;
}

/** The message of the failure where no file was found. */
export const NO_FILES = 'no matching artifact paths found';

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

async function describe(source: string, path: string, links: boolean): Promise<SelectedFile | undefined> {
  try {
    const own = await lstat(source);
    if (own.isSymbolicLink() && links) return { path, source, kind: 'symlink', executable: false, size: own.size };
    const target = own.isSymbolicLink() ? await stat(source) : own;
    if (!target.isFile()) return undefined;
    return { path, source, kind: 'file', executable: (target.mode & 0o111) !== 0, size: target.size };
  } catch (error) {
    // A link that leads nowhere, or a file that a background process has just removed.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

async function bases(spec: ArtifactSpec, sourceDir: string, tell: Tell): Promise<readonly string[]> {
  const wanted = spec.baseDirectory?.trim() || '.';
  tell(`Expanding base directory path: ${wanted}`);
  tell('Assembling file list');
  tell(`Expanding ${wanted}`);
  if (wanted === '.') return [sourceDir];
  const clean = pattern(isAbsolute(wanted) ? wanted.slice(1) : wanted);
  const root = isAbsolute(wanted) ? '/' : sourceDir;
  const found = await matching(root, clean, 'folders');
  if (found.length === 0) throw clientError(`no matching base directory path found for ${wanted}`);
  return found.map((path) => join(root, path));
}

async function expand(base: string, text: string): Promise<readonly string[]> {
  if (!isAbsolute(text)) return matching(base, pattern(text), 'files');
  const found = await matching('/', pattern(text.slice(1)), 'files');
  return found.map((path) => relative(base, join('/', path)));
}

/**
 * The files of one artifact, in the order of their paths. Variables in the locations have been put in already.
 * https://docs.aws.amazon.com/codebuild/latest/userguide/build-spec-ref.html#build-spec.artifacts.files
 */
export async function select(spec: ArtifactSpec, sourceDir: string, tell: Tell): Promise<readonly SelectedFile[]> {
  const excluded = spec.excludePaths.map(pattern);
  const chosen = new Map<string, SelectedFile>();
  for (const base of await bases(spec, sourceDir, tell)) {
    tell(`Expanding file paths for base directory ${relative(sourceDir, base) || '.'}`);
    tell('Assembling file list');
    for (const text of spec.files) {
      tell(`Expanding ${text}`);
      const found = await expand(base, text);
      let count = 0;
      for (const path of found) {
        if (excluded.some((exclude) => exclude.matches(path))) continue;
        const name = spec.discardPaths ? basename(path) : inside(path.startsWith('..') ? join(base, path) : path);
        const file = await describe(join(base, path), name, spec.enableSymlinks);
        if (file) chosen.set(name, file);
        if (file) count++;
      }
      tell(count === 0 ? `Skipping invalid file path ${text}` : `Found ${count} file(s)`);
    }
  }
  if (chosen.size === 0) throw clientError(NO_FILES);
  return [...chosen.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
}
