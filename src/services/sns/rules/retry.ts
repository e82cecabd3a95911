import { isObject } from '../../../kernel/json.ts';
import { errors } from '../api.gen.ts';

/** https://docs.aws.amazon.com/sns/latest/dg/sns-message-delivery-retries.html; delays in seconds. */
export interface RetryPolicy {
  readonly minDelayTarget: number;
  readonly maxDelayTarget: number;
  readonly numRetries: number;
  readonly numNoDelayRetries: number;
  readonly numMinDelayRetries: number;
  readonly numMaxDelayRetries: number;
  readonly backoffFunction: 'linear' | 'arithmetic' | 'geometric' | 'exponential';
}

/** What AWS does for HTTP and HTTPS unless it is told else. */
export const HTTP_DEFAULT: RetryPolicy = {
  minDelayTarget: 20,
  maxDelayTarget: 20,
  numRetries: 3,
  numMaxDelayRetries: 0,
  numNoDelayRetries: 0,
  numMinDelayRetries: 0,
  backoffFunction: 'linear',
};

/** The same page, for SMTP: 50 times, over six hours. */
export const MAIL: RetryPolicy = {
  minDelayTarget: 10,
  maxDelayTarget: 600,
  numRetries: 50,
  numNoDelayRetries: 0,
  numMinDelayRetries: 2,
  numMaxDelayRetries: 38,
  backoffFunction: 'exponential',
};

/** All retries together must not take longer, seconds. */
const LONGEST = 3_600;
const MOST_RETRIES = 100;

/** From 0 (the first of the backoff phase) to 1 (the last): how far the delay has come from its minimum to its maximum. */
function backoff({ minDelayTarget: min, maxDelayTarget: max, backoffFunction }: RetryPolicy, step: number, steps: number): number {
  const part = steps <= 1 ? 1 : step / (steps - 1);
  switch (backoffFunction) {
    case 'linear':
      return min + (max - min) * part;
    case 'arithmetic':
      return min + (max - min) * ((part * (step + 1)) / steps);
    case 'geometric':
      return min * (max / min) ** part;
    case 'exponential':
      return Math.min(min * 2 ** step, max);
  }
}

/** Seconds to wait before the n-th retry (from 1); undefined when there is none any more. */
export function retryDelay(policy: RetryPolicy, retry: number): number | undefined {
  const { numRetries, numNoDelayRetries, numMinDelayRetries, numMaxDelayRetries, minDelayTarget, maxDelayTarget } = policy;
  if (retry > numRetries) return undefined;
  if (retry <= numNoDelayRetries) return 0;
  const backoffs = Math.max(numRetries - numNoDelayRetries - numMinDelayRetries - numMaxDelayRetries, 0);
  const step = retry - numNoDelayRetries - numMinDelayRetries - 1;
  if (step < 0) return minDelayTarget;
  return step < backoffs ? backoff(policy, step, backoffs) : maxDelayTarget;
}

function invalid(reason: string): Error {
  return errors.InvalidParameterException(`Invalid parameter: DeliveryPolicy: ${reason}`);
}

function count(value: unknown, name: string, fallback: number, least = 0): number {
  if (value === undefined) return fallback;
  if (typeof value !== 'number' || !Number.isInteger(value) || value < least)
    throw invalid(`${name} must be a whole number of at least ${least}`);
  return value;
}

const FUNCTIONS: readonly string[] = ['linear', 'arithmetic', 'geometric', 'exponential'];

function total(policy: RetryPolicy): number {
  let sum = 0;
  for (let retry = 1; retry <= policy.numRetries; retry++) sum += retryDelay(policy, retry) ?? 0;
  return sum;
}

