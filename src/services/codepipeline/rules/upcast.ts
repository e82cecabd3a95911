import { FRESH } from './evolve-stage.ts';
import type { ActionRun, Execution, PipelineState, StageState } from './state.ts';

type OldRun = ActionRun & { readonly current?: boolean };
type OldState = Omit<PipelineState, 'stages' | 'executions'> & {
  readonly stages: Readonly<Record<string, Omit<StageState, 'runs'> & { readonly runs: Readonly<Record<string, OldRun>> }>>;
  readonly executions: Readonly<Record<string, Omit<Execution, 'passage' | 'marks'>>>;
};

/** Shape 1 kept the runs that count with the stage; since PARALLEL mode each execution has its own. */
export function upcast(snapshot: unknown, version: number): PipelineState {
  if (version !== 1) throw new Error(`a pipeline's snapshot of shape ${version} is not known`);
  const old = snapshot as OldState;
  const executions = Object.values(old.executions).map((execution): Execution => {
    const own = Object.entries(old.stages[execution.stage]?.runs ?? {}).filter(
      ([, run]) => run.current === true && run.executionId === execution.id,
    );
    return { ...execution, marks: [], passage: { ...FRESH, runs: runsOf(own) } };
  });
  const stages = Object.entries(old.stages).map(([name, { latest, runs, ...stage }]) => {
    return [name, { ...stage, runs: runsOf(Object.entries(runs)), ...(latest && { latest: { ...latest, conditions: {} } }) }] as const;
  });
  return { ...old, stages: Object.fromEntries(stages), executions: Object.fromEntries(executions.map((one) => [one.id, one])) };
}

function runsOf(runs: readonly (readonly [string, OldRun])[]): Readonly<Record<string, ActionRun>> {
  return Object.fromEntries(
    runs.map(([name, old]) => {
      const { current: _, ...run } = old;
      return [name, run];
    }),
  );
}
