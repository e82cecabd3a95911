import type { Sleeper } from '../engine/sleeper.ts';
import type { Clock } from '../kernel/clock.ts';
import { messageOf } from '../kernel/errors.ts';
import type { Logger } from '../kernel/log.ts';

export interface Chore {
  readonly name: string;
  readonly everyMs: number;
  run(): Promise<unknown>;
}

/** Runs each chore again and again, the first time after its interval; one that fails is logged and comes round again. */
export function startHousekeeping(
  chores: readonly Chore[],
  tools: { readonly sleeper: Sleeper; readonly clock: Clock; readonly log: Logger },
): void {
  const { sleeper, clock, log } = tools;
  const schedule = (chore: Chore): void =>
    sleeper.set(`chore ${chore.name}`, clock.now() + chore.everyMs, () => {
      void chore
        .run()
        .catch((error: unknown) => log.error('a chore failed', { chore: chore.name, error: messageOf(error) }))
        .finally(() => schedule(chore));
    });
  for (const chore of chores) schedule(chore);
}
