import type { Botocore } from './botocore.ts';

/** Addresses of webhooks are longer than those of topics. */
const LONGEST_ADDRESS = 2048;

/** Lets the address of a target be that of a webhook, which AWS does not have. */
export function withWebhooks(model: Botocore): Botocore {
  const { TargetAddress: address } = model.shapes;
  return { ...model, shapes: { ...model.shapes, TargetAddress: { ...address!, max: LONGEST_ADDRESS } } };
}
