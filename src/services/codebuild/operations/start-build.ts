import { pipelineOf } from '../../../kernel/pipeline-session.ts';
import { WriteConflict } from '../../../ports/database.ts';
import type { CallContext } from '../../../protocol/context.ts';
import { errors, type Api, type Build, type StartBuildInput } from '../api.gen.ts';
import { newBuild, type BuildIdentity } from '../rules/build/new-build.ts';
import { aggregateId, type BuildSpec } from '../rules/build/state.ts';
import { buildView } from '../rules/build/view.ts';
import { sql } from '../tables.ts';
import { buildId, findProject, type OperationTools } from './tools.ts';

type Operations = Pick<Api, 'startBuild' | 'retryBuild'>;

/** Calls that take a number at the same instant meet; each meeting lets one through. */
const TRIES = 1_000;

/** `codepipeline/NAME`, a user's name, or a role's session: https://docs.aws.amazon.com/codebuild/latest/userguide/build-env-ref-env-vars.html */
function initiatorOf({ principal }: CallContext): string {
  const pipeline = principal.session === 'pipeline' ? pipelineOf(principal.arn) : undefined;
  if (pipeline) return `codepipeline/${pipeline.pipeline}`;
  if (principal.kind === 'root') return 'root';
  return principal.arn.slice(principal.arn.indexOf('/') + 1);
}

type Place = Pick<CallContext, 'account' | 'region'>;

async function startedBefore(tools: OperationTools, ctx: Place, project: string, token: string | undefined): Promise<Build | undefined> {
  if (token === undefined) return undefined;
  const row = await tools.db.get<{ build: string }>(sql.token, ctx.account, ctx.region, project, token);
  return row && storedBuild(tools, ctx, row.build);
}

/** A build of the history, as it stands. */
export async function storedBuild(tools: OperationTools, ctx: Place, id: string): Promise<Build | undefined> {
  const row = await tools.db.get<{ data: string }>(sql.build, ctx.account, ctx.region, id);
  return row && (JSON.parse(row.data) as Build);
}

async function submit(tools: OperationTools, spec: BuildSpec): Promise<Build> {
  const id = aggregateId(spec.account, spec.region, `${spec.project}:${spec.uuid}`);
  return buildView(await tools.builds.send(id, { type: 'submit', spec }));
}

/** Who, or what, a build is started by. */
export type BuildOrigin = Pick<BuildIdentity, 'initiator' | 'webhook'>;

/** Starts a build on somebody's behalf; answers the earlier one where the token was used already. */
export async function startBuildAs(tools: OperationTools, ctx: Place, input: StartBuildInput, origin: BuildOrigin): Promise<Build> {
  for (let tries = 0; ; tries++) {
    const found = await findProject(tools, ctx, input.projectName);
    if (!found) throw errors.ResourceNotFoundException(`Project cannot be found: ${input.projectName}`);
    const before = await startedBefore(tools, ctx, found.project.name!, input.idempotencyToken);
    if (before) return before;
    const { account, region } = ctx;
    const identity = { account, region, uuid: tools.ids.uuid(), number: found.builds + 1, ...origin };
    try {
      return await submit(tools, newBuild(found.project, input, identity));
    } catch (error) {
      // The number or the token was taken meanwhile: look again.
      if (!(error instanceof WriteConflict) || tries === TRIES) throw error;
    }
  }
}

export function startOperations(tools: OperationTools): Operations {
  return {
    startBuild: async (input, ctx) => ({ build: await startBuildAs(tools, ctx, input, { initiator: initiatorOf(ctx) }) }),

    async retryBuild({ id, idempotencyToken }, ctx) {
      const wanted = buildId(id ?? '');
      const build = await storedBuild(tools, ctx, wanted);
      if (!build) throw errors.ResourceNotFoundException(`Build cannot be found: ${wanted}`);
      if (!build.buildComplete)
        throw errors.InvalidInputException(`Build ${wanted} is in progress: only a build that has ended can be retried`);
      const state = await tools.builds.state(aggregateId(ctx.account, ctx.region, wanted));
      const spec = state?.spec;
      if (!spec) throw errors.InvalidInputException(`Build ${wanted} can no longer be retried`);
      const input: StartBuildInput = {
        projectName: spec.project,
        ...(spec.sourceVersion !== undefined && { sourceVersion: spec.sourceVersion }),
        sourceTypeOverride: spec.source.type,
        sourceLocationOverride: spec.source.location,
        buildspecOverride: spec.source.buildspec,
        artifactsOverride: spec.artifacts,
        secondarySourcesOverride: spec.secondarySources,
        secondaryArtifactsOverride: spec.secondaryArtifacts,
        environmentVariablesOverride: spec.environment.environmentVariables,
        imageOverride: spec.environment.image,
        ...(idempotencyToken !== undefined && { idempotencyToken }),
      };
      const { webhook } = spec;
      return { build: await startBuildAs(tools, ctx, input, { initiator: initiatorOf(ctx), ...(webhook && { webhook }) }) };
    },
  };
}
