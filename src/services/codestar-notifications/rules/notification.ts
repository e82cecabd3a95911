import type { JsonObject } from '../../../kernel/json.ts';
import type { SourceEvent } from './event-types.ts';

/** An event that a rule tells of. */
export interface NotifiedEvent extends SourceEvent {
  readonly id: string;
  /** Epoch ms. */
  readonly time: number;
}

/**
 * AWS's message. BASIC is what the event says; FULL has additional attributes.
 * https://docs.aws.amazon.com/codepipeline/latest/userguide/notification-rule-create.html
 */
export function notificationOf(event: NotifiedEvent, ruleArn: string, additionalAttributes: JsonObject): JsonObject {
  const { account, detailType, region, source, time, detail, resources } = event;
  return {
    account,
    detailType,
    region,
    source,
    time: `${new Date(time).toISOString().slice(0, 19)}Z`,
    notificationRuleArn: ruleArn,
    detail,
    resources,
    additionalAttributes,
  };
}

/** An action that has failed, as FULL tells of it. */
export interface FailedAction {
  readonly stage: string;
  readonly action: string;
  readonly additionalInformation?: string;
}

/** The attributes of a failed pipeline or stage. */
export function failedAttributes(failed: readonly FailedAction[]): JsonObject {
  const failedActions = failed.map(({ action, additionalInformation }) => ({
    action,
    ...(additionalInformation !== undefined && { additionalInformation }),
  }));
  return { failedActionCount: failedActions.length, failedActions, ...(failed[0] && { failedStage: failed[0].stage }) };
}
