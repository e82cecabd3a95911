import { describe, expect, it } from 'vitest';
import { effectivePolicy, HTTP_DEFAULT, MAIL, retryDelay, subscriptionPolicy, type RetryPolicy } from './retry.ts';

function delays(policy: RetryPolicy): number[] {
  const all: number[] = [];
  for (let retry = 1; ; retry++) {
    const delay = retryDelay(policy, retry);
    if (delay === undefined) return all;
    all.push(delay);
  }
}

// https://docs.aws.amazon.com/sns/latest/dg/sns-message-delivery-retries.html
describe('the delays before retries', () => {
  it('are AWS’s for HTTP', () => {
    expect(delays(HTTP_DEFAULT)).toEqual([20, 20, 20]);
  });

  it('are AWS’s for SMTP: fifty, over six hours', () => {
    const all = delays(MAIL);
    expect(all).toHaveLength(50);
    expect(all.slice(0, 5)).toEqual([10, 10, 10, 20, 40]);
    expect(all.slice(-38)).toEqual(Array(38).fill(600));
    expect(all.reduce((sum, each) => sum + each) / 3600).toBeGreaterThan(6);
  });

  const phases = {
    minDelayTarget: 1,
    maxDelayTarget: 10,
    numRetries: 10,
    numNoDelayRetries: 2,
    numMinDelayRetries: 2,
    numMaxDelayRetries: 2,
  };
  it.each([
    ['linear', [1, 4, 7, 10]],
    ['geometric', [1, 10 ** (1 / 3), 10 ** (2 / 3), 10]],
    ['exponential', [1, 2, 4, 8]],
  ] as const)('go through the four phases, %s in the third', (backoffFunction, third) => {
    const all = delays({ ...phases, backoffFunction });
    expect([all.slice(0, 4), all.slice(8)]).toEqual([
      [0, 0, 1, 1],
      [10, 10],
    ]);
    third.forEach((delay, index) => expect(all[4 + index]).toBeCloseTo(delay));
  });

  it('never shrink in the arithmetic backoff, and end at the maximum', () => {
    const third = delays({ ...phases, backoffFunction: 'arithmetic' }).slice(4, 8);
    expect(third).toEqual(third.toSorted((a, b) => a - b));
    expect([third[0], third[3]]).toEqual([1, 10]);
  });
});

describe('a delivery policy', () => {
  it('is the subscription’s, unless the topic forbids that', () => {
    const own = '{"healthyRetryPolicy":{"numRetries":1}}';
    const topic = (disableSubscriptionOverrides: boolean) =>
      JSON.stringify({ http: { defaultHealthyRetryPolicy: { numRetries: 7 }, disableSubscriptionOverrides } });
    expect(effectivePolicy(undefined, undefined).retry).toEqual(HTTP_DEFAULT);
    expect(effectivePolicy(own, topic(false)).retry.numRetries).toBe(1);
    expect(effectivePolicy(own, topic(true)).retry.numRetries).toBe(7);
    expect(effectivePolicy(undefined, topic(false)).retry.numRetries).toBe(7);
  });

  it.each([
    ['[]', /must be a JSON object/],
    ['{"healthyRetryPolicy":{"numRetries":101}}', /must not exceed 100/],
    ['{"healthyRetryPolicy":{"numRetries":1.5}}', /whole number/],
    ['{"healthyRetryPolicy":{"minDelayTarget":30,"maxDelayTarget":20}}', /maxDelayTarget/],
    ['{"healthyRetryPolicy":{"numRetries":2,"numNoDelayRetries":3}}', /at least the sum/],
    ['{"healthyRetryPolicy":{"numRetries":100,"minDelayTarget":60,"maxDelayTarget":60}}', /3600 seconds/],
    ['{"healthyRetryPolicy":{"colour":1}}', /colour/],
    ['{"requestPolicy":{"headerContentType":"text/plain\\r\\nx: y"}}', /headerContentType/],
  ])('is refused: %s', (text, reason) => {
    expect(() => subscriptionPolicy(text)).toThrow(reason);
  });
});
