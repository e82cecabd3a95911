import type { Arn } from '../../../kernel/arn.ts';

/** The plane that serves the pages (src/planes/sns). */
const PAGES = '/_pipewright/sns';

function query(fields: Readonly<Record<string, string>>): string {
  return new URLSearchParams(fields).toString();
}

/** AWS's own form: a GET without signature confirms. */
export function subscribeUrl(base: string, topicArn: Arn, token: string): string {
  return `${base}/?${query({ Action: 'ConfirmSubscription', TopicArn: topicArn, Token: token })}`;
}

export function unsubscribeUrl(base: string, subscriptionArn: Arn): string {
  return `${base}/?${query({ Action: 'Unsubscribe', SubscriptionArn: subscriptionArn })}`;
}

/** For people: pages whose button does it. */
export function confirmPage(base: string, topicArn: Arn, token: string): string {
  return `${base}${PAGES}/confirm?${query({ TopicArn: topicArn, Token: token })}`;
}

export function unsubscribePage(base: string, subscriptionArn: Arn): string {
  return `${base}${PAGES}/unsubscribe?${query({ SubscriptionArn: subscriptionArn })}`;
}
