import { expect } from 'vitest';
import { EventGrammar } from './event-grammar.ts';
import { context } from './scenario-call.ts';
import type { Evidence } from './scenario.ts';

const MOST = 100;

/** The public events make sense, history says the same as they do, and the database gives back the state that the shell has. */
export async function examine({ service, events, live, stored }: Evidence): Promise<void> {
  expect(JSON.stringify(stored)).toBe(JSON.stringify(live));
  const grammar = new EventGrammar();
  for (const { detail } of events) grammar.take(detail);
  const status = (said: string) => (said === 'STARTED' || said === 'RESUMED' ? 'INPROGRESS' : said);
  const told = (states: ReadonlyMap<string, string>) => [...states].map(([id, said]) => `${id} ${status(said)}`).toSorted();
  const pipelineName = live!.name;
  const { pipelineExecutionSummaries = [] } = await service.listPipelineExecutions!({ pipelineName, maxResults: MOST }, context);
  const executions = pipelineExecutionSummaries.map((one) => `${one.pipelineExecutionId} ${one.status?.toUpperCase()}`);
  expect(executions.toSorted()).toEqual(told(grammar.executions));
  const actions: string[] = [];
  for (let nextToken: string | undefined, first = true; first || nextToken !== undefined; first = false) {
    const page = await service.listActionExecutions!(
      { pipelineName, maxResults: MOST, ...(nextToken !== undefined && { nextToken }) },
      context,
    );
    for (const one of page.actionExecutionDetails ?? []) actions.push(`${one.actionExecutionId} ${one.status?.toUpperCase()}`);
    nextToken = page.nextToken;
  }
  expect(actions.toSorted()).toEqual(told(grammar.actions));
}
