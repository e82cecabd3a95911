import type { CallContext } from '../../../protocol/context.ts';
import { errors, type Report, type ReportExportConfig, type ReportGroup, type ReportStatusType, type ReportType } from '../api.gen.ts';
import { groupSql, reportSql } from '../report-tables.ts';
import { groupArn, groupOfArn, reportArn, reportOfArn } from '../rules/reports/names.ts';
import type { OperationTools } from './tools.ts';

type Tools = Pick<OperationTools, 'db' | 'clock'>;
type Place = Pick<CallContext, 'account' | 'region'>;

/** Reports are kept for 30 days: https://docs.aws.amazon.com/codebuild/latest/userguide/test-report.html */
export const REPORT_KEPT_MS = 30 * 24 * 3_600_000;

export interface GroupRow {
  readonly name: string;
  readonly type: ReportType;
  readonly created: number;
  readonly modified: number;
  readonly data: string;
}

/** What `data` of a group holds. */
export type GroupData = Pick<ReportGroup, 'exportConfig' | 'tags'>;

export interface ReportRow {
  readonly id: string;
  readonly group: string;
  readonly type: ReportType;
  readonly status: ReportStatusType;
  readonly build: string;
  readonly created: number;
  readonly expires: number;
  readonly data: string;
}

/** What `data` of a report holds. */
export type ReportData = Pick<Report, 'truncated' | 'testSummary' | 'codeCoverageSummary'> & {
  readonly exportConfig: ReportExportConfig;
  /** The ARN of what made it, where that is no build: the batch whose reports it merges. */
  readonly executionId?: string;
};

export function groupView(place: Place, { name, type, created, modified, data }: GroupRow): ReportGroup {
  const { exportConfig, tags = [] } = JSON.parse(data) as GroupData;
  return { arn: groupArn(place, name), name, type, exportConfig, created, lastModified: modified, tags, status: 'ACTIVE' };
}

export function reportView(place: Place, { id, group, type, status, build, created, expires, data }: ReportRow): Report {
  const of = `arn:aws:codebuild:${place.region}:${place.account}:build/${build}`;
  const { truncated = false, executionId = of, ...more } = JSON.parse(data) as ReportData;
  return {
    arn: reportArn(place, group, id),
    type,
    name: group,
    reportGroupArn: groupArn(place, group),
    executionId,
    status,
    created,
    expired: expires,
    truncated,
    ...more,
  };
}

export async function findGroup(tools: Tools, place: Place, name: string | undefined): Promise<GroupRow | undefined> {
  return name === undefined ? undefined : tools.db.get<GroupRow>(groupSql.one, place.account, place.region, name);
}

/** The group of this ARN; throws ResourceNotFoundException. */
export async function groupOf(tools: Tools, place: Place, arn: string): Promise<GroupRow> {
  const found = await findGroup(tools, place, groupOfArn(place, arn));
  if (!found) throw errors.ResourceNotFoundException(`Report group cannot be found: ${arn}`);
  return found;
}

/** The report of this ARN, unless its time is up. */
export async function findReport(tools: Tools, place: Place, arn: string): Promise<ReportRow | undefined> {
  const named = reportOfArn(place, arn);
  const row = named && (await tools.db.get<ReportRow>(reportSql.one, place.account, place.region, named.id, tools.clock.now()));
  return row?.group === named?.group ? row : undefined;
}

/** ARNs of a build's reports, in the order in which they were made. */
export async function reportsOfBuild(tools: Tools, place: Place, build: string): Promise<readonly string[]> {
  type Row = { id: string; group: string };
  const rows = await tools.db.all<Row>(reportSql.ofBuild, place.account, place.region, build, tools.clock.now());
  return rows.map(({ id, group }) => reportArn(place, group, id));
}
