import { write, type Write } from '../../../ports/database.ts';
import { errors, type ReportExportConfig, type ReportType } from '../api.gen.ts';
import { findGroup, type GroupData, type GroupRow } from '../operations/report-tools.ts';
import type { OperationTools } from '../operations/tools.ts';
import { groupSql } from '../report-tables.ts';
import type { BuildSpec } from '../rules/build/state.ts';
import { checkGroup, groupOfArn, shardGroup, wantedGroup } from '../rules/reports/names.ts';

type Tools = Pick<OperationTools, 'db' | 'clock'>;
type Place = Pick<BuildSpec, 'account' | 'region'>;

interface Found {
  readonly group: GroupRow;
  /** What makes the group where it is not there. */
  readonly writes: readonly Write[];
}

const NEW_GROUP: GroupData = { exportConfig: { exportConfigType: 'NO_EXPORT' }, tags: [] };

function checkType({ name, type: known }: GroupRow, type: ReportType): void {
  if (known === type) return;
  throw errors.InvalidInputException(`the report group ${name} is of type ${known}, the file format is for ${type}`);
}

/** The group of this name, made where it is not there. */
async function named(tools: Tools, { account, region }: Place, name: string, type: ReportType): Promise<Found> {
  const found = await findGroup(tools, { account, region }, name);
  if (found) {
    checkType(found, type);
    return { group: found, writes: [] };
  }
  checkGroup(name, undefined);
  const now = tools.clock.now();
  const group: GroupRow = { name, type, created: now, modified: now, data: JSON.stringify(NEW_GROUP) };
  return { group, writes: [write(groupSql.insert, [account, region, name, type, now, now, group.data])] };
}

/** The group that the buildspec means: for an ARN one that has to be there. */
async function meant(tools: Tools, spec: BuildSpec, wanted: string, type: ReportType): Promise<Found> {
  const names = wantedGroup(spec.project, wanted);
  if ('name' in names) return named(tools, spec, names.name, type);
  const group = await findGroup(tools, spec, groupOfArn(spec, names.arn));
  if (!group) throw errors.InvalidInputException(`the report group ${names.arn} does not exist`);
  checkType(group, type);
  return { group, writes: [] };
}

const exportOf = ({ data }: GroupRow): ReportExportConfig =>
  (JSON.parse(data) as GroupData).exportConfig ?? { exportConfigType: 'NO_EXPORT' };

/**
 * Where a build's report belongs, and what makes that. Builds of a fan-out have groups of their own beside the one that is meant, which has
 * what is merged of them; theirs are exported as that one's.
 */
export async function groupFor(
  tools: Tools,
  spec: BuildSpec,
  wanted: string,
  type: ReportType,
): Promise<{ readonly group: string; readonly exportConfig: ReportExportConfig; readonly writes: readonly Write[] }> {
  const whole = await meant(tools, spec, wanted, type);
  const shard = spec.batch?.shard;
  if (!shard) return { group: whole.group.name, exportConfig: exportOf(whole.group), writes: whole.writes };
  const own = await named(tools, spec, shardGroup(whole.group.name, shard.index), type);
  const ownExport = exportOf(own.group);
  const exportConfig = ownExport.exportConfigType === 'S3' ? ownExport : exportOf(whole.group);
  return { group: own.group.name, exportConfig, writes: [...whole.writes, ...own.writes] };
}
