import type { BatchTask } from './types.ts';

/** What makes the tasks no batch. `index`: of the task it is about; `dependency`: of the entry of its depend-on. */
export interface TaskProblem {
  readonly index: number;
  readonly dependency?: number;
  readonly message: string;
}

type Tasks = readonly Pick<BatchTask, 'identifier' | 'dependsOn'>[];

/** Identifiers name artifacts and variables too: https://docs.aws.amazon.com/codebuild/latest/userguide/sample-codepipeline.html */
const IDENTIFIER = /^[A-Za-z0-9_]{1,128}$/;
/** Names of the parts that a batch has beside its tasks. */
export const DOWNLOAD_SOURCE = 'DOWNLOAD_SOURCE';
export const COMBINE_ARTIFACTS = 'COMBINE_ARTIFACTS';

/** Checks what holds of all kinds of batches: identifiers and what they depend on. */
export function taskProblems(tasks: Tasks): readonly TaskProblem[] {
  const known = new Map<string, number>();
  const found: TaskProblem[] = [];
  for (const [index, { identifier }] of tasks.entries()) {
    if (identifier === DOWNLOAD_SOURCE || identifier === COMBINE_ARTIFACTS)
      found.push({ index, message: `The identifier ${identifier} is taken: a part of every batch has it` });
    else if (!IDENTIFIER.test(identifier))
      found.push({ index, message: `Invalid identifier ${identifier}: only letters, digits and underscores are allowed` });
    else if (known.has(identifier)) found.push({ index, message: `The identifier ${identifier} is given twice` });
    known.set(identifier, index);
  }
  for (const [index, { identifier, dependsOn }] of tasks.entries()) {
    for (const [dependency, name] of dependsOn.entries()) {
      if (known.has(name)) continue;
      found.push({ index, dependency, message: `${identifier} depends on ${name}, and no task has that identifier` });
    }
  }
  return found.length > 0 ? found : cycle(tasks, known);
}

/** The tasks that are left when, again and again, those are taken away whose dependencies are gone: they wait for each other. */
function cycle(tasks: Tasks, indexes: ReadonlyMap<string, number>): readonly TaskProblem[] {
  const left = new Map(tasks.map((task) => [task.identifier, task]));
  for (let before = -1; before !== left.size;) {
    before = left.size;
    for (const task of left.values()) if (!task.dependsOn.some((name) => left.has(name))) left.delete(task.identifier);
  }
  const [first] = left.values();
  if (!first) return [];
  const path = [first.identifier];
  for (;;) {
    const next = left.get(path.at(-1)!)!.dependsOn.find((name) => left.has(name))!;
    const start = path.indexOf(next);
    path.push(next);
    if (start !== -1) {
      const round = path.slice(start);
      const message = `The tasks depend on each other in a circle: ${round.join(' -> ')}`;
      const index = indexes.get(round[0]!)!;
      return [{ index, dependency: left.get(round[0]!)!.dependsOn.indexOf(round[1]!), message }];
    }
  }
}
