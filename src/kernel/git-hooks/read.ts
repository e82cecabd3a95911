import { NO_COMMIT } from '../git-event.ts';
import { isObject } from '../json.ts';

/** Walks into a JSON value; undefined where the way ends. */
export function at(value: unknown, ...path: readonly string[]): unknown {
  let here = value;
  for (const name of path) here = isObject(here) && Object.hasOwn(here, name) ? here[name] : undefined;
  return here;
}

export function text(value: unknown, ...path: readonly string[]): string | undefined {
  const found = at(value, ...path);
  return typeof found === 'string' && found !== '' ? found : undefined;
}

export function number(value: unknown, ...path: readonly string[]): number | undefined {
  const found = at(value, ...path);
  return typeof found === 'number' ? found : undefined;
}

export function list(value: unknown, ...path: readonly string[]): readonly unknown[] {
  const found = at(value, ...path);
  return Array.isArray(found) ? (found as unknown[]) : [];
}

/** A commit id, or undefined for the zeros that stand for none and for anything else. */
export function commitId(value: unknown, ...path: readonly string[]): string | undefined {
  const found = text(value, ...path);
  return found !== undefined && /^[0-9a-f]{40}$/.test(found) && found !== NO_COMMIT ? found : undefined;
}

/** Leaves out what is not there. */
export function present<T extends object>(fields: { readonly [K in keyof T]: T[K] | undefined }): T {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as T;
}

/** `refs/heads/x` or `refs/tags/x` taken apart. */
export function reference(ref: string | undefined): { readonly ref: 'branch' | 'tag'; readonly name: string } | undefined {
  const match = /^refs\/(heads|tags)\/(.+)$/.exec(ref ?? '');
  return match ? { ref: match[1] === 'heads' ? 'branch' : 'tag', name: match[2]! } : undefined;
}

/** The paths that the commits of a push name, where the payload has all of them. */
export function changedPaths(commits: readonly unknown[], complete: boolean): readonly string[] | undefined {
  if (!complete) return undefined;
  const strings = (value: unknown, name: string) => list(value, name).filter((path) => typeof path === 'string');
  return [...new Set(commits.flatMap((commit) => ['added', 'removed', 'modified'].flatMap((name) => strings(commit, name))))].toSorted();
}

/** The payload of a body: JSON, or a form's field `payload` as GitHub and Gitea may send it. Undefined where it is neither. */
export function readBody(body: Uint8Array, contentType: string): unknown {
  const text = Buffer.from(body).toString('utf8');
  const form = contentType.startsWith('application/x-www-form-urlencoded');
  try {
    return JSON.parse(form ? (new URLSearchParams(text).get('payload') ?? '') : text);
  } catch {
    return undefined;
  }
}
