import { formatArn, parseArn } from '../../../../kernel/arn.ts';
import { errors, type ReportExportConfig } from '../../api.gen.ts';

interface Place {
  readonly account: string;
  readonly region: string;
}

const NAME = /^[A-Za-z0-9][A-Za-z0-9\-_]{1,127}$/;

export function groupArn({ account, region }: Place, name: string): string {
  return formatArn('codebuild', region, account, `report-group/${name}`);
}

export function reportArn({ account, region }: Place, group: string, id: string): string {
  return formatArn('codebuild', region, account, `report/${group}:${id}`);
}

function resource(place: Place, arn: string, type: string): string | undefined {
  const parts = parseArn(arn);
  if (parts?.service !== 'codebuild' || parts.account !== place.account || parts.region !== place.region) return undefined;
  return parts.resource.startsWith(type) ? parts.resource.slice(type.length) : undefined;
}

/** The name in a report group's ARN; undefined where it is not one of this account and region. */
export function groupOfArn(place: Place, arn: string): string | undefined {
  return resource(place, arn, 'report-group/');
}

/** The id in a report's ARN; undefined where it is not one of this account and region. */
export function reportOfArn(place: Place, arn: string): { readonly group: string; readonly id: string } | undefined {
  const text = resource(place, arn, 'report/');
  const colon = text?.lastIndexOf(':') ?? -1;
  return text === undefined || colon < 0 ? undefined : { group: text.slice(0, colon), id: text.slice(colon + 1) };
}

/** Throws InvalidInputException for what the model's constraints cannot say of a report group. */
export function checkGroup(name: string, config: ReportExportConfig | undefined): void {
  if (!NAME.test(name)) {
    throw errors.InvalidInputException(
      `Invalid report group name ${name}: it must begin with a letter or number and contain only letters, numbers, hyphens and underscores, 2 to 128 characters`,
    );
  }
  if (config) checkExport(config);
}

export function checkExport({ exportConfigType = 'NO_EXPORT', s3Destination }: ReportExportConfig): void {
  if (exportConfigType === 'S3' && !s3Destination?.bucket) {
    throw errors.InvalidInputException('Invalid export config: the S3 destination must name a bucket');
  }
}

/** The group of the reports that one build of a fan-out makes; the group itself has the merged ones. `index` counts from 0, AWS's numbers from 1. */
export function shardGroup(group: string, index: number): string {
  return `${group}BuildFanoutShard${index + 1}`;
}

/** `PROJECT-NAME` for a name in a buildspec; an ARN names its group itself. https://docs.aws.amazon.com/codebuild/latest/userguide/test-report-group-naming.html */
export function wantedGroup(project: string, wanted: string): { readonly arn: string } | { readonly name: string } {
  return wanted.startsWith('arn:') ? { arn: wanted } : { name: `${project}-${wanted}` };
}
