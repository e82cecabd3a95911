import type { GitHosts } from '../../../ports/git-hosts.ts';
import type { SecretBox } from '../../../ports/secrets.ts';
import type { CallContext } from '../../../protocol/context.ts';
import { ApiError } from '../../../protocol/errors.ts';
import type { Api, BuildJob, BuildOutput, CompleteBuildInput, Lease, OutputRejection } from '../../pipewright/api.gen.ts';
import { LEASE_SECONDS } from '../leases.ts';
import type { OperationTools } from '../operations/tools.ts';
import type { BuildCommand } from '../rules/build/events.ts';
import { jobOf } from '../rules/build/job.ts';
import { StaleLease } from '../rules/build/process.ts';
import { buildArn, type BuildSpec, type BuildState } from '../rules/build/state.ts';
import type { CommandBell } from '../sandboxes/bell.ts';
import { OutputLog } from './build-log.ts';
import { idOf, leasedBuild, stale } from './leased.ts';
import { joinFleet } from './join-fleet.ts';
import { openedSources } from './source-login.ts';
import { sandboxCommands, type SandboxCommands } from './sandbox-commands.ts';
import { reportUploads, type ReportUploads } from './reports.ts';

/** The operations through which runners take and report builds (services/pipewright/model.json). */
export type RunnerOperations = ReportUploads &
  SandboxCommands &
  Pick<Api, 'registerRunner' | 'leaseBuild' | 'heartbeat' | 'appendOutput' | 'reportPhase' | 'completeBuild'>;

export interface RunnerTools extends OperationTools {
  readonly secrets: SecretBox;
  readonly hosts: GitHosts;
  readonly bell: CommandBell;
}

/** The path below which builds fetch their credentials; the token says which. */
export const CREDENTIALS_PATH = '/_pipewright/credentials';

/** Runs a command of a lease; a lease that is no longer valid answers StaleLeaseException. */
async function onLease(send: () => Promise<unknown>): Promise<void> {
  try {
    await send();
  } catch (error) {
    if (error instanceof StaleLease) throw stale();
    throw error;
  }
}

async function credentialsFor(tools: RunnerTools, spec: BuildSpec) {
  const role = spec.serviceRole.slice(spec.serviceRole.lastIndexOf('/') + 1);
  const session = `AWSCodeBuild-${spec.uuid}`;
  const arn = `arn:aws:sts::${spec.account}:assumed-role/${role}/${session}`;
  const principal = { kind: 'role', account: spec.account, arn, id: `${role}:${session}`, session: 'build' } as const;
  // A little longer than the build may last, so that its last upload still has them.
  const credential = await tools.sessions.issue(principal, (spec.timeoutMinutes + 5) * 60);
  const { accessKeyId, secretAccessKey, sessionToken, expires } = credential;
  const authorizationToken = tools.secrets.seal(JSON.stringify({ accessKeyId, role: spec.serviceRole }));
  return {
    accessKeyId,
    secretAccessKey,
    sessionToken,
    expiration: expires,
    relativeUri: `${CREDENTIALS_PATH}/${spec.uuid}`,
    authorizationToken,
  };
}

/** Tries the waiting builds in their order until one is ours; undefined where none is left. */
async function lease(
  tools: RunnerTools,
  ctx: CallContext,
  runner: { runnerId: string; instanceId: string; fleet: string | undefined },
  output: OutputLog,
): Promise<BuildJob | undefined> {
  const tried = new Set<string>();
  for (let id = tools.leases.next(runner.fleet, tried); id !== undefined; id = tools.leases.next(runner.fleet, tried)) {
    tried.add(id);
    const spec = (await tools.builds.state(id))?.spec;
    if (!spec) continue;
    const credentials = await credentialsFor(tools, spec);
    const { accessKeyId } = credentials;
    const state = await taken(tools, id, { runnerId: runner.runnerId, instanceId: runner.instanceId, accessKeyId });
    if (!state) {
      await tools.sessions.revoke(accessKeyId);
      continue;
    }
    // Not waited for: the build begins meanwhile, and its first output waits instead.
    output.open(buildArn(spec), spec);
    const job = jobOf(state, ctx.endpoint);
    return { ...job, ...(await openedSources(tools, spec, job)), credentials };
  }
  return undefined;
}

