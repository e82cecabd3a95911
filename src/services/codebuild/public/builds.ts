import type { Reader } from '../../../ports/database.ts';
import type { Aws } from '../../aws.gen.ts';
import type { Build, Project } from '../api.gen.ts';
import { sql } from '../tables.ts';
import { publicSql } from './tables.ts';

const MOST = 100;

interface Place {
  readonly account: string;
  readonly region: string;
  readonly project: Project;
}

export interface PublicBuildTools {
  readonly db: Reader;
  readonly aws: Aws;
}

/** The project of an alias, as long as it is public. */
async function publicProject({ db }: PublicBuildTools, alias: string): Promise<Place | undefined> {
  type Row = { readonly account: string; readonly region: string; readonly data: string };
  const row = await db.get<Row>(publicSql.byAlias, alias);
  if (!row) return undefined;
  const project = JSON.parse(row.data) as Project;
  return project.projectVisibility === 'PUBLIC_READ' ? { account: row.account, region: row.region, project } : undefined;
}

async function storedBuild({ db }: PublicBuildTools, { account, region }: Place, id: string): Promise<Build | undefined> {
  const row = await db.get<{ data: string }>(sql.build, account, region, id);
  return row && (JSON.parse(row.data) as Build);
}

/** What everybody may know of a build: not what its environment holds. */
function shown(build: Build) {
  const { id = '', buildNumber = 0, buildStatus = '', startTime = 0, endTime, sourceVersion, resolvedSourceVersion, phases = [] } = build;
  return {
    number: buildNumber,
    uuid: id.slice(id.lastIndexOf(':') + 1),
    status: buildStatus,
    started: startTime,
    ...(endTime !== undefined && { ended: endTime }),
    ...(sourceVersion !== undefined && { sourceVersion }),
    ...(resolvedSourceVersion !== undefined && { resolvedVersion: resolvedSourceVersion }),
    phases: phases.map(({ phaseType = '', phaseStatus, durationInSeconds, contexts = [] }) => {
      const message = contexts.flatMap(({ message: text }) => text ?? []).join(' ');
      return {
        type: phaseType,
        status: phaseStatus ?? (phaseType === 'COMPLETED' ? '' : 'IN_PROGRESS'),
        ...(durationInSeconds !== undefined && { seconds: durationInSeconds }),
        ...(message !== '' && { message }),
      };
    }),
  };
}

/** The log, page by page as it is read. */
async function* logLines({ aws }: PublicBuildTools, { account, region, project }: Place, build: Build): AsyncGenerator<string> {
  const { groupName: logGroupName = '', streamName: logStreamName = '' } = build.logs ?? {};
  const role = project.resourceAccessRole!;
  const { logs } = aws.as({ account, region, role, session: 'AWSCodeBuild-public', purpose: 'build' });
  let nextToken: string | undefined;
  for (;;) {
    const place = { logGroupName, logStreamName, startFromHead: true };
    const page = await logs.getLogEvents({ ...place, ...(nextToken !== undefined && { nextToken }) });
    for (const { message = '' } of page.events ?? []) yield message;
    if (page.nextForwardToken === undefined || page.nextForwardToken === nextToken) return;
    nextToken = page.nextForwardToken;
  }
}

/** Builds of public projects, for whoever has the alias. https://docs.aws.amazon.com/codebuild/latest/userguide/public-builds.html */
export function publicBuilds(tools: PublicBuildTools) {
  const find = async (alias: string, uuid: string) => {
    const place = await publicProject(tools, alias);
    const build = place && (await storedBuild(tools, place, `${place.project.name}:${uuid}`));
    return place && build ? { place, build } : undefined;
  };
  return {
    async project(alias: string) {
      const place = await publicProject(tools, alias);
      if (!place) return undefined;
      const { account, region, project } = place;
      const newest = [account, region, project.name!, Number.MAX_SAFE_INTEGER, MOST] as const;
      const rows = await tools.db.all<{ id: string }>(sql.buildsOfProjectDescending, ...newest);
      const builds = await Promise.all(rows.map(({ id }) => storedBuild(tools, place, id)));
      return { name: project.name!, builds: builds.flatMap((build) => (build ? [shown(build)] : [])) };
    },
    async build(alias: string, uuid: string) {
      const found = await find(alias, uuid);
      return found && { name: found.place.project.name!, build: shown(found.build) };
    },
    async log(alias: string, uuid: string) {
      const found = await find(alias, uuid);
      // Without a role that may read them, logs are shown to nobody, as in AWS.
      if (!found?.place.project.resourceAccessRole || found.build.logs?.streamName === undefined) return undefined;
      return logLines(tools, found.place, found.build);
    },
  };
}
