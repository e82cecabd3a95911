import { write } from '../../../ports/database.ts';
import type { ServiceTools } from '../../../protocol/service.ts';
import type { ActionJob, ActionProvider, Progress } from '../provider.ts';
import { catalogueKey } from '../rules/catalogue.ts';
import { entryOf, type CustomType } from '../rules/custom-type.ts';
import { jobSql } from './tables.ts';

/** `name=value` of the property that workers may ask for: https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_PollForJobs.html */
export function queryOf({ properties }: CustomType, configuration: ActionJob['configuration']): string {
  const name = properties.find((property) => property.queryable)?.name;
  return name === undefined ? '' : `${name}=${configuration[name] ?? ''}`;
}

/**
 * An action that a worker does: starting it puts a job up for whoever polls, under the action execution's own id, so that a second
 * start finds the first one's. The result comes as a command, not by looking.
 */
export function jobProvider(type: CustomType, { commits, ids, clock }: ServiceTools): ActionProvider {
  const { timeoutMinutes, settings, artifacts } = entryOf(type);
  const running = (job: ActionJob): Progress => ({ kind: 'running', ref: { id: job.id }, wakeOn: [] });
  return {
    type: type.id as ActionProvider['type'],
    timeoutMinutes,
    settings: settings as ActionProvider['settings'],
    artifacts,
    async start(job) {
      const key = [job.id, job.account, job.region, catalogueKey(type.id), job.pipeline.name, job.executionId];
      await commits.commit([write(jobSql.insert, [...key, queryOf(type, job.configuration), ids.uuid(), clock.now()])]);
      return running(job);
    },
    poll: async (job) => running(job),
    // The worker hears of it when it reports: the job is over.
    stop: (job) => commits.commit([write(jobSql.end, ['Failed', job.id])]),
  };
}
