import { noFaults, type Faults } from '../kernel/fault.ts';
import { write } from '../ports/database.ts';
import type { Aggregates, DomainEvent, Performer, ProcessType } from './process.ts';
import { Processes, type EngineTools } from './processes.ts';
import { Sleeper } from './sleeper.ts';
import { sql } from './tables.ts';

export interface Engine {
  /** Before `start`: makes a process type known and gives the handle on its aggregates. */
  register<S, E extends DomainEvent, C>(type: ProcessType<S, E, C>, performers: Readonly<Record<string, Performer<C>>>): Aggregates<S, C>;
  /** Claims what an earlier run left, loads the open aggregates, performs their pending effects, lets overdue timers ring. */
  start(): Promise<void>;
  /** The one timer, for whoever waits for a time beside the aggregates. */
  readonly sleeper: Sleeper;
  /** Rings the alarms that are due: for tests with a manual clock. */
  tick(): void;
  close(): void;
}

export function createEngine(tools: Omit<EngineTools, 'faults'> & { readonly faults?: Faults }): Engine {
  const sleeper = new Sleeper(tools.clock);
  const starters: { start(): Promise<void>; close(): void }[] = [];
  let epoch = 0;
  const shared = { ...tools, faults: tools.faults ?? noFaults, sleeper, epoch: () => epoch };
  return {
    register(type, performers) {
      const processes = new Processes(type, performers, shared);
      starters.push(processes);
      return processes;
    },
    async start() {
      const row = await tools.reader.get<{ epoch: number }>(sql.epoch);
      epoch = (row?.epoch ?? 0) + 1;
      await tools.commits.commit([write(sql.setEpoch, [epoch]), write(sql.claimEffects, [epoch])]);
      for (const processes of starters) await processes.start();
    },
    sleeper,
    tick: () => sleeper.ring(),
    close() {
      for (const processes of starters) processes.close();
      sleeper.close();
    },
  };
}
