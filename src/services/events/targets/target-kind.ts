import type { ArnParts } from '../../../kernel/arn.ts';
import type { AwsClients } from '../../aws.gen.ts';
import type { Delivery } from '../delivery/delivery.ts';
import type { EventsTools } from '../tools.ts';

/** What a target is sent. */
export interface TargetCall {
  readonly delivery: Delivery;
  /** The target's ARN, taken apart. */
  readonly arn: ArnParts;
  /** The event after the target's input settings: JSON, or text that a template made. */
  readonly input: string;
  /** The same for every attempt at this delivery, and for no other: 64 hex digits. */
  readonly token: string;
  /** The clients, under the target's role and the rule's session. */
  readonly clients: AwsClients;
  readonly tools: EventsTools;
}

/** One kind of target. To add one: a file here with this shape, and a line in the registry. */
export interface TargetKind {
  readonly accepts: (arn: ArnParts) => boolean;
  /** PutTargets refuses a target of this kind without a role. */
  readonly needsRole: boolean;
  /**
   * Gives the event to the target. May be called again for the same delivery after a crash. Throws an ApiError of the client's fault,
   * or a PipewrightError of code InvalidInput, where another try is in vain; anything else is tried again.
   */
  readonly send: (call: TargetCall) => Promise<void>;
}
