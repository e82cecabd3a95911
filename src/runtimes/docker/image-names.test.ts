import { expect, it } from 'vitest';
import { engineImage, parseImage, parseImageMap } from './image-names.ts';

it.each([
  ['node:22', ['docker.io', 'node', '22']],
  ['node', ['docker.io', 'node', 'latest']],
  ['me/app', ['docker.io', 'me/app', 'latest']],
  ['localhost/app:1', ['localhost', 'localhost/app', '1']],
  ['127.0.0.1:5000/a/b', ['127.0.0.1:5000', '127.0.0.1:5000/a/b', 'latest']],
  [
    '111122223333.dkr.ecr.us-east-1.amazonaws.com/app:v1',
    ['111122223333.dkr.ecr.us-east-1.amazonaws.com', '111122223333.dkr.ecr.us-east-1.amazonaws.com/app', 'v1'],
  ],
  ['a/b:1@sha256:abc', ['docker.io', 'a/b', 'sha256:abc']],
])('reads %s', (image, [registry, repository, version]) => {
  expect(parseImage(image)).toEqual({ registry, repository, version });
});

it.each([
  ['aws/codebuild/standard:7.0', {}, 'public.ecr.aws/codebuild/standard:7.0'],
  ['aws/codebuild/standard:7.0', { 'aws/codebuild/standard:7.0': 'mine:7' }, 'mine:7'],
  ['aws/codebuild/standard:7.0', { 'aws/codebuild/*': 'mirror/*', 'aws/codebuild/standard:*': 'std:*' }, 'std:7.0'],
  ['aws/codebuild/standard:7.0', { '*': 'all' }, 'all'],
  ['node:22', { 'aws/codebuild/*': 'x' }, 'node:22'],
])('maps %s with %j', (image, map, expected) => {
  expect(engineImage(image, map)).toBe(expected);
});

it.each(['{', '[]', '{"a":1}', '{"a":""}', 'null'])('refuses %s as a map', (text) => {
  expect(() => parseImageMap(text, 'f.json')).toThrow(/^f\.json /);
});
