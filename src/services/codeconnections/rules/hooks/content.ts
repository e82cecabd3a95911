import type { GitAuthor, GitEvent } from '../../../../kernel/git-event.ts';
import { present } from '../../../../kernel/git-hooks/read.ts';

/** What a delivery says, once read. `nothing` names what it was that does not concern us. */
export type HookContent =
  | { readonly kind: 'events'; readonly events: readonly GitEvent[] }
  | { readonly kind: 'nothing'; readonly why: string };

export const nothing = (why: string): HookContent => ({ kind: 'nothing', why });
export const events = (...found: readonly GitEvent[]): HookContent => ({ kind: 'events', events: found });

export function author(id: string | undefined, name: string | undefined, email: string | undefined): GitAuthor | undefined {
  const found = present<GitAuthor>({ id, name, email } as GitAuthor);
  return Object.keys(found).length === 0 ? undefined : found;
}
