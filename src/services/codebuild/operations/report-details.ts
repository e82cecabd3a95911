import type { CallContext } from '../../../protocol/context.ts';
import { decodePageToken, encodePageToken } from '../../../protocol/page-token.ts';
import {
  errors,
  type Api,
  type CodeCoverage,
  type DescribeCodeCoveragesInput,
  type DescribeTestCasesInput,
  type TestCase,
} from '../api.gen.ts';
import { coverageSql, testCaseSql } from '../report-tables.ts';
import { findReport, type ReportRow } from './report-tools.ts';
import type { OperationTools } from './tools.ts';

type Operations = Pick<Api, 'describeTestCases' | 'describeCodeCoverages'>;

const PAGE = 100;
/** Test cases that one call compares with a keyword at most; a page may end early, and its token goes on behind them. */
const COMPARED = 25_000;
const invalidToken = () => errors.InvalidInputException('Invalid token.');

interface TestCaseRow {
  readonly position: number;
  readonly status: string;
  readonly name: string;
  readonly prefix: string;
  readonly data: string;
}

interface CoverageRow {
  readonly position: number;
  readonly path: string;
  readonly percentage: number;
  readonly data: string;
}

/** What `data` of a test case holds. */
export type TestCaseData = Pick<TestCase, 'testRawDataPath' | 'durationInNanoSeconds' | 'message' | 'testSuiteName'>;

function testCaseView(reportArn: string, expired: number, { status, name, prefix, data }: TestCaseRow): TestCase {
  return { reportArn, prefix, name, status, ...(JSON.parse(data) as TestCaseData), expired };
}

const pattern = (keyword: string): string => `%${keyword.replace(/[\\%_]/g, '\\$&')}%`;

/** A page of test cases, and the position behind which the next one begins where there is one. */
async function testCases(tools: OperationTools, { id }: ReportRow, input: DescribeTestCasesInput, after: number) {
  const { filter: { status, keyword = '' } = {}, maxResults = PAGE } = input;
  const key = status === undefined ? [id] : [id, status];
  if (keyword === '') {
    const query = status === undefined ? testCaseSql.from : testCaseSql.withStatus;
    const rows = await tools.db.all<TestCaseRow>(query, ...key, after, maxResults + 1);
    return { rows: rows.slice(0, maxResults), next: rows.length > maxResults ? rows[maxResults - 1]!.position : undefined };
  }
  const last = (await tools.db.get<{ last: number | null }>(testCaseSql.last, id))?.last ?? -1;
  const until = after + COMPARED;
  const query = status === undefined ? testCaseSql.withKeyword : testCaseSql.withBoth;
  const like = pattern(keyword);
  const rows = await tools.db.all<TestCaseRow>(query, ...key, after, until, like, like, maxResults + 1);
  const next = rows.length > maxResults ? rows[maxResults - 1]!.position : until < last ? until : undefined;
  return { rows: rows.slice(0, maxResults), next };
}

function coverageQuery({ sortBy, sortOrder }: DescribeCodeCoveragesInput) {
  const down = sortOrder === 'DESCENDING';
  if (sortBy === 'LINE_COVERAGE_PERCENTAGE') return down ? coverageSql.byPercentageDown : coverageSql.byPercentage;
  return down ? coverageSql.byPathDown : coverageSql.byPath;
}

/** Where a page begins: `[path or percentage, position]` of the row before it. */
function coverageStart(input: DescribeCodeCoveragesInput, scope: string): readonly [string | number, number] {
  const cursor = decodePageToken(scope, input.nextToken, invalidToken);
  const percentage = input.sortBy === 'LINE_COVERAGE_PERCENTAGE';
  const down = input.sortOrder === 'DESCENDING';
  if (cursor === undefined) return percentage ? [down ? 101 : -1, 0] : [down ? '\u{10ffff}' : '', down ? 0 : -1];
  const [position = '', ...key] = String(cursor).split('/');
  return [percentage ? Number(key[0]) : key.join('/'), Number(position)];
}

async function coverages(tools: OperationTools, ctx: CallContext, input: DescribeCodeCoveragesInput) {
  const { reportArn: arn, sortBy = 'FILE_PATH', sortOrder = 'ASCENDING', maxResults = PAGE } = input;
  const report = await findReport(tools, ctx, arn);
  if (!report) throw errors.InvalidInputException(`Report cannot be found: ${arn}`);
  const { minLineCoveragePercentage: min = 0, maxLineCoveragePercentage: max = 100 } = input;
  const scope = `codebuild:coverages:${report.id}:${sortBy}:${sortOrder}:${min}:${max}`;
  const [key, position] = coverageStart(input, scope);
  const rows = await tools.db.all<CoverageRow>(coverageQuery(input), report.id, min, max, key, key, position, maxResults + 1);
  const shown = rows.slice(0, maxResults);
  const last = shown.at(-1);
  const cursor = last && `${last.position}/${sortBy === 'FILE_PATH' ? last.path : last.percentage}`;
  return {
    codeCoverages: shown.map((row): CodeCoverage => ({
      id: `${report.id}:${row.position}`,
      reportARN: arn,
      filePath: row.path,
      ...(JSON.parse(row.data) as object),
      expired: report.expires,
    })),
    ...(rows.length > maxResults && cursor !== undefined && { nextToken: encodePageToken(scope, cursor) }),
  };
}

export function reportDetailOperations(tools: OperationTools): Operations {
  return {
    async describeTestCases(input, ctx) {
      const report = await findReport(tools, ctx, input.reportArn);
      if (!report) throw errors.ResourceNotFoundException(`Report cannot be found: ${input.reportArn}`);
      const { status = '', keyword = '' } = input.filter ?? {};
      const scope = `codebuild:test-cases:${report.id}:${status}:${keyword}`;
      const after = Number(decodePageToken(scope, input.nextToken, invalidToken) ?? -1);
      const { rows, next } = await testCases(tools, report, input, after);
      return {
        testCases: rows.map((row) => testCaseView(input.reportArn, report.expires, row)),
        ...(next !== undefined && { nextToken: encodePageToken(scope, next) }),
      };
    },

    describeCodeCoverages: (input, ctx) => coverages(tools, ctx, input),
  };
}
