import { WriteConflict, write } from '../../../ports/database.ts';
import type { CallContext } from '../../../protocol/context.ts';
import { decodePageToken, encodePageToken } from '../../../protocol/page-token.ts';
import { errors, type Api, type ReportExportConfig } from '../api.gen.ts';
import type { ReportSweeper } from '../report-sweeper.ts';
import { groupSql, reportSql } from '../report-tables.ts';
import { resourcePolicySql } from '../resource-policies/tables.ts';
import { checkExport, checkGroup, groupArn, groupOfArn } from '../rules/reports/names.ts';
import { validateTags } from '../rules/tags.ts';
import { findGroup, groupOf, groupView, type GroupData } from './report-tools.ts';
import type { OperationTools } from './tools.ts';

type Operations = Pick<
  Api,
  'createReportGroup' | 'updateReportGroup' | 'deleteReportGroup' | 'batchGetReportGroups' | 'listReportGroups' | 'listSharedReportGroups'
>;

const PAGE = 100;

type SortRow = { readonly name: string; readonly created: number; readonly modified: number };

/** AWS shows packaging and encryption of an export even where nobody chose them. */
function fullExport({ exportConfigType = 'NO_EXPORT', s3Destination }: ReportExportConfig): ReportExportConfig {
  if (exportConfigType === 'NO_EXPORT') return { exportConfigType };
  return { exportConfigType, s3Destination: { packaging: 'NONE', encryptionDisabled: false, ...s3Destination } };
}

function compare(a: SortRow, b: SortRow, by: string | undefined): number {
  const difference = by === 'CREATED_TIME' ? a.created - b.created : by === 'LAST_MODIFIED_TIME' ? a.modified - b.modified : 0;
  return difference || (a.name < b.name ? -1 : 1);
}

async function deleteGroup(tools: OperationTools, ctx: CallContext, arn: string, deleteReports: boolean | undefined): Promise<void> {
  const group = await findGroup(tools, ctx, groupOfArn(ctx, arn));
  if (!group) return;
  const key = [ctx.account, ctx.region, group.name];
  const held = await tools.db.get(reportSql.anyOfGroup, ...key, tools.clock.now());
  if (held && !deleteReports) {
    throw errors.InvalidInputException(`Cannot delete report group ${arn}: it contains reports; delete them first, or set deleteReports`);
  }
  const policy = write(resourcePolicySql.delete, [ctx.account, ctx.region, `report-group/${group.name}`]);
  await tools.commits.commit([write(groupSql.delete, key), policy, ...(held ? [write(reportSql.expireGroup, key)] : [])]);
}

export function reportGroupOperations(tools: OperationTools, sweeper: ReportSweeper): Operations {
  return {
    async createReportGroup({ name, type, exportConfig, tags = [] }, ctx) {
      checkGroup(name, exportConfig);
      validateTags(tags);
      const now = tools.clock.now();
      const data = JSON.stringify({ exportConfig: fullExport(exportConfig), tags } satisfies GroupData);
      try {
        await tools.commits.commit([write(groupSql.insert, [ctx.account, ctx.region, name, type, now, now, data])]);
      } catch (error) {
        if (!(error instanceof WriteConflict)) throw error;
        throw errors.ResourceAlreadyExistsException(`Report group already exists: ${groupArn(ctx, name)}`);
      }
      return { reportGroup: groupView(ctx, { name, type, created: now, modified: now, data }) };
    },

    async updateReportGroup({ arn, exportConfig, tags }, ctx) {
      const group = await groupOf(tools, ctx, arn);
      if (exportConfig) checkExport(exportConfig);
      validateTags(tags);
      const before = JSON.parse(group.data) as GroupData;
      const after: GroupData = { ...before, ...(exportConfig && { exportConfig: fullExport(exportConfig) }), ...(tags && { tags }) };
      const [modified, data] = [tools.clock.now(), JSON.stringify(after)];
      await tools.commits.commit([write(groupSql.update, [modified, data, ctx.account, ctx.region, group.name], { expect: 1 })]);
      return { reportGroup: groupView(ctx, { ...group, modified, data }) };
    },

    async deleteReportGroup({ arn, deleteReports }, ctx) {
      await deleteGroup(tools, ctx, arn, deleteReports);
      if (deleteReports) sweeper.wake();
      return {};
    },

    async batchGetReportGroups({ reportGroupArns }, ctx) {
      const found = await Promise.all(reportGroupArns.map((arn) => findGroup(tools, ctx, groupOfArn(ctx, arn))));
      return {
        reportGroups: found.flatMap((row) => (row ? [groupView(ctx, row)] : [])),
        reportGroupsNotFound: reportGroupArns.filter((_, index) => !found[index]),
      };
    },

    async listReportGroups({ sortBy, sortOrder, nextToken, maxResults = PAGE }, ctx) {
      const scope = `codebuild:report-groups:${sortBy ?? ''}:${sortOrder ?? ''}`;
      const from = Number(decodePageToken(scope, nextToken, () => errors.InvalidInputException('Invalid token.')) ?? 0);
      const direction = sortOrder === 'DESCENDING' ? -1 : 1;
      const rows = await tools.db.all<SortRow>(groupSql.all, ctx.account, ctx.region);
      const sorted = rows.toSorted((a, b) => direction * compare(a, b, sortBy));
      const more = sorted.length > from + maxResults && { nextToken: encodePageToken(scope, from + maxResults) };
      return { reportGroups: sorted.slice(from, from + maxResults).map(({ name }) => groupArn(ctx, name)), ...more };
    },

    /** Nothing can be shared between accounts here yet. */
    listSharedReportGroups: async () => ({ reportGroups: [] }),
  };
}
