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
    const runs = Object.entries(old.stages[execution.stage]?.runs ?? {}).filter(
      ([, run]) => run.current === true && run.executionId === execution.id,
    );
    return { ...execution, marks: [], passage: { ...FRESH, runs: Object.fromEntries(runs) } };
  });
  const stages = Object.entries(old.stages).map(([name, stage]) => {
    return [name, stage.latest ? { ...stage, latest: { ...stage.latest, conditions: {} } } : stage] as const;
  });
  return { ...old, stages: Object.fromEntries(stages), executions: Object.fromEntries(executions.map((one) => [one.id, one])) };
}
