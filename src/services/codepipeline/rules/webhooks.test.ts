import { describe, expect, it } from 'vitest';
import type { WebhookDefinition } from '../api.gen.ts';
import { isInRange, refusingFilter, validateWebhook } from './webhooks.ts';

const definition = (more: Partial<WebhookDefinition>): WebhookDefinition => ({
  name: 'hook',
  targetPipeline: 'p',
  targetAction: 'Source',
  filters: [{ jsonPath: '$.ref' }],
  authentication: 'UNAUTHENTICATED',
  authenticationConfiguration: {},
  ...more,
});

describe('a webhook', () => {
  it.each([
    ['an HMAC without a secret', { authentication: 'GITHUB_HMAC' as const }, 'InvalidWebhookAuthenticationParametersException'],
    ['an address without a range', { authentication: 'IP' as const }, 'InvalidWebhookAuthenticationParametersException'],
    [
      'a range that is none',
      { authentication: 'IP' as const, authenticationConfiguration: { AllowedIPRange: '10.0.0.0/40' } },
      'InvalidWebhookAuthenticationParametersException',
    ],
    [
      'a secret that nobody asks for',
      { authenticationConfiguration: { SecretToken: 's' } },
      'InvalidWebhookAuthenticationParametersException',
    ],
    ['no filter', { filters: [] }, 'InvalidWebhookFilterPatternException'],
    ['a path that is none', { filters: [{ jsonPath: 'ref' }] }, 'InvalidWebhookFilterPatternException'],
  ])('is refused with %s', (_, more, code) => {
    expect(() => validateWebhook(definition(more), false)).toThrow(expect.objectContaining({ code }) as Error);
  });

  it('keeps its secret when it is put again as it was shown', () => {
    const again = definition({ authentication: 'GITHUB_HMAC', authenticationConfiguration: { SecretToken: '****' } });
    expect(() => validateWebhook(again, false)).toThrow();
    expect(() => validateWebhook(again, true)).not.toThrow();
  });
});

describe('filters', () => {
  const payload = { ref: 'refs/heads/main', commits: [{ id: 'a' }, { id: 'b' }], forced: false, none: null };
  it.each([
    [[{ jsonPath: '$.ref' }], undefined],
    [[{ jsonPath: '$.ref', matchEquals: 'refs/heads/{Branch}' }], undefined],
    [[{ jsonPath: '$.ref', matchEquals: 'refs/heads/{Other}' }], "$.ref is not 'refs/heads/{Other}'"],
    [[{ jsonPath: '$.commits[*].id', matchEquals: 'b' }], undefined],
    [[{ jsonPath: '$.forced', matchEquals: 'false' }], undefined],
    [[{ jsonPath: '$.none' }], '$.none is not there'],
    [[{ jsonPath: '$.ref' }, { jsonPath: '$.action', matchEquals: 'opened' }], "$.action is not 'opened'"],
  ])('%j', (filters, refusal) => {
    expect(refusingFilter(filters, payload, { Branch: 'main' })).toBe(refusal);
  });
});

it('ranges hold addresses, also those that are written as IPv6', () => {
  expect(isInRange('10.0.0.0/8', '10.1.2.3')).toBe(true);
  expect(isInRange('10.0.0.0/8', '::ffff:10.1.2.3')).toBe(true);
  expect(isInRange('10.0.0.0/8', '11.0.0.1')).toBe(false);
  expect(isInRange('fd00::/8', 'fd01::1')).toBe(true);
  expect(isInRange('10.0.0.0/8', '')).toBe(false);
});
