import { expect, it } from 'vitest';
import { toldPath } from './told-path.ts';

it.each([
  ['/_pipewright/credentials/a-secret', '/_pipewright/credentials/…'],
  ['/_pipewright/hooks/of/a-secret?x=1', '/_pipewright/hooks/…'],
  ['/_pipewright/badges?uuid=a-secret', '/_pipewright/badges'],
  ['/bucket/key?X-Amz-Signature=a-secret', '/bucket/key'],
  ['', ''],
])('tells of %s no secret', (url, told) => expect(toldPath(url)).toBe(told));
