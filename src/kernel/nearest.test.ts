import { expect, it } from 'vitest';
import { nearest } from './nearest.ts';

const KEYS = ['name', 'actionTypeId', 'inputArtifacts', 'outputArtifacts', 'runOrder'];

it.each([
  ['inputArtefacts', 'inputArtifacts'],
  ['inputartifacts', 'inputArtifacts'],
  ['runOrdre', 'runOrder'],
  ['nmae', 'name'],
  ['actionType', 'actionTypeId'],
  ['timeout', undefined],
  ['', undefined],
  ['n'.repeat(1_000_000), undefined],
])('%s is meant to be %s', (word, meant) => {
  expect(nearest(word, KEYS)).toBe(meant);
});
