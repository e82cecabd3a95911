import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { glob } from './glob.ts';

describe('glob', () => {
  it.each([
    ['main', ['main'], ['mainline', 'Main', 'a/main']],
    ['*', ['main', ''], ['feature/a']],
    ['**', ['main', 'a/b/c'], []],
    ['feature/*', ['feature/a', 'feature/'], ['feature', 'feature/a/b']],
    ['feature/**', ['feature/a', 'feature/a/b'], ['feature', 'features/a']],
    ['**/*.md', ['readme.md', 'a/readme.md', 'a/b/c.md'], ['readme.mdx', 'a/md']],
    ['src/**/*.ts', ['src/a.ts', 'src/a/b.ts'], ['a/src/b.ts', 'src.ts']],
    ['a**z', ['az', 'abz', 'a/b/z'], ['a/b']],
    ['v?.?', ['v1.2'], ['v10.2', 'v/.2']],
    ['v[0-9]', ['v1'], ['va', 'v']],
    ['v[!0-9]', ['va'], ['v1', 'v/']],
    ['[]a]x', [']x', 'ax'], ['bx']],
    ['[a*?]x', ['*x', '?x'], ['bx']],
    ['*.{ts,js}', ['a.ts', 'a.js'], ['a.tsx', 'a.{ts,js}']],
    ['{main,release/**}', ['main', 'release/1/2'], ['release', 'x']],
    ['{a,}b', ['ab', 'b'], ['aab']],
    ['a\\*b', ['a*b'], ['axb']],
    ['a\\{b', ['a{b'], ['ab']],
    ['a{b', ['a{b'], ['ab']],
    ['a[b', ['a[b'], ['ab']],
    ['a\\', ['a\\'], ['a']],
    ['💥?', ['💥💥'], ['💥']],
    ['.*', ['.github'], ['github']],
  ])('%s', (pattern, matching, others) => {
    expect(matching.filter((name) => !glob(pattern)(name))).toEqual([]);
    expect(others.filter((name) => glob(pattern)(name))).toEqual([]);
  });

  it('a name with everything special in it escaped matches itself and nothing else', () => {
    const names = fc.string({ unit: fc.constantFrom(...Array.from('ab/*?[]{}!\\,-.')), maxLength: 12 });
    fc.assert(
      fc.property(names, names, (name, other) => {
        const matches = glob(name.replace(/[*?[\]{}\\!,]/g, '\\$&'));
        expect(matches(name)).toBe(true);
        expect(matches(other)).toBe(name === other);
      }),
    );
  });

  it('takes a time that does not explode with the name', () => {
    const matches = glob('*a'.repeat(120));
    const began = performance.now();
    expect(matches('a'.repeat(2_000) + 'b')).toBe(false);
    expect(performance.now() - began).toBeLessThan(2_000);
  });
});
