import { expect, it } from 'vitest';
import { urlOf } from './job-urls.ts';

it.each<[string | undefined, string | undefined, string | undefined]>([
  ['https://h/{Config:A}/{ExternalExecutionId}', '7', 'https://h/one/7'],
  ['https://h/{Config:A}/{Config:A}', undefined, 'https://h/one/one'],
  ['https://h/{ExternalExecutionId}', undefined, undefined],
  ['https://h/{Config:Absent}', '7', undefined],
  ['https://h/{Config:toString}', '7', undefined],
  ['https://h/{ExternalExecutionId}', '$&', 'https://h/$&'],
  ['{Config:Script}', '7', undefined],
  ['not a link', '7', undefined],
  [undefined, '7', undefined],
])('%s of run %s leads to %s', (template, run, url) => {
  expect(urlOf(template, { A: 'one', Script: 'javascript:alert(1)' }, run)).toBe(url);
});
