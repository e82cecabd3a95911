import type { CurrentRevision, ExecutionDetails } from '../api.gen.ts';
import type { ExternalRef } from '../provider.ts';
import type { CustomType } from '../rules/custom-type.ts';
import { urlOf } from '../rules/job-urls.ts';
import type { LiveJob } from './job-data.ts';

export interface Success {
  readonly currentRevision?: CurrentRevision | undefined;
  readonly continuationToken?: string | undefined;
  readonly executionDetails?: ExecutionDetails | undefined;
  readonly outputVariables?: Readonly<Record<string, string>> | undefined;
}

/** Bytes of names and values. */
export function sizeOf(variables: Readonly<Record<string, string>>): number {
  return Object.entries(variables).reduce((bytes, [name, value]) => bytes + Buffer.byteLength(name) + Buffer.byteLength(value), 0);
}

/** The worker's own run: what it was called before stays, where nothing is said of it now. */
export function refOf({ ref, job }: LiveJob, type: CustomType | undefined, externalExecutionId: string | undefined): ExternalRef {
  if (externalExecutionId === undefined) return ref;
  const url = urlOf(type?.settings.executionUrlTemplate, job.configuration, externalExecutionId);
  return { id: externalExecutionId, ...(url !== undefined && { url }) };
}
