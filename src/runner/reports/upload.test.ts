import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createClient } from '../../client/client.ts';
import type { CodeCoverage, TestCase } from '../../services/pipewright/api.gen.ts';
import type { ReportCalls, ReportTotals } from './calls.ts';
import { uploadReports, type WantedReport } from './upload.ts';

let folder: string;
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'upload-'))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** What a server would have of a build's reports. */
class Received implements ReportCalls {
  readonly batches: number[] = [];
  readonly cases: TestCase[] = [];
  readonly files: CodeCoverage[] = [];
  totals: ReportTotals | undefined;

  create = async (group: string) => ({ reportArn: `arn:${group}` });
  async testCases(_arn: string, position: number, testCases: readonly TestCase[]): Promise<void> {
    expect(position).toBe(this.cases.length);
    this.batches.push(testCases.length);
    this.cases.push(...testCases);
  }
  async coverages(_arn: string, position: number, files: readonly CodeCoverage[]): Promise<void> {
    expect(position).toBe(this.files.length);
    this.files.push(...files);
  }
  async complete(_arn: string, totals: ReportTotals): Promise<void> {
    this.totals = totals;
  }
}

const report = (files: readonly string[], fileFormat?: string): WantedReport => ({
  group: 'r',
  locations: { files, discardPaths: false, excludePaths: [], enableSymlinks: false },
  fileFormat,
});

async function uploaded(wanted: WantedReport, calls = new Received(), { signal } = new AbortController()) {
  const told: string[] = [];
  const { s3 } = createClient({ endpoint: 'http://127.0.0.1:1', region: 'us-east-1' });
  const tools = {
    calls,
    s3,
    scratch: folder,
    ground: { sourceDir: folder, workspace: { root: folder, locate: (path: string) => ({ path, within: folder }) } },
    signal,
    tell: (line: string) => void told.push(line),
  };
  const failure = await uploadReports([wanted], tools);
  return { calls, told, failure };
}

const write = (name: string, content: string | Buffer) => writeFileSync(join(folder, name), content);
const suite = (cases: string) => `<testsuite name="s">${cases}</testsuite>`;

