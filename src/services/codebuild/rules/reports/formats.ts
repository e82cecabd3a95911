import type { ReportType } from '../../api.gen.ts';
import { Clover } from './clover.ts';
import { Cobertura } from './cobertura.ts';
import type { CoverageFiles } from './coverage-files.ts';
import { cucumber } from './cucumber.ts';
import { Jacoco } from './jacoco.ts';
import { JsonReader } from './json-reader.ts';
import { JUnit } from './junit.ts';
import { Lcov } from './lcov.ts';
import { NUnit } from './nunit.ts';
import { simplecov } from './simplecov.ts';
import { TestNg } from './testng.ts';
import { Trx } from './trx.ts';
import type { ParsedTestCase, ReportReader } from './types.ts';
import { XmlReader } from './xml-reader.ts';

type Found = (testCase: ParsedTestCase) => void;

/** A format of AWS, and how one file of it is read. */
export type ReportFormat = {
  readonly name: string;
  /** What its files end with, as a rule. */
  readonly extension: '.xml' | '.json' | '.trx' | '.info';
} & (
  | { readonly type: 'TEST'; readonly read: (found: Found) => ReportReader }
  | { readonly type: 'CODE_COVERAGE'; readonly read: (files: CoverageFiles) => ReportReader }
);
type Extension = ReportFormat['extension'];

const test = (name: string, read: (found: Found) => ReportReader, extension: Extension = '.xml'): ReportFormat => ({
  name,
  type: 'TEST',
  read,
  extension,
});
const coverage = (name: string, read: (files: CoverageFiles) => ReportReader, extension: Extension = '.xml'): ReportFormat => ({
  name,
  type: 'CODE_COVERAGE',
  read,
  extension,
});

/** https://docs.aws.amazon.com/codebuild/latest/userguide/build-spec-ref.html#build-spec.reports.file-format */
const FORMATS: readonly ReportFormat[] = [
  test('JUNITXML', (found) => new XmlReader(new JUnit(found))),
  test('CUCUMBERJSON', (found) => new JsonReader((value) => cucumber(value, found)), '.json'),
  // The two are mistaken for each other so often that the file decides.
  test('NUNITXML', (found) => new XmlReader(new NUnit(found))),
  test('NUNIT3XML', (found) => new XmlReader(new NUnit(found))),
  test('TESTNGXML', (found) => new XmlReader(new TestNg(found))),
  test('VISUALSTUDIOTRX', (found) => new XmlReader(new Trx(found)), '.trx'),
  coverage('CLOVERXML', (files) => new XmlReader(new Clover(files))),
  coverage('COBERTURAXML', (files) => new XmlReader(new Cobertura(files))),
  coverage('JACOCOXML', (files) => new XmlReader(new Jacoco(files))),
  coverage('SIMPLECOV', (files) => new JsonReader((value) => simplecov(value, files)), '.json'),
  coverage('LCOVINFO', (files) => new Lcov(files), '.info'),
];

const BY_NAME: ReadonlyMap<string, ReportFormat> = new Map(FORMATS.map((format) => [format.name, format]));
/** What people write for a format, beside its name in any case. */
const ALIASES: ReadonlyMap<string, string> = new Map([
  ['NUNIT2XML', 'NUNITXML'],
  ['SIMPLECOVJSON', 'SIMPLECOV'],
  ['LCOV', 'LCOVINFO'],
]);

export const FORMAT_NAMES: readonly string[] = FORMATS.map(({ name }) => name);

/** The format of this name, in any case; JUNITXML where none is given, undefined where there is no such. */
export function findFormat(text: string | undefined): ReportFormat | undefined {
  const name = (text ?? 'JUNITXML').trim().toUpperCase();
  return BY_NAME.get(ALIASES.get(name) ?? name);
}

/** What a report of this format is; undefined where there is no such format. */
export function typeOfFormat(text: string | undefined): ReportType | undefined {
  return findFormat(text)?.type;
}
