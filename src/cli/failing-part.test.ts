import { expect, it } from 'vitest';
import { failingPart } from './failing-part.ts';

const agent = (text: string) => `[Container] 2026/11/21 07:01:34.714732 ${text}`;

it('begins where the phase that failed began', () => {
  const lines = ['Entering phase INSTALL', 'Phase complete: INSTALL State: SUCCEEDED', 'Entering phase BUILD', 'Running command make'].map(
    agent,
  );
  const end = [agent('Phase complete: BUILD State: FAILED'), agent('Phase complete: POST_BUILD State: SUCCEEDED')];
  expect(failingPart([...lines, 'no rule', ...end])).toEqual([
    'Entering phase BUILD',
    'Running command make',
    'no rule',
    'Phase complete: BUILD State: FAILED',
    'Phase complete: POST_BUILD State: SUCCEEDED',
  ]);
});

it('is not misled by what the program itself prints', () => {
  const lines = [
    agent('Entering phase BUILD'),
    'Phase complete: TEST State: FAILED',
    'Entering phase BUILD',
    agent('Phase complete: BUILD State: FAILED'),
  ];
  expect(failingPart(lines)).toHaveLength(4);
});

it('is everything where the beginning has been forgotten, or no phase failed', () => {
  expect(failingPart(['a', agent('Phase complete: BUILD State: FAILED')])).toEqual(['a', 'Phase complete: BUILD State: FAILED']);
  expect(failingPart(['a', 'b'])).toEqual(['a', 'b']);
});
