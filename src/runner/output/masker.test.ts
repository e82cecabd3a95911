import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Masker } from './masker.ts';
import { textsWithin } from './secret-forms.ts';

function masked(values: readonly string[], chunks: readonly (string | Uint8Array)[]): string {
  const masker = new Masker(values);
  const out: Uint8Array[] = [];
  const emit = (bytes: Uint8Array) => void out.push(Buffer.from(bytes));
  for (const chunk of chunks) masker.write(typeof chunk === 'string' ? Buffer.from(chunk) : chunk, emit);
  masker.flush(emit);
  return Buffer.concat(out).toString('latin1');
}

describe('the masker', () => {
  it.each<readonly [about: string, values: readonly string[], chunks: readonly string[], shown: string]>([
    ['a secret', ['hunter22'], ['login hunter22 done\n'], 'login *** done\n'],
    ['a secret in pieces', ['hunter22'], ['login hun', 'ter', '22', ' done\n'], 'login *** done\n'],
    ['what only begins like a secret', ['hunter22'], ['login hun', 'ting\n'], 'login hunting\n'],
    ['what begins like a secret at the end', ['hunter22'], ['login hunter'], 'login hunter'],
    ['secrets that overlap', ['abcdef', 'defghi'], ['xabcdefghix'], 'x***x'],
    ['secrets that touch', ['abcdef'], ['xabcdef', 'abcdefx'], 'x***x'],
    ['a secret within a longer one', ['abcd', 'abcdef'], ['xabcd', 'efx abcdx'], 'x***x ***x'],
    ['a longer one that does not come', ['abcd', 'abcdefgh'], ['abcdef'], '***ef'],
    ['each line of a secret', ['first line\n  second line\n'], ['  second line\nfirst line\n'], '  ***\n***\n'],
    ['short lines where the secret is whole', ['ab\ncd'], ['x ab\nc', 'd x'], 'x *** x'],
    ['short values never', ['abc'], ['abc'], 'abc'],
    ['nothing where there is nothing', [], ['abc'], 'abc'],
    ['a secret within JSON', ['a "b"\nc'], ['{"x":"a \\"b\\"\\nc"}'], '{"x":"***"}'],
    ['a secret within a URL', ['p@ss/word'], ['https://me:p%40ss%2Fword@host'], 'https://me:***@host'],
  ])('masks %s', (_about, values, chunks, shown) => {
    expect(masked(values, chunks)).toBe(shown);
  });

  it.each<readonly [pieces: readonly string[], shown: string]>([
    [['name h', 'unter22 x'], 'name h|*** x'],
    [['name h', 'unting'], 'name h|unting'],
    [['name h', 'u', 'n', 'ter22'], 'name h|u|n|***'],
    [['name hunt', 'er22'], 'name |***'],
    [['name hunt', 'ing'], 'name |hunting'],
    [['a hunter22h', 'unter22'], 'a ***h|***'],
  ])('shows %j in pauses as far as it tells nothing', (pieces, shown) => {
    const masker = new Masker(['hunter22']);
    const out: string[] = [];
    const texts = pieces.map((piece) => {
      masker.write(Buffer.from(piece), (bytes) => void out.push(String(bytes)));
      masker.settle((bytes) => void out.push(String(bytes)));
      return out.splice(0).join('');
    });
    masker.flush((bytes) => void out.push(String(bytes)));
    expect([...texts, out.join('')].join('|').replace(/\|$/, '')).toBe(shown.replace(/\|$/, ''));
  });

  it.each([0, 1, 2, 3, 4, 5])('masks the base64 of a secret with %i bytes before it', (before) => {
    const text = Buffer.from(`${'u'.repeat(before)}correct horse battery`).toString('base64');
    const shown = masked(['correct horse battery'], [text]);
    expect(shown).toContain('***');
    // Characters that hold bits of the bytes before are left.
    expect(shown.replace('***', '').length).toBeLessThanOrEqual(Math.ceil((before * 4) / 3));
    expect(masked(['??>>??>>??'], [Buffer.from('??>>??>>??').toString('base64url')])).toBe('***');
  });

  it('masks base64 that is broken into lines', () => {
    const secret = Array.from({ length: 40 }, (_, i) => `line ${i * 7919} of a key`).join('\n');
    const lines = Buffer.from(secret)
      .toString('base64')
      .match(/.{1,76}/g)!;
    expect(masked([secret], [lines.join('\n')])).toMatch(/^(\*\*\*\n)+\*\*\*$/);
  });

  it('masks the whole of a long secret', () => {
    const secret = Array.from({ length: 3_000 }, (_, i) => String.fromCharCode(33 + ((i * 31) % 90))).join('');
    expect(masked([secret], [`a ${secret.slice(0, 1_000)}`, `${secret.slice(1_000)} z`])).toBe('a *** z');
  });

  it('says of whole texts what it says of streams', () => {
    const masker = new Masker(['hunter22', 'ünïcode']);
    expect(masker.text('é hunter22 ünïcode hunter2')).toBe('é *** *** hunter2');
    expect(masker.text('nothing')).toBe('nothing');
  });

  it('knows the texts within JSON', () => {
    expect(textsWithin('{"user":"admin","password":"pass","port":5432,"more":["x"]}')).toEqual(['admin', 'pass', 'x']);
    expect(textsWithin('{broken')).toEqual([]);
    expect(textsWithin('"a string"')).toEqual([]);
  });
});

/** Few letters, so that secrets meet, overlap and begin in vain. */
const letters = (min: number, max: number) => fc.string({ unit: fc.constantFrom('a', 'b', '\n', 'é'), minLength: min, maxLength: max });

describe('however the output is cut', () => {
  it('it is masked alike, and no secret is left', () => {
    fc.assert(
      fc.property(
        fc.array(letters(2, 12), { maxLength: 4 }),
        letters(0, 120),
        fc.array(fc.nat(200), { maxLength: 12 }),
        (secrets, noise, cuts) => {
          const bytes = Buffer.from(noise + secrets.join(noise.slice(0, 3)) + noise);
          const places = [0, ...cuts.filter((cut) => cut < bytes.length).toSorted((a, b) => a - b), bytes.length];
          const chunks = places.slice(1).map((end, i) => bytes.subarray(places[i], end));
          const whole = masked(secrets, [bytes]);
          expect(masked(secrets, chunks)).toBe(whole);
          for (const secret of secrets.filter((text) => Buffer.byteLength(text) >= 4)) {
            const parts = [Buffer.from(secret).toString('latin1'), Buffer.from(secret).toString('base64')];
            for (const part of parts) expect(whole).not.toContain(part);
          }
        },
      ),
      { numRuns: 2_000 },
    );
  });

  it('what is no secret stays as it was', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 8 }), (chunks) => {
        expect(masked(['a secret that never comes'], chunks)).toBe(Buffer.concat(chunks).toString('latin1'));
      }),
    );
  });
});
