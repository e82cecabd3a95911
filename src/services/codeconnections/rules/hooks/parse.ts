import type { Dialect } from '../../../../kernel/git-hooks/dialect.ts';
import { readBitbucket } from './bitbucket.ts';
import { readGitHub } from './github.ts';
import { readGitLab } from './gitlab.ts';
import type { HookContent } from './content.ts';

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
