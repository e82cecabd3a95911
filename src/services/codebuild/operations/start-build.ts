import { pipelineOf } from '../../../kernel/pipeline-session.ts';
import { WriteConflict } from '../../../ports/database.ts';
import type { CallContext } from '../../../protocol/context.ts';
import { errors, type Api, type Build, type StartBuildInput } from '../api.gen.ts';
import { requireFleet } from '../fleets/fleets.ts';
import { newBuild, type BuildIdentity } from '../rules/build/new-build.ts';
import { aggregateId, type BuildSpec } from '../rules/build/state.ts';
import { buildView } from '../rules/build/view.ts';
import { publicUrlOf } from '../public/address.ts';
import { requireBuild, type Place } from './stored-build.ts';
import { startedBefore, startToken, type StartToken } from './tokens.ts';
import { requireProject, type OperationTools, type StoredProject } from './tools.ts';

type Operations = Pick<Api, 'startBuild' | 'retryBuild'>;

/** Calls that take a number at the same instant meet; each meeting lets one through. */
export const TRIES = 1_000;

/** `codepipeline/NAME`, a user's name, or a role's session: https://docs.aws.amazon.com/codebuild/latest/userguide/build-env-ref-env-vars.html */
export function initiatorOf({ principal }: CallContext): string {
  const pipeline = principal.session === 'pipeline' ? pipelineOf(principal.arn) : undefined;
  if (pipeline) return `codepipeline/${pipeline.pipeline}`;
  if (principal.kind === 'root') return 'root';
  return principal.arn.slice(principal.arn.indexOf('/') + 1);
}

async function submit(tools: Pick<OperationTools, 'builds'>, spec: BuildSpec): Promise<Build> {
  const id = aggregateId(spec.account, spec.region, `${spec.project}:${spec.uuid}`);
  return buildView(await tools.builds.send(id, { type: 'submit', spec }));
}

export type StartTools = Pick<OperationTools, 'db' | 'ids' | 'builds' | 'clock'> & { readonly publicEndpoint: () => string };

/** Who, or what, a build is started by. */
export type BuildOrigin = Pick<BuildIdentity, 'initiator' | 'webhook'>;

/** The caches that a project's builds use by now. */
export function cachesOf({ extras }: StoredProject): Pick<BuildIdentity, 'cacheGeneration'> {
  const { cache_generation: cacheGeneration } = extras;
  return cacheGeneration > 0 ? { cacheGeneration } : {};
}

/** Makes a build of what is given the next number; answers the earlier one where the token was used already. */
async function numbered(
  tools: StartTools,
  { place, name, token }: { readonly place: Place; readonly name: string; readonly token: StartToken | undefined },
  specOf: (found: StoredProject, identity: Omit<BuildIdentity, 'account' | 'region' | 'initiator' | 'webhook'>) => BuildSpec,
): Promise<Build> {
  for (let tries = 0; ; tries++) {
    const found = await requireProject(tools, place, name);
    const before = token && (await startedBefore(tools, place, found.project.name!, token));
    if (before) return before;
    const uuid = tools.ids.uuid();
    const publicUrl = publicUrlOf(tools.publicEndpoint(), found, uuid);
    const identity = { uuid, number: found.builds + 1, ...cachesOf(found), ...(publicUrl !== undefined && { publicUrl }) };
    try {
      return await submit(tools, { ...specOf(found, identity), ...token });
    } catch (error) {
      // The number or the token was taken meanwhile: look again.
      if (!(error instanceof WriteConflict) || tries === TRIES) throw error;
    }
  }
}

/** Starts a build on somebody's behalf; answers the earlier one where the token was used already. */
export async function startBuildAs(
  tools: StartTools,
  place: Place,
  { idempotencyToken, ...input }: StartBuildInput,
  {
    token = idempotencyToken === undefined ? undefined : { token: idempotencyToken },
    ...origin
  }: BuildOrigin & { token?: StartToken | undefined },
): Promise<Build> {
  const { account, region } = place;
  if (input.fleetOverride) await requireFleet(tools.db, place, { fleet: input.fleetOverride });
  return numbered(tools, { place, name: input.projectName, token }, ({ project }, identity) =>
    newBuild(project, input, { account, region, ...identity, ...origin }),
  );
}

/** Starts a build as it was started before, whatever has become of its project's settings. */
export function startAgain(tools: StartTools, spec: BuildSpec, token: StartToken | undefined): Promise<Build> {
  const { token: _, request: __, publicUrl: ___, batch: ____, cacheGeneration: _____, ...same } = spec;
  return numbered(tools, { place: spec, name: spec.project, token }, (_found, identity) => ({ ...same, ...identity }));
}

export function startOperations(tools: StartTools): Operations {
  return {
    async startBuild(input, ctx) {
      const token = startToken(ctx, 'StartBuild', input);
      return { build: await startBuildAs(tools, ctx, input, { initiator: initiatorOf(ctx), token }) };
    },

    async retryBuild(input, ctx) {
      const { id, build } = await requireBuild(tools, ctx, input.id ?? '');
      if (!build.buildComplete)
        throw errors.InvalidInputException(`Build ${id} is in progress: only a build that has ended can be retried`);
      const spec = (await tools.builds.state(aggregateId(ctx.account, ctx.region, id)))?.spec;
      if (!spec) throw errors.InvalidInputException(`Build ${id} can no longer be retried`);
      const { autoRetry } = spec;
      const again = { ...spec, initiator: initiatorOf(ctx), ...(autoRetry && { autoRetry: { limit: autoRetry.limit, number: 0 } }) };
      return { build: await startAgain(tools, again, startToken(ctx, 'RetryBuild', input)) };
    },
  };
}
