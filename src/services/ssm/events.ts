import type { BusEvent } from '../../ports/bus.ts';
import type { VersionRow } from './tables.ts';
import { dataOf, parameterArn, type Place, type SsmTools } from './tools.ts';

/** https://docs.aws.amazon.com/systems-manager/latest/userguide/reference-eventbridge-events.html; values are never in events. */
export function parameterEvent(
  { clock, ids }: Pick<SsmTools, 'clock' | 'ids'>,
  { account, region }: Place,
  row: VersionRow,
  operation: 'Create' | 'Update' | 'Delete' | 'LabelParameterVersion',
): BusEvent {
  const { description } = dataOf(row);
  return {
    id: ids.uuid(),
    account,
    region,
    bus: 'default',
    time: clock.now(),
    source: 'aws.ssm',
    detailType: 'Parameter Store Change',
    resources: [parameterArn({ account, region }, row.name)],
    detail: { operation, name: row.name, type: row.type, ...(description !== undefined && { description }) },
  };
}
