import { isObject } from '../../../kernel/json.ts';
import { parseArn } from '../../../kernel/arn.ts';
import type { Matcher } from '../../../kernel/patterns/match.ts';
import { compileFilter, type FilterScope } from './filter-policy.ts';
import { invalidParameter } from './message.ts';
import { subscriptionPolicy } from './retry.ts';
import type { Attributes } from './topic-attributes.ts';

function redrive(value: string): void {
  let policy: unknown;
  try {
    policy = JSON.parse(value);
  } catch {
    throw invalidParameter('RedrivePolicy: failed to parse JSON.');
  }
  const target = isObject(policy) ? policy.deadLetterTargetArn : undefined;
  if (typeof target !== 'string' || parseArn(target)?.service !== 'sqs')
    throw invalidParameter('RedrivePolicy: deadLetterTargetArn is an invalid arn');
}

const CHECKS: Readonly<Record<string, (value: string, all: Attributes) => void>> = {
  DeliveryPolicy: (value) => void (value === '' || subscriptionPolicy(value)),
  FilterPolicy: (value, all) => void compileFilter(value, scopeOf(all)),
  FilterPolicyScope(value, all) {
    if (value !== 'MessageAttributes' && value !== 'MessageBody') throw invalidParameter('FilterPolicyScope');
    if (all.FilterPolicy !== undefined) compileFilter(all.FilterPolicy, value);
  },
  RawMessageDelivery(value) {
    if (!/^(true|false)$/i.test(value)) throw invalidParameter('RawMessageDelivery');
  },
  RedrivePolicy: (value) => value === '' || redrive(value),
};

export function scopeOf(attributes: Attributes): FilterScope {
  return attributes.FilterPolicyScope === 'MessageBody' ? 'MessageBody' : 'MessageAttributes';
}

/** Throws InvalidParameter for what subscriptions do not have, or a value that does not fit; `all` are the attributes with it. */
export function checkSubscriptionAttribute(name: string, value: string, all: Attributes): void {
  const check = Object.hasOwn(CHECKS, name) ? CHECKS[name] : undefined;
  if (!check) throw invalidParameter('AttributeName');
  check(value, all);
}

/** What is kept of the attributes given to a new subscription. */
export function newSubscriptionAttributes(given: Attributes): Attributes {
  for (const [name, value] of Object.entries(given)) checkSubscriptionAttribute(name, value, given);
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== ''));
}

/** The subscription's filter; undefined where everything passes. */
export function filterOf(attributes: Attributes): Matcher | undefined {
  return attributes.FilterPolicy === undefined ? undefined : compileFilter(attributes.FilterPolicy, scopeOf(attributes));
}

export function isRaw(attributes: Attributes): boolean {
  return attributes.RawMessageDelivery?.toLowerCase() === 'true';
}
