import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CoverageFiles } from '../../src/services/codebuild/rules/reports/coverage-files.ts';
import { findFormat, FORMAT_NAMES, typeOfFormat } from '../../src/services/codebuild/rules/reports/formats.ts';
import { LONGEST_MESSAGE } from '../../src/services/codebuild/rules/reports/texts.ts';
import { ReportError, type FileCoverage, type ParsedTestCase } from '../../src/services/codebuild/rules/reports/types.ts';

type Result =
  | { readonly testCases: readonly ParsedTestCase[] }
  | { readonly files: readonly FileCoverage[] }
  | { readonly refused: string };

/** Reads a text in pieces of this length. */
function read(formatName: string, text: string, piece = text.length + 1): Result {
  const format = findFormat(formatName)!;
  const testCases: ParsedTestCase[] = [];
  const files = new CoverageFiles();
  const reader = format.type === 'TEST' ? format.read((testCase) => testCases.push(testCase)) : format.read(files);
  try {
    for (let at = 0; at < text.length; at += piece) reader.write(text.slice(at, at + piece));
    reader.end();
  } catch (error) {
    if (!(error instanceof ReportError)) throw error;
    return { refused: error.message };
  }
  return format.type === 'TEST' ? { testCases } : { files: files.all() };
}

const here = import.meta.dirname;
/** `junit-quirk` is for JUNITXML. */
const FORMAT_OF: Readonly<Record<string, string>> = {
  junit: 'JunitXml',
  cucumber: 'CUCUMBERJSON',
  nunit2: 'NUNITXML',
  nunit3: 'NUNIT3XML',
  testng: 'TestNGXML',
  trx: 'VisualStudioTrx',
  clover: 'CLOVERXML',
  cobertura: 'CoberturaXml',
  jacoco: 'JACOCOXML',
  simplecov: 'SIMPLECOV',
  lcov: 'LCOVINFO',
};
const folders = readdirSync(here, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? [entry.name] : []));
const inputOf = (name: string) => {
  const file = readdirSync(join(here, name)).find((candidate) => candidate.startsWith('input.'))!;
  return { format: FORMAT_OF[name.split('-', 1)[0]!]!, text: readFileSync(join(here, name, file), 'utf8') };
};

describe('report formats and their quirks: one folder each', () => {
  it.each(folders)('%s', (name) => {
    const { format, text } = inputOf(name);
    const found = read(format, text);
    const path = join(here, name, 'expected.json');
    if (process.env['UPDATE_REPORTS']) writeFileSync(path, `${JSON.stringify(found, null, 2)}\n`);
    expect(existsSync(path)).toBe(true);
    expect(found).toEqual(JSON.parse(readFileSync(path, 'utf8')));
  });

  it.each(folders)('%s, in whatever pieces it comes', (name) => {
    const { format, text } = inputOf(name);
    const whole = read(format, text);
    for (const piece of [1, 2, 7, 64]) expect(read(format, text, piece)).toEqual(whole);
  });

  it('has every format', () => {
    expect(new Set(folders.map((name) => findFormat(FORMAT_OF[name.split('-', 1)[0]!]!)!.name))).toEqual(new Set(FORMAT_NAMES));
  });
});

describe('names of formats', () => {
  it.each(['JunitXml', 'JUNITXML', 'junitxml', ' JUnitXML ', undefined])('%s is JUNITXML', (text) => {
    expect(findFormat(text)?.name).toBe('JUNITXML');
  });

  it('say whether tests or coverage are told', () => {
    expect([typeOfFormat('VisualStudioTrx'), typeOfFormat('jacocoxml'), typeOfFormat('constructor')]).toEqual([
      'TEST',
      'CODE_COVERAGE',
      undefined,
    ]);
  });
});

describe('hostile reports', () => {
  it('do not expand entities', () => {
    const bomb = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;">]><testsuite><testcase name="&b;"/></testsuite>';
    expect(read('JUNITXML', bomb)).toEqual({ refused: 'a document type with declarations is refused (line 1)' });
    expect(read('JUNITXML', '<testsuite><testcase name="&b;"/></testsuite>')).toEqual({
      refused: expect.stringContaining('unknown entity') as string,
    });
  });

  it('are not nested for ever', () => {
    expect(read('JUNITXML', '<testsuite>'.repeat(100_000))).toEqual({ refused: expect.stringContaining('nested') as string });
  });

  it('do not fill the memory with one message, one tag or one output', () => {
    const long = 'x'.repeat(3_000_000);
    const suite = (inside: string) => `<testsuite><testcase name="a">${inside}</testcase></testsuite>`;
    const message = read('JUNITXML', suite(`<failure>${long}</failure><system-out><![CDATA[${long}]]></system-out>`), 64 * 1024);
    expect(message).toMatchObject({ testCases: [{ name: 'a', message: 'x'.repeat(LONGEST_MESSAGE) }] });
    expect(read('JUNITXML', `<testsuite name="${'x'.repeat(9_000_000)}`, 256 * 1024)).toEqual({
      refused: 'a tag is longer than 8 MB (line 1)',
    });
  });

  it('cannot touch what objects inherit', () => {
    expect(read('CUCUMBERJSON', '[{"name":"f","elements":[{"name":"s","__proto__":{"steps":[1]}}]}]')).toMatchObject({
      testCases: [{ name: 's', status: 'UNKNOWN' }],
    });
    const files = read('SIMPLECOV', '{"RSpec":{"coverage":{"__proto__":[1,0],"constructor":[null]}}}');
    expect(files).toMatchObject({ files: [{ path: '__proto__', linesCovered: 1 }, { path: 'constructor' }] });
    expect(({} as Record<string, unknown>)['linesCovered']).toBeUndefined();
  });
});

describe('whatever comes', () => {
  const words =
    '<testsuite|name="a"|>|/>|<testcase name="x"|</testsuite>|<![CDATA[|]]>|<!--|-->|&amp;|&|<?|<coverage|<file name="f">|<line num="1" type="cond"|' +
    '<class filename="f">|<test-run|<test-case|<TestRun>|<UnitTestResult |<report>|<sourcefile name="s">|{"a":{"coverage":{|[{"elements":[|]}|SF:f|DA:1,|\n';
  const pieces = fc.constantFrom(...words.split('|'));
  const soup = fc.array(fc.oneof(pieces, fc.string({ maxLength: 6, unit: 'binary' })), { maxLength: 30 }).map((parts) => parts.join(''));

  it.each(FORMAT_NAMES)('%s is read or refused with a reason, and the pieces do not matter', (name) => {
    fc.assert(
      fc.property(soup, fc.integer({ min: 1, max: 9 }), (text, piece) => {
        const whole = read(name, text);
        if ('refused' in whole) expect(whole.refused).not.toBe('');
        expect('refused' in read(name, text, piece)).toBe('refused' in whole);
      }),
      { numRuns: 300 },
    );
  });

  it('a good report with something changed is read or refused', () => {
    const good = folders.map(inputOf);
    fc.assert(
      fc.property(fc.constantFrom(...good), fc.nat(), fc.nat(40), fc.string({ maxLength: 5 }), ({ format, text }, at, gone, instead) => {
        const start = at % (text.length + 1);
        read(format, text.slice(0, start) + instead + text.slice(start + gone));
      }),
      { numRuns: 1_000 },
    );
  });

  it.each(FORMAT_NAMES)('%s refuses an empty file', (name) => {
    expect(read(name, '')).toEqual({ refused: expect.stringContaining('empty') as string });
  });
});
