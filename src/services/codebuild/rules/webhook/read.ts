import type { Dialect } from '../../../../kernel/git-hooks/dialect.ts';
import type { ServerType } from '../../api.gen.ts';
import { readBitbucket } from './bitbucket.ts';
import type { Delivered } from './event.ts';
import { readGitHub } from './github.ts';
import { readGitLab } from './gitlab.ts';

const DIALECTS: Readonly<Record<ServerType, Exclude<Dialect, 'gitea'>>> = {
  GITHUB: 'github',
  GITHUB_ENTERPRISE: 'github',
  GITLAB: 'gitlab',
  GITLAB_SELF_MANAGED: 'gitlab',
  BITBUCKET: 'bitbucket',
};

/** The words in which a server of this kind speaks. */
export function dialectOf(server: ServerType): Exclude<Dialect, 'gitea'> {
  return DIALECTS[server];
}

/** A delivery in our vocabulary. `event` is what the header named. */
export function readDelivery(server: ServerType, event: string, payload: unknown): Delivered {
  switch (DIALECTS[server]) {
    case 'github':
      return readGitHub(event, payload);
    case 'gitlab':
      return readGitLab(payload);
    case 'bitbucket':
      return readBitbucket(event, payload);
  }
}
