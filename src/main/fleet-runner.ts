import type { FleetRunnerOptions, RunningRunner } from '../cli/tools.ts';
import { jsonLogger } from '../kernel/log.ts';
import { OPTIONS } from '../kernel/options.ts';
import { buildSettings } from './build-settings.ts';
import { makeRunner } from './make-runner.ts';

/** Runs builds of a fleet on this machine, for a server that may be elsewhere, until it is closed. */
export async function fleetRunner(options: FleetRunnerOptions): Promise<RunningRunner> {
  const { folder, capacity, fleetArn, endpoint, region, key, buildRuntime, actionsUrl } = options;
  const log = jsonLogger((line) => void process.stderr.write(line), Date.now);
  const { runner, swept } = makeRunner({ folder, log, capacity, fleetArn });
  const { buildNetwork, buildImages, warmContainers } = OPTIONS;
  const builds = buildSettings({
    buildRuntime,
    buildNetwork: buildNetwork.default,
    buildImages: buildImages.default,
    warmContainers: warmContainers.default,
  });
  await swept;
  runner.connect({ endpoint, region, builds, actionsUrl, ...(key && { credentials: key }) });
  return { close: () => runner.stop() };
}
