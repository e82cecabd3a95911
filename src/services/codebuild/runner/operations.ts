import type { GitHosts } from '../../../ports/git-hosts.ts';
import type { SecretBox } from '../../../ports/secrets.ts';
import type { CallContext } from '../../../protocol/context.ts';
import type { Api, BuildJob, CompleteBuildInput, Lease } from '../../pipewright/api.gen.ts';
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

    async appendOutput({ buildArn, epoch, sequence, events }) {
      const spec = await leasedBuild(tools, buildArn, epoch);
      return { nextSequence: await output.append(buildArn, spec, sequence, events) };
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

function completion(result: Omit<CompleteBuildInput, 'buildArn'>): BuildCommand {
  const { epoch, buildStatus: status, phases, resolvedSourceVersion, exportedVariables = [], artifacts = [], batchspec } = result;
  const known = { ...(resolvedSourceVersion !== undefined && { resolvedSourceVersion }), ...(batchspec && { batchspec }) };
  return { type: 'complete', epoch, status, phases, exported: exportedVariables, built: artifacts, ...known };
}