function retryPolicy(value: unknown): RetryPolicy {
  if (!isObject(value)) throw invalid('healthyRetryPolicy must be an object');
  const unknown = Object.keys(value).find((name) => !(name in HTTP_DEFAULT));
  if (unknown !== undefined) throw invalid(`Unexpected JSON member: ${unknown}`);
  const backoffFunction = value.backoffFunction ?? HTTP_DEFAULT.backoffFunction;
  if (typeof backoffFunction !== 'string' || !FUNCTIONS.includes(backoffFunction)) throw invalid('backoffFunction is not one of the four');
  const minDelayTarget = count(value.minDelayTarget, 'minDelayTarget', HTTP_DEFAULT.minDelayTarget, 1);
  const policy: RetryPolicy = {
    minDelayTarget,
    maxDelayTarget: count(value.maxDelayTarget, 'maxDelayTarget', Math.max(HTTP_DEFAULT.maxDelayTarget, minDelayTarget), minDelayTarget),
    numRetries: count(value.numRetries, 'numRetries', HTTP_DEFAULT.numRetries),
    numMaxDelayRetries: count(value.numMaxDelayRetries, 'numMaxDelayRetries', 0),
    numNoDelayRetries: count(value.numNoDelayRetries, 'numNoDelayRetries', 0),
    numMinDelayRetries: count(value.numMinDelayRetries, 'numMinDelayRetries', 0),
    backoffFunction: backoffFunction as RetryPolicy['backoffFunction'],
  };
  if (policy.numRetries > MOST_RETRIES) throw invalid(`numRetries must not exceed ${MOST_RETRIES}`);
  if (policy.numNoDelayRetries + policy.numMinDelayRetries + policy.numMaxDelayRetries > policy.numRetries)
    throw invalid('numRetries must be at least the sum of the other numbers of retries');
  if (total(policy) > LONGEST) throw invalid(`the retries take longer than ${LONGEST} seconds together`);
  return policy;
}

function parse(text: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw invalid('failed to parse JSON');
  }
  if (!isObject(value)) throw invalid('it must be a JSON object');
  return value;
}

/** What a delivery policy says of one subscription; undefined members it leaves to the next. */
export interface DeliveryPolicy {
  readonly retry?: RetryPolicy;
  /** The Content-Type of what is posted. */
  readonly contentType?: string;
}

function requestPolicy(value: unknown): Pick<DeliveryPolicy, 'contentType'> {
  const type = isObject(value) ? value.headerContentType : undefined;
  if (value !== undefined && (typeof type !== 'string' || !/^[\w.+-]+\/[\w.+-]+(;\s*charset=[\w-]+)?$/.test(type)))
    throw invalid('requestPolicy takes a headerContentType');
  return typeof type === 'string' ? { contentType: type } : {};
}

/** A subscription's DeliveryPolicy. Throws InvalidParameter where it is none. */
export function subscriptionPolicy(text: string): DeliveryPolicy {
  const { healthyRetryPolicy, requestPolicy: request } = parse(text);
  return { ...(isObject(healthyRetryPolicy) && { retry: retryPolicy(healthyRetryPolicy) }), ...requestPolicy(request) };
}

/** A topic's DeliveryPolicy; `overrides` says whether subscriptions may have their own. Throws InvalidParameter where it is none. */
export function topicPolicy(text: string): DeliveryPolicy & { readonly overrides: boolean } {
  const { http } = parse(text);
  if (!isObject(http)) throw invalid('it needs a member http');
  const { defaultHealthyRetryPolicy, disableSubscriptionOverrides, defaultRequestPolicy } = http;
  return {
    ...(defaultHealthyRetryPolicy !== undefined && { retry: retryPolicy(defaultHealthyRetryPolicy) }),
    ...requestPolicy(defaultRequestPolicy),
    overrides: disableSubscriptionOverrides !== true,
  };
}

/** The policy that counts for a subscription, from its own text and its topic's, where they have one. */
export function effectivePolicy(
  own: string | undefined,
  topics: string | undefined,
): Required<Pick<DeliveryPolicy, 'retry'>> & DeliveryPolicy {
  const topic = topics === undefined ? { overrides: true } : topicPolicy(topics);
  const subscription = own === undefined || !topic.overrides ? {} : subscriptionPolicy(own);
  return { retry: HTTP_DEFAULT, ...topic, ...subscription };
}
