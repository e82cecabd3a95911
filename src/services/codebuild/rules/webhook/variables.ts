import type { WebhookEvent } from './event.ts';

/** https://docs.aws.amazon.com/codebuild/latest/userguide/build-env-ref-env-vars.html, those that begin with CODEBUILD_WEBHOOK. */
export function webhookVariables(event: WebhookEvent): Readonly<Record<string, string>> {
  const values = {
    CODEBUILD_WEBHOOK_ACTOR_ACCOUNT_ID: event.actor,
    CODEBUILD_WEBHOOK_BASE_REF: event.baseRef,
    CODEBUILD_WEBHOOK_EVENT: event.type,
    CODEBUILD_WEBHOOK_HEAD_REF: event.headRef,
    CODEBUILD_WEBHOOK_LABEL: event.label,
    CODEBUILD_WEBHOOK_MERGE_COMMIT: event.mergeCommit,
    CODEBUILD_WEBHOOK_PREV_COMMIT: event.previousCommit,
    CODEBUILD_WEBHOOK_TRIGGER: event.trigger,
  };
  return Object.fromEntries(Object.entries(values).filter((entry): entry is [string, string] => entry[1] !== undefined));
}
