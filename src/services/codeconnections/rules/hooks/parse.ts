import type { Dialect } from '../provider.ts';
import { readBitbucket } from './bitbucket.ts';
import { readGitHub } from './github.ts';
import { readGitLab } from './gitlab.ts';
import type { HookContent } from './read.ts';

/** A delivery's events in our vocabulary. `event` is what the header named. */
export function readHook(dialect: Dialect, event: string, payload: unknown): HookContent {
  switch (dialect) {
    case 'github':
    case 'gitea':
      return readGitHub(event, payload);
    case 'gitlab':
      return readGitLab(payload);
    case 'bitbucket':
      return readBitbucket(event, payload);
  }
}

/** The payload of a body: JSON, or a form's field `payload` as GitHub and Gitea may send it. Undefined where it is neither. */
export function readBody(body: Uint8Array, contentType: string): unknown {
  const text = Buffer.from(body).toString('utf8');
  const form = contentType.startsWith('application/x-www-form-urlencoded');
  try {
    return JSON.parse(form ? (new URLSearchParams(text).get('payload') ?? '') : text);
  } catch {
    return undefined;
  }
}
