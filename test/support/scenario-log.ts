import type { JsonObject } from '../../src/kernel/json.ts';

/** When scenarios begin, epoch ms. */
export const START = Date.UTC(2026, 0, 1);

/** What a public event says, of whichever log. */
export interface Told {
  readonly time: number;
  readonly detail: JsonObject;
}

/** `4s #1 action Build/Compile FAILED (because)`; executions are numbered in the order in which they are first told of. */
export function eventLine({ time, detail }: Told, numbers: Map<string, number>): string {
  const { stage, action, state } = detail as Readonly<Record<string, string | undefined>>;
  const { 'execution-id': execution = '' } = detail as Readonly<Record<string, string | undefined>>;
  if (!numbers.has(execution)) numbers.set(execution, numbers.size + 1);
  const what = action ? `action ${stage}/${action}` : stage ? `stage ${stage}` : 'pipeline';
  const result = detail['execution-result'] as Record<string, string> | undefined;
  const summary = state === 'FAILED' && result ? ` (${result['external-execution-summary']})` : '';
  return `${(time - START) / 1000}s #${numbers.get(execution)} ${what} ${state}${summary}`;
}
