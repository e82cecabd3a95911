import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { evaluate, type Scope } from './evaluate.ts';
import { parseExpression } from './parse.ts';
import { holds, parseCondition, parseTemplate, render } from './template.ts';
import { asText, ExpressionError, type Value, type ValueMap } from './value.ts';

const contexts: ValueMap = {
  env: { NAME: 'value', empty: '' },
  github: { ref: 'refs/heads/main', event: { labels: [{ name: 'bug' }, { name: 'Help' }, { other: 1 }] } },
  steps: { build: { outputs: { 'the-word': 'x', list: '[1,2]' }, outcome: 'success' } },
  inputs: {},
};
const scope: Scope = { contexts, status: 'success', hashFiles: (patterns) => `hash of ${patterns.join(' ')}` };
const value = (source: string, more: Partial<Scope> = {}): Value => evaluate(parseExpression(source), { ...scope, ...more });

describe('expressions', () => {
  it.each<[string, Value]>([
    ['null', null],
    ['true', true],
    ["'it''s'", "it's"],
    ['-9.2', -9.2],
    ['0xff', 255],
    ['0o17', 15],
    ['-2.99e-2', -0.0299],
    ['.5', 0.5],
    ['env.NAME', 'value'],
    ['ENV.name', 'value'],
    ["env['NAME']", 'value'],
    ['env.missing', null],
    ['env.missing.further', null],
    ['vars.any', null],
    ['steps.build.outputs.the-word', 'x'],
    ['github.event.labels[1].name', 'Help'],
    ["github.event.labels['1'].name", 'Help'],
    ['github.event.labels[9].name', null],
    ['github.event.labels[-1]', null],
    ['github.event.labels.*.name', ['bug', 'Help']],
    ['github.event.*[0].name', ['bug']],
    ["'a' == 'A'", true],
    ["'a' != 'b'", true],
    ["1 == '1'", true],
    ["'' == 0", true],
    ['null == 0', true],
    ['null == false', true],
    ["true == '1'", true],
    ["'abc' == 0", false],
    ['github.event == github.event', true],
    ["'10' > 9", true],
    ["'b' > 'A'", true],
    ["'x' < 1", false],
    ["'x' >= 1", false],
    ['1 < 2 == true', true],
    ['!env.empty', true],
    ['!!env.NAME', true],
    ["env.empty || 'other'", 'other'],
    ["env.NAME && 'yes'", 'yes'],
    ["false || true && ''", ''],
    ['(1 == 2) || 3', 3],
    ['NaN == NaN', false],
    ["contains('Hello', 'ELL')", true],
    ["contains(fromJSON('[\"a\", 1]'), 'A')", true],
    ["contains(github.event.labels.*.name, 'bug')", true],
    ["startsWith(github.ref, 'REFS/heads/')", true],
    ["endsWith('x.js', '.JS')", true],
    ["format('{0} {{{1}}} {0}', 'a', true)", 'a {true} a'],
    ['join(fromJSON(\'[1, null, "x"]\'))', '1,,x'],
    ["join(github.event.labels.*.name, ' & ')", 'bug & Help'],
    ["join('alone')", 'alone'],
    ['toJSON(fromJSON(\'{"a": [1]}\'))', '{\n  "a": [\n    1\n  ]\n}'],
    ['fromJSON(steps.build.outputs.list)[1]', 2],
    ["hashFiles('a', '**/b')", 'hash of a **/b'],
    ['success() && !failure() && !cancelled() && always()', true],
  ])('%s', (source, expected) => expect(value(source)).toEqual(expected));

  it.each([
    ['', 'missing', 0],
    ['1 +', 'Unexpected "+"', 2],
    ['env.', 'not complete', 4],
    ["'open", 'no end', 0],
    ['nothing.x', 'no context nothing', 0],
    ['nothing()', 'no function nothing', 0],
    ["contains('a')", '2 arguments at least', 0],
    ['success(1)', '0 arguments at most', 0],
    ['(1', 'not complete', 2],
    ['1 2', 'Unexpected 2', 2],
    ['env[1', 'not complete', 5],
    ['"double"', 'Unexpected "\\""', 0],
    ['env.a = 1', 'Unexpected "="', 6],
    ['!'.repeat(60) + '1', 'nested too deeply', 51],
    [`${'('.repeat(60)}1`, 'nested too deeply', 51],
  ])('%s cannot be read', (source, message, at) => {
    let error: unknown;
    try {
      parseExpression(source);
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toBeInstanceOf(ExpressionError);
    expect((error as ExpressionError).message).toContain(message);
    expect((error as ExpressionError).at).toBe(at);
  });

  it('has no way to what JavaScript hangs on every object', () => {
    for (const name of ['constructor', '__proto__', 'toString', 'hasOwnProperty', 'length']) {
      expect(value(`env.${name}`)).toBeNull();
      expect(value(`github.event.labels['${name}']`)).toBeNull();
    }
    expect(value(`fromJSON('{"__proto__": {"a": 1}}').a`)).toBeNull();
  });

  const words =
    "env steps NAME . * [ ] ( ) ! == != < >= && || , ' 'a' '{0}' 0x 1 -1.5e3 null true NaN ${{ }} - __proto__ constructor \" \\ 💥";
  const calls = 'contains format join fromJSON toJSON hashFiles success always github.event.labels';
  const word = fc.constantFrom(...`${words} ${calls}`.split(' '), ' ', '\n', '\0');

  it('reads and evaluates whatever it is given, or says where it cannot', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: 'binary' }),
          fc.array(word, { maxLength: 40 }).map((words) => words.join('')),
        ),
        (source) => {
          for (const read of [() => value(source), () => render(parseTemplate(source), scope), () => holds(parseCondition(source), scope)])
            try {
              read();
            } catch (error) {
              if (!(error instanceof ExpressionError)) throw error;
              if (error.at !== undefined) expect(error.at).toBeLessThanOrEqual(source.length);
            }
        },
      ),
      { numRuns: 3000 },
    );
  });

  const json = fc.jsonValue({ maxDepth: 3 });
  it('takes JSON apart and puts it together again', () => {
    fc.assert(
      fc.property(json, (given) => {
        const text = JSON.stringify(given).replaceAll("'", "''");
        expect(JSON.parse(asText(value(`toJSON(fromJSON('${text}'))`)))).toEqual(JSON.parse(JSON.stringify(given)));
      }),
    );
  });

  it('compares as an order does', () => {
    const texts = fc.tuple(fc.string(), fc.string());
    fc.assert(
      fc.property(texts, ([a, b]) => {
        const env = { contexts: { env: { a, b } } };
        const holdings = ['env.a < env.b', 'env.a == env.b', 'env.a > env.b'].filter((source) => value(source, env) === true);
        expect(holdings).toHaveLength(1);
        expect(value('env.a >= env.b', env)).toBe(value('env.a < env.b', env) === false);
      }),
    );
  });

  it('gives any text back that is quoted', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => value(`'${text.replaceAll("'", "''")}'`) === text));
  });
});

