import type { JsonObject } from '../../../kernel/json.ts';

interface EventFacts {
  readonly id: string;
  readonly detailType: string;
  readonly source: string;
  readonly account: string;
  /** Epoch ms. */
  readonly time: number;
  readonly region: string;
  readonly resources: readonly string[];
  readonly detail: JsonObject;
}

/** An event as rules match it and targets get it: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-events-structure.html */
export function envelope({ id, detailType, source, account, time, region, resources, detail }: EventFacts): JsonObject {
  return {
    version: '0',
    id,
    'detail-type': detailType,
    source,
    account,
    time: `${new Date(time).toISOString().slice(0, 19)}Z`,
    region,
    resources,
    detail,
  };
}
