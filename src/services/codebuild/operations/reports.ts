import { write, type Statement, type Value } from '../../../ports/database.ts';
import type { CallContext } from '../../../protocol/context.ts';
import { decodePageToken, encodePageToken } from '../../../protocol/page-token.ts';
import { errors, type Api, type ReportFilter, type SortOrderType } from '../api.gen.ts';
import type { ReportSweeper } from '../report-sweeper.ts';
import { reportSql } from '../report-tables.ts';
import { reportArn } from '../rules/reports/names.ts';
import { trendStats, trendType, trendValue } from '../rules/reports/trend.ts';
import { findReport, groupOf, reportView, type ReportRow } from './report-tools.ts';
import type { OperationTools } from './tools.ts';

type Operations = Pick<Api, 'listReports' | 'listReportsForReportGroup' | 'batchGetReports' | 'deleteReport' | 'getReportGroupTrend'>;

const PAGE = 100;
/** Beyond every id. */
const LAST_ID = '~';

interface Wanted {
  readonly group?: string;
  readonly sortOrder?: SortOrderType | undefined;
  readonly filter?: ReportFilter | undefined;
  readonly nextToken?: string | undefined;
  readonly maxResults?: number | undefined;
}

function query(grouped: boolean, ascending: boolean, filtered: boolean): Statement {
  if (grouped && filtered) return ascending ? reportSql.ofGroupWithStatusAscending : reportSql.ofGroupWithStatusDescending;
  if (grouped) return ascending ? reportSql.ofGroupAscending : reportSql.ofGroupDescending;
  if (filtered) return ascending ? reportSql.withStatusAscending : reportSql.withStatusDescending;
  return ascending ? reportSql.ascending : reportSql.descending;
}

/** ARNs of reports; ids are in the order of their making. Newest first unless somebody wants it otherwise. */
async function page(tools: OperationTools, ctx: CallContext, wanted: Wanted) {
  const { group, sortOrder, filter, nextToken, maxResults = PAGE } = wanted;
  const ascending = sortOrder === 'ASCENDING';
  const status = filter?.status;
  const scope = `codebuild:reports:${group ?? ''}:${ascending}:${status ?? ''}`;
  const from = String(
    decodePageToken(scope, nextToken, () => errors.InvalidInputException('Invalid token.')) ?? (ascending ? '' : LAST_ID),
  );
  const params: Value[] = [ctx.account, ctx.region, ...(group === undefined ? [] : [group]), from, tools.clock.now()];
  if (status !== undefined) params.push(status);
  const rows = await tools.db.all<ReportRow>(query(group !== undefined, ascending, status !== undefined), ...params, maxResults + 1);
  const shown = rows.slice(0, maxResults);
  const more = rows.length > maxResults && { nextToken: encodePageToken(scope, shown.at(-1)!.id) };
  return { reports: shown.map((row) => reportArn(ctx, row.group, row.id)), ...more };
}

export function reportOperations(tools: OperationTools, sweeper: ReportSweeper): Operations {
  return {
    listReports: (input, ctx) => page(tools, ctx, input),

    async listReportsForReportGroup({ reportGroupArn, ...input }, ctx) {
      const { name } = await groupOf(tools, ctx, reportGroupArn);
      return page(tools, ctx, { ...input, group: name });
    },

    async batchGetReports({ reportArns }, ctx) {
      const found = await Promise.all(reportArns.map((arn) => findReport(tools, ctx, arn)));
      return {
        reports: found.flatMap((row) => (row ? [reportView(ctx, row)] : [])),
        reportsNotFound: reportArns.filter((_, index) => !found[index]),
      };
    },

    async deleteReport({ arn }, ctx) {
      const found = await findReport(tools, ctx, arn);
      if (!found) return {};
      await tools.commits.commit([write(reportSql.expire, [ctx.account, ctx.region, found.id])]);
      sweeper.wake();
      return {};
    },

    async getReportGroupTrend({ reportGroupArn, trendField, numOfReports = PAGE }, ctx) {
      const group = await groupOf(tools, ctx, reportGroupArn);
      if (group.type !== trendType(trendField)) {
        throw errors.InvalidInputException(`The trend field ${trendField} does not fit a report group of type ${group.type}`);
      }
      const key = [ctx.account, ctx.region, group.name, tools.clock.now()];
      const rows = await tools.db.all<ReportRow>(reportSql.newestOfGroup, ...key, numOfReports);
      const values = rows.flatMap((row) => {
        const report = reportView(ctx, row);
        const value = trendValue(report, trendField);
        return value === undefined ? [] : [{ reportArn: report.arn, value }];
      });
      return {
        stats: trendStats(values.map(({ value }) => value)),
        rawData: values.map(({ reportArn: arn, value }) => ({ reportArn: arn, data: String(value) })),
      };
    },
  };
}