describe('templates', () => {
  it.each([
    ['no expression', 'no expression'],
    ['', ''],
    ['a ${{ env.NAME }}, ${{ 1 == 1 }} and ${{ null }}.', 'a value, true and .'],
    ["${{ 'ends }} here' }}", 'ends }} here'],
    ['$ {{ no }}', '$ {{ no }}'],
    ['${{ github.event.labels }} ${{ github.event }}', 'Array Object'],
    ['${{ -0 }} ${{ 1e21 }}', '0 1e+21'],
  ])('%s', (text, expected) => expect(render(parseTemplate(text), scope)).toBe(expected));

  it.each([
    ['a ${{ env.NAME', 2],
    ['a ${{ ? }}', 6],
    ['a ${{ }}', 5],
  ])('%s cannot be read', (text, at) => expect(() => parseTemplate(text)).toThrow(expect.objectContaining({ at }) as Error));
});

describe('conditions', () => {
  const when = (text: string, status: Scope['status']) => holds(parseCondition(text), { ...scope, status });

  it('mean success unless they ask how it went', () => {
    for (const text of ['', '  ', 'true', '${{ true }}', "env.NAME == 'value'"]) {
      expect(when(text, 'success')).toBe(true);
      expect(when(text, 'failure')).toBe(false);
    }
    for (const text of ['always()', 'failure()', '${{ !success() }}', "ALWAYS() && env.NAME == 'value'"])
      expect(when(text, 'failure')).toBe(true);
    expect(when('failure()', 'success')).toBe(false);
  });

  it('are refused where GitHub would take them for a text, which is always true', () => {
    expect(() => parseCondition('true && ${{ false }}')).toThrow('around the whole condition');
    expect(() => parseCondition('${{ false }} && ${{ false }}')).toThrow('around the whole condition');
  });
});