async function taken(
  tools: RunnerTools,
  id: string,
  by: { runnerId: string; instanceId: string; accessKeyId: string },
): Promise<BuildState | undefined> {
  try {
    return await tools.builds.send(id, { type: 'lease', ...by });
  } catch (error) {
    if (error instanceof StaleLease) return undefined;
    throw error;
  }
}

function knownLeases(leases: readonly Lease[]) {
  const arns = new Map(leases.map(({ buildArn }) => [idOf(buildArn), buildArn]));
  return { arns, leases: leases.map(({ buildArn, epoch }) => ({ id: idOf(buildArn), epoch })) };
}

export function runnerOperations(tools: RunnerTools): RunnerOperations {
  const output = new OutputLog(tools);
  return {
    ...reportUploads(tools),
    ...sandboxCommands(tools, tools.bell),

    async registerRunner({ runnerId, instanceId, fleetArn }, ctx) {
      if (fleetArn !== undefined) await joinFleet(tools, ctx, fleetArn);
      await tools.leases.registered(runnerId, instanceId);
      return { leaseSeconds: LEASE_SECONDS };
    },

    async leaseBuild({ runnerId, instanceId, fleetArn: fleet, waitSeconds = 0 }, ctx) {
      const runner = { runnerId, instanceId, fleet };
      const at = tools.clock.now() + waitSeconds * 1000;
      for (;;) {
        const job = await lease(tools, ctx, runner, output);
        if (job) return { job };
        const left = at - tools.clock.now();
        if (left <= 0 || ctx.signal.aborted) return {};
        await tools.leases.somethingWaits(fleet, left, ctx.signal);
        // A runner that has gone must not be given what it would never hear of.
        if (tools.leases.stopping || ctx.signal.aborted) return {};
      }
    },

    async heartbeat({ instanceId, leases: held, waitSeconds = 0 }, ctx) {
      const { arns, leases } = knownLeases(held);
      let orders = tools.leases.heard(instanceId, leases);
      if (orders.stop.length === 0 && orders.stale.length === 0 && waitSeconds > 0) {
        await tools.leases.ordersChange(waitSeconds * 1000, ctx.signal);
        orders = tools.leases.heard(instanceId, leases);
      }
      return {
        stop: orders.stop.map(({ id, reason }) => ({ buildArn: arns.get(id)!, reason })),
        stale: orders.stale.map((id) => arns.get(id)!),
      };
    },

    async appendOutput({ outputs }) {
      const told = await Promise.allSettled(outputs.map((one) => rejection(tools, output, one)));
      // Not before all have ended: the runner sends the same once more, which must not meet what is still being written.
      return { rejections: told.flatMap((one) => (one.status === 'fulfilled' ? (one.value ?? []) : rethrow(one.reason))) };
    },

    async reportPhase({ buildArn, epoch, phases, resolvedSourceVersion }) {
      const known = resolvedSourceVersion !== undefined && { resolvedSourceVersion };
      await onLease(() => tools.builds.send(idOf(buildArn), { type: 'report', epoch, phases, ...known }));
      return {};
    },

    async completeBuild({ buildArn, ...result }) {
      await onLease(() => tools.builds.send(idOf(buildArn), completion(result)));
      output.forget(buildArn);
      return {};
    },
  };
}

function rethrow(reason: unknown): never {
  throw reason;
}

/** Appends one build's output. What is wrong with it alone keeps that of no other build back; what is wrong with us is thrown. */
async function rejection(tools: RunnerTools, log: OutputLog, output: BuildOutput): Promise<OutputRejection | undefined> {
  const { buildArn, epoch, sequence, events } = output;
  try {
    await log.append(buildArn, await leasedBuild(tools, buildArn, epoch), sequence, events);
    return undefined;
  } catch (error) {
    if (!(error instanceof ApiError) || error.status >= 500) throw error;
    return { buildArn, code: error.code, message: error.message };
  }
}

function completion(result: Omit<CompleteBuildInput, 'buildArn'>): BuildCommand {
  const { epoch, buildStatus: status, phases, resolvedSourceVersion, exportedVariables = [], artifacts = [], batchspec } = result;
  const known = { ...(resolvedSourceVersion !== undefined && { resolvedSourceVersion }), ...(batchspec && { batchspec }) };
  return { type: 'complete', epoch, status, phases, exported: exportedVariables, built: artifacts, ...known };
}
