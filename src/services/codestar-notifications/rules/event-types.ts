import type { Json, JsonObject } from '../../../kernel/json.ts';
import { isObject } from '../../../kernel/json.ts';

/** An event as it came over the bus. */
export interface SourceEvent {
  readonly account: string;
  readonly region: string;
  readonly source: string;
  readonly detailType: string;
  readonly resources: readonly string[];
  readonly detail: JsonObject;
}

/** One thing that a rule may tell of. */
export interface EventType {
  readonly id: string;
  readonly service: 'CodePipeline' | 'CodeBuild' | 'CodeCommit';
  readonly name: string;
  readonly resource: 'Pipeline' | 'Project' | 'Repository';
  matches(event: SourceEvent): boolean;
}

interface Family {
  readonly service: EventType['service'];
  readonly resource: EventType['resource'];
  /** The ids and names are these, and what stands in the table. */
  readonly prefix: string;
  readonly title: string;
  readonly detailType: string;
  readonly field: string;
  /** The end of the id → the values of the field that it is about. */
  readonly states: Readonly<Record<string, readonly string[]>>;
  readonly only?: (detail: JsonObject) => boolean;
}

function isApproval({ type }: JsonObject): boolean {
  return isObject(type) && type.category === 'Approval';
}

const PIPELINE = { service: 'CodePipeline', resource: 'Pipeline' } as const;
const PROJECT = { service: 'CodeBuild', resource: 'Project' } as const;
const ACTION = 'CodePipeline Action Execution State Change';

/**
 * https://docs.aws.amazon.com/dtconsole/latest/userguide/concepts.html#concepts-api: the types whose events are raised here. AWS
 * calls canceled what its events call stopped or abandoned as well.
 */
const FAMILIES: readonly Family[] = [
  {
    ...PIPELINE,
    prefix: 'codepipeline-pipeline-action-execution',
    title: 'Action execution',
    detailType: ACTION,
    field: 'state',
    states: { succeeded: ['SUCCEEDED'], failed: ['FAILED'], canceled: ['CANCELED', 'ABANDONED'], started: ['STARTED'] },
  },
  {
    ...PIPELINE,
    prefix: 'codepipeline-pipeline-stage-execution',
    title: 'Stage execution',
    detailType: 'CodePipeline Stage Execution State Change',
    field: 'state',
    states: {
      started: ['STARTED'],
      succeeded: ['SUCCEEDED'],
      resumed: ['RESUMED'],
      canceled: ['CANCELED', 'STOPPED'],
      failed: ['FAILED'],
    },
  },
  {
    ...PIPELINE,
    prefix: 'codepipeline-pipeline-pipeline-execution',
    title: 'Pipeline execution',
    detailType: 'CodePipeline Pipeline Execution State Change',
    field: 'state',
    states: {
      failed: ['FAILED'],
      canceled: ['CANCELED', 'STOPPED'],
      started: ['STARTED'],
      resumed: ['RESUMED'],
      succeeded: ['SUCCEEDED'],
      superseded: ['SUPERSEDED'],
    },
  },
  {
    ...PIPELINE,
    prefix: 'codepipeline-pipeline-manual-approval',
    title: 'Manual approval',
    detailType: ACTION,
    field: 'state',
    states: { failed: ['FAILED'], needed: ['STARTED'], succeeded: ['SUCCEEDED'] },
    only: isApproval,
  },
  {
    ...PROJECT,
    prefix: 'codebuild-project-build-state',
    title: 'Build state',
    detailType: 'CodeBuild Build State Change',
    field: 'build-status',
    states: { failed: ['FAILED', 'FAULT', 'TIMED_OUT'], succeeded: ['SUCCEEDED'], 'in-progress': ['IN_PROGRESS'], stopped: ['STOPPED'] },
  },
  {
    ...PROJECT,
    prefix: 'codebuild-project-build-phase',
    title: 'Build phase',
    detailType: 'CodeBuild Build Phase Change',
    field: 'completed-phase-status',
    states: { failure: ['FAILED', 'FAULT', 'TIMED_OUT', 'CLIENT_ERROR'], success: ['SUCCEEDED'] },
  },
  {
    service: 'CodeCommit',
    resource: 'Repository',
    prefix: 'codecommit-repository-branches-and-tags',
    title: 'Branches and tags',
    detailType: 'CodeCommit Repository State Change',
    field: 'event',
    states: { created: ['referenceCreated'], deleted: ['referenceDeleted'], updated: ['referenceUpdated'] },
  },
];

const isOneOf = (value: Json | undefined, values: readonly string[]): boolean => typeof value === 'string' && values.includes(value);

function typesOf({ service, resource, prefix, title, detailType, field, states, only }: Family): EventType[] {
  const source = `aws.${service.toLowerCase()}`;
  return Object.entries(states).map(([end, values]) => ({
    id: `${prefix}-${end}`,
    service,
    resource,
    name: `${title}: ${end.charAt(0).toUpperCase()}${end.slice(1).replace('-', ' ')}`,
    matches: (event) =>
      event.source === source && event.detailType === detailType && isOneOf(event.detail[field], values) && (only?.(event.detail) ?? true),
  }));
}

export const EVENT_TYPES: readonly EventType[] = FAMILIES.flatMap(typesOf);

const BY_ID: ReadonlyMap<string, EventType> = new Map(EVENT_TYPES.map((type) => [type.id, type]));

export function eventType(id: string): EventType | undefined {
  return BY_ID.get(id.toLowerCase());
}

/** The resource that a rule names for such an event: a build's project, else what the event is about. */
export function resourceOf({ source, account, region, resources, detail }: SourceEvent): string | undefined {
  if (source !== 'aws.codebuild') return resources[0];
  const project = detail['project-name'];
  return typeof project === 'string' ? `arn:aws:codebuild:${region}:${account}:project/${project}` : undefined;
}
