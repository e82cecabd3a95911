import { createHash } from 'node:crypto';
import { isAbsolute, join, relative } from 'node:path';
import type { Workspace } from '../../runtimes/runtime.ts';
import { pattern } from '../artifacts/patterns.ts';
import type { CachedPlace } from './collect.ts';

/** Where a cached path is that the runner itself cannot reach: inside the build's container. */
export interface Inside {
  /** The folder, or file, above the path's first wildcard. */
  readonly base: string;
  /** Where it is copied to, and from, in the workspace. */
  readonly stage: string;
}

export interface Place extends CachedPlace {
  readonly inside?: Inside;
}

export interface Places {
  readonly places: readonly Place[];
  /** As the buildspec names them: they are outside of all that a build on the host may write to. */
  readonly outside: readonly string[];
}

/**
 * What tools keep in the home folder, for buildspecs that name no paths: AWS then caches "common language dependencies", and does not say
 * which (https://docs.aws.amazon.com/codebuild/latest/userguide/caching-s3.html).
 */
export const COMMON_PATHS: readonly string[] = [
  '.npm/**/*',
  '.cache/yarn/**/*',
  '.cache/pip/**/*',
  '.cache/go-build/**/*',
  'go/pkg/mod/**/*',
  '.m2/repository/**/*',
  '.gradle/caches/**/*',
  '.gradle/wrapper/**/*',
  '.cargo/registry/**/*',
].map((path) => `~/${path}`);

/** Two copies with different paths are not for each other: https://docs.aws.amazon.com/codebuild/latest/userguide/caching-s3.html#caching-s3-version */
export function versionOf(paths: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(paths.toSorted())).digest('hex').slice(0, 16);
}

/** A build's home as the buildspec's author says it: in CodeBuild's images it is root's. */
const HOME = /^(?:~|\/root)(?=\/|$)/;

const beneath = (path: string, root: string): boolean => path === root || path.startsWith(`${root}/`);

/** Where the paths of a buildspec's cache are. `container`: the build runs in one, whose files beside the workspace are its own. */
export function placesOf(paths: readonly string[], workspace: Workspace, container: boolean): Places {
  const { root, source, home, temporary } = workspace;
  const places: Place[] = [];
  const outside: string[] = [];
  for (const text of paths) {
    const path = container ? text.replace(/^~(?=\/|$)/, '/root') : text.replace(HOME, home);
    if (!isAbsolute(path)) {
      const relativeTo = pattern(path);
      if (relativeTo.text.startsWith('..')) outside.push(text);
      else places.push({ root: source, pattern: relativeTo });
    } else if (beneath(path, root)) places.push({ root, pattern: pattern(relative(root, path)) });
    else if (container) places.push(staged(path, join(temporary, 'cache', String(places.length))));
    else outside.push(text);
  }
  return { places, outside };
}

function staged(path: string, stage: string): Place {
  const absolute = pattern(path.slice(1));
  const base = `/${absolute.base}`;
  // Below the stage the path keeps its whole name, so that the pattern fits.
  return { root: stage, pattern: absolute, inside: { base, stage: join(stage, absolute.base) } };
}
