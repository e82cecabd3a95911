import { describe, expect, it } from 'vitest';
import { model as codebuild } from '../../services/codebuild/api.gen.ts';
import { model as codecommit } from '../../services/codecommit/api.gen.ts';
import { model as codepipeline } from '../../services/codepipeline/api.gen.ts';
import { model as events } from '../../services/events/api.gen.ts';
import { model as iam } from '../../services/iam/api.gen.ts';
import { model as logs } from '../../services/logs/api.gen.ts';
import { model as pipewright } from '../../services/pipewright/api.gen.ts';
import { model as sns } from '../../services/sns/api.gen.ts';
import { model as sts } from '../../services/sts/api.gen.ts';
import { patternOf } from './patterns.ts';

const models = [codebuild, codecommit, codepipeline, events, iam, logs, pipewright, sns, sts];
const patterns = models.flatMap((model) =>
  Object.entries(model.shapes).flatMap(([name, { pattern, max }]) =>
    pattern === undefined ? [] : [{ name: `${model.name}.${name}`, pattern, max: max ?? 4096 }],
  ),
);

describe("the models' patterns", () => {
  it('all compile', () => {
    expect(patterns.filter(({ pattern }) => !patternOf(pattern)).map(({ name }) => name)).toEqual([]);
  });

  it('match whole values', () => {
    expect(patternOf('[a-z]+')!.test('abc')).toBe(true);
    expect(patternOf('[a-z]+')!.test('abc ')).toBe(false);
    expect(patternOf('a|b')!.test('ab')).toBe(false);
  });

  it('answer texts that are made to hurt, as long as their shape allows, at once', () => {
    const slow: string[] = [];
    for (const { name, pattern, max } of patterns) {
      const length = Math.min(max, 4096) - 1;
      for (const part of [' ', '\t', ' \t', 'a', 'a ', '-', '/a', '.', 'a-', '0', ':', '$.a[0]', 'arn:aws-']) {
        const text = part.repeat(Math.ceil(length / part.length)).slice(0, length);
        const started = performance.now();
        patternOf(pattern)!.test(`${text}\u0001`);
        patternOf(pattern)!.test(`${text}\n`);
        if (performance.now() - started > 250) slow.push(`${name} over ${JSON.stringify(part)}`);
      }
    }
    expect(slow).toEqual([]);
  });

  it.each(['', 'x', ' x', 'x ', 'a b', '\ta\tb\t', '\t', ' ', 'a\u0001', 'é', ':', 'a:b'])(
    'the rewritten ones accept %j as the originals do',
    (text) => {
      for (const original of [
        '^[ \\t]*[\\x20-\\x7E]+([ \\t]+[\\x20-\\x7E]+)*[ \\t]*$',
        '^[ \\t]*[^\\x00-\\x1F:\\x7F]+([ \\t]+[^\\x00-\\x1F:\\x7F]+)*[ \\t]*$',
      ]) {
        expect(patternOf(original)!.test(text)).toBe(new RegExp(original, 'u').test(text));
      }
    },
  );
});