describe('a report', () => {
  it('is sent in batches of a bounded size', async () => {
    const long = 'x'.repeat(16_000);
    const small = Array.from({ length: 1_200 }, (_, n) => `<testcase name="${n}"/>`);
    const large = Array.from({ length: 200 }, (_, n) => `<testcase name="l${n}"><failure>${long}</failure></testcase>`);
    write('a.xml', suite([...small, ...large].join('')));
    const { calls, failure } = await uploaded(report(['a.xml']));
    expect(failure).toBeUndefined();
    expect(calls.cases).toHaveLength(1_400);
    expect(Math.max(...calls.batches)).toBeLessThanOrEqual(500);
    expect(calls.batches.length).toBeGreaterThan(4);
    expect(calls.totals).toMatchObject({ truncated: false, tests: { total: 1_400, statusCounts: { SUCCEEDED: 1_200, FAILED: 200 } } });
  });

  it('of more than 100,000 test cases counts all, and keeps those that failed', async () => {
    const passed = Array.from({ length: 100_100 }, (_, n) => `<testcase name="${n}"/>`);
    write('a.xml', suite(`${passed.join('')}<testcase name="late"><error/></testcase>`));
    const { calls } = await uploaded(report(['a.xml']));
    expect(calls.cases).toHaveLength(100_001);
    expect(calls.cases.at(-1)).toMatchObject({ name: 'late', status: 'ERROR' });
    expect(calls.totals).toMatchObject({ truncated: true, tests: { total: 100_101, statusCounts: { SUCCEEDED: 100_100, ERROR: 1 } } });
  });

  it.each([
    [
      'UTF-16 with its mark',
      Buffer.from(`\ufeff<?xml version="1.0" encoding="utf-16"?>${suite('<testcase name="ü€"/>')}`, 'utf16le'),
      'ü€',
    ],
    ['UTF-8 that says it is UTF-16', Buffer.from(`<?xml version="1.0" encoding="utf-16"?>${suite('<testcase name="ü€"/>')}`), 'ü€'],
    ['Latin 1', Buffer.from(`<?xml version='1.0' encoding='ISO-8859-1'?>${suite('<testcase name="ü"/>')}`, 'latin1'), 'ü'],
    ['an encoding that nobody knows', Buffer.from(`<?xml version="1.0" encoding="x-odd"?>${suite('<testcase name="a"/>')}`), 'a'],
  ])('is read in %s', async (_what, content, name) => {
    write('a.xml', content);
    expect((await uploaded(report(['a.xml']))).calls.cases).toMatchObject([{ name }]);
  });

  it('keeps characters whole that two pieces of a file share', async () => {
    const name = '€'.repeat(100_000);
    write('a.xml', suite(`<!--x--><testcase name="a"><failure>${name}</failure></testcase>`));
    expect((await uploaded(report(['a.xml']))).calls.cases[0]!.message).toBe('€'.repeat(16 * 1024));
  });

  it('leaves out what lies beside it where it is named by wildcards, but not where nothing else is there', async () => {
    mkdirSync(join(folder, 'surefire'));
    write('surefire/a.xml', suite('<testcase name="a"/>'));
    write('surefire/a.txt', 'Tests run: 1');
    const { calls, told } = await uploaded(report(['surefire/**/*']));
    expect(calls.cases).toMatchObject([{ name: 'a', testRawDataPath: 'surefire/a.xml' }]);
    expect(told).toContain('Left out 1 file(s) that do not end with .xml');
    write('results.out', suite('<testcase name="b"/>'));
    expect((await uploaded(report(['*.out']))).calls.cases).toMatchObject([{ name: 'b' }]);
    expect((await uploaded(report(['surefire/a.txt']))).failure?.message).toBe(
      'Error in UPLOAD_ARTIFACTS phase: [r: [error processing report: [surefire/a.txt: expected XML but have "T" (line 1)]]]',
    );
  });

  it('that fails on the way is left incomplete', async () => {
    write('a.xml', suite('<testcase name="a"/>').slice(0, -4));
    const { calls, failure } = await uploaded(report(['a.xml']));
    expect(failure?.message).toContain('a.xml: the file ends too early');
    expect(calls.totals).toEqual({});
  });

  it('does not hide that the server or the machine failed', async () => {
    write('a.xml', suite('<testcase name="a"/>'));
    const calls = Object.assign(new Received(), { testCases: () => Promise.reject(new Error('disk full')) });
    await expect(uploaded(report(['a.xml']), calls)).rejects.toThrow('disk full');
  });

  it('of a build that is stopped is delivered no further', async () => {
    write('a.xml', suite(Array.from({ length: 50_000 }, (_, n) => `<testcase name="${n}"/>`).join('')));
    const abort = new AbortController();
    const calls = Object.assign(new Received(), { testCases: async () => abort.abort('STOPPED') });
    await expect(uploaded(report(['a.xml']), calls, abort)).rejects.toBe('STOPPED');
    expect(calls.totals).toBeUndefined();
  });

  it('of coverage merges its files, and tells paths of the workspace relative to it', async () => {
    write('1.info', `SF:${folder}/a.js\nDA:1,1\nDA:2,0\nend_of_record\n`);
    write('2.info', `SF:${folder}/a.js\nDA:2,1\nend_of_record\nSF:/usr/lib/b.js\nDA:1,0\nend_of_record\n`);
    const { calls } = await uploaded(report(['*.info'], 'LcovInfo'));
    expect(calls.files).toMatchObject([
      { path: 'a.js', linesCovered: 2, linesMissed: 0 },
      { path: '/usr/lib/b.js', linesCovered: 0, linesMissed: 1 },
    ]);
    expect(calls.totals).toEqual({
      truncated: false,
      coverage: { linesCovered: 2, linesMissed: 1, branchesCovered: 0, branchesMissed: 0 },
    });
  });
});
