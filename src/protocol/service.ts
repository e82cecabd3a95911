import type { Clock } from '../kernel/clock.ts';
import type { Ids } from '../kernel/ids.ts';
import type { Logger } from '../kernel/log.ts';
import type { Bus } from '../ports/bus.ts';
import type { Commits, Migration, Reader } from '../ports/database.ts';
import type { Refuse } from './codec/refusal.ts';
import type { ServiceModel } from './model.ts';

/** What every service is given. A service that needs more asks for it in its own factory's parameter. */
export interface ServiceTools {
  readonly db: Reader;
  readonly commits: Commits;
  readonly bus: Bus;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Logger;
}

/** A service as the edge sees it. `Api` is the generated interface; operations that are missing answer "not implemented". */
export interface Service<Api = object> {
  readonly model: ServiceModel;
  readonly operations: Partial<Api>;
  /** The service's own errors for input that breaks its model, where it has some; else the common validation error answers. */
  readonly refuse?: Refuse;
  readonly migrations?: readonly Migration[];
  /** Called once, after migrations and before the first request: recover, start background work. */
  start?(): Promise<void>;
  /** Stops background work; what is under way may finish. */
  stop?(): Promise<void>;
}
