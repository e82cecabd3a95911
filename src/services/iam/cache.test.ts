import { beforeEach, expect, it } from 'vitest';
import type { Commits } from '../../ports/database.ts';
import { CredentialCache } from './cache.ts';

let changed: () => void;
const commits: Commits = {
  commit: async () => {},
  onTopic(_topic, listener) {
    changed = () => listener([]);
    return () => {};
  },
};
let cache: CredentialCache<number>;
let loads: number;
const load = async () => ++loads;

beforeEach(() => {
  cache = new CredentialCache(commits, 2);
  loads = 0;
});

it('loads once, for concurrent readers too', async () => {
  expect(await Promise.all([cache.get('a', load), cache.get('a', load)])).toEqual([1, 1]);
  expect(await cache.get('a', load)).toBe(1);
});

it('forgets on a change, what is being loaded included', async () => {
  let finish = (_value: number): void => {};
  const early = cache.get('a', () => new Promise((resolve) => (finish = resolve)));
  changed();
  finish(0);
  expect(await early).toBe(0);
  expect(await cache.get('a', load)).toBe(1);
});

it('keeps neither absences nor failures', async () => {
  expect(await cache.get('a', async () => undefined)).toBeUndefined();
  await expect(cache.get('a', () => Promise.reject(new Error('disk')))).rejects.toThrow('disk');
  expect(await cache.get('a', load)).toBe(1);
});

it('stays within its limit', async () => {
  for (const key of ['a', 'b', 'c']) await cache.get(key, load);
  expect(await cache.get('c', load)).toBe(3);
  expect(await cache.get('a', load)).toBe(4);
});
