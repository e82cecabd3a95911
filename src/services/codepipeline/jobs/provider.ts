import { write } from '../../../ports/database.ts';
import type { ServiceTools } from '../../../protocol/service.ts';
import type { ActionJob, ActionProvider, Progress } from '../provider.ts';
import { catalogueKey, type CatalogueEntry } from '../rules/catalogue.ts';
import { entryOf, type CustomType } from '../rules/custom-type.ts';
import type { KnownType } from './custom-types.ts';
import { jobSql, type JobRow } from './tables.ts';

/** Jobs that are over are remembered this long, so that a late worker is told so. */
const REMEMBERED_MS = 24 * 3_600_000;

/** `name=value` of the property that workers may ask for: https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_PollForJobs.html */
export function queryOf({ properties }: CustomType, configuration: ActionJob['configuration']): string {
  const name = properties.find((property) => property.queryable)?.name;
  return name === undefined ? '' : `${name}=${configuration[name] ?? ''}`;
}

/**
 * An action that a worker does: starting it puts a job up for whoever polls, under the action execution's own id, so that a second
 * start finds the first one's. The result comes as a command, not by looking.
 */
export function jobProvider({ type, deleted }: KnownType, { db, commits, ids, clock }: ServiceTools): ActionProvider & CatalogueEntry {
  const entry = entryOf(type);
  const running = (job: ActionJob): Progress => ({ kind: 'running', ref: { id: job.id }, wakeOn: [] });
  return {
    type: type.id as ActionProvider['type'],
    ...entry,
    settings: entry.settings as ActionProvider['settings'],
    ...(type.settings.entityUrlTemplate !== undefined && { entityUrlTemplate: type.settings.entityUrlTemplate }),
    async start(job) {
      // Nobody can poll for it any more: to wait for the time-out would help nobody.
      if (deleted && !(await db.get<JobRow>(jobSql.get, job.id))) return withdrawn(type);
      const key = [job.id, job.id, job.account, job.region, catalogueKey(type.id), job.pipeline.name, job.executionId];
      const now = clock.now();
      await commits.commit([
        write(jobSql.sweep, [now - REMEMBERED_MS]),
        write(jobSql.insert, [...key, queryOf(type, job.configuration), ids.uuid(), now]),
      ]);
      return running(job);
    },
    poll: async (_job, ref) => ({ kind: 'running', ref, wakeOn: [] }),
    // The worker hears of it when it reports: the job is over.
    stop: (job) => commits.commit([write(jobSql.endRun, [clock.now(), job.id])]),
  };
}

/** What becomes of an action that no worker will ever be given. */
export function withdrawn({ id }: CustomType): Extract<Progress, { kind: 'failed' }> {
  const message = `The action type ${catalogueKey(id)} was deleted: no worker can poll for its jobs.`;
  return { kind: 'failed', reason: 'ConfigurationError', message };
}
