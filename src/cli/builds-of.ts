import type { PipewrightClient } from '../client/client.ts';
import { newestExecution } from './client-command.ts';
import { Failure } from './failure.ts';
import { look } from './look.ts';
import { actionsOf } from './snapshot.ts';

/** A build's id is `PROJECT:UUID`, or an ARN that ends with it; anything else names a pipeline. */
export async function buildsOf(client: PipewrightClient, name: string): Promise<readonly string[]> {
  if (name.includes(':')) return [name.slice(name.lastIndexOf('/') + 1)];
  const snapshot = await look(client, name, await newestExecution(client, name));
  const builds = actionsOf(snapshot).flatMap(({ buildId }) => (buildId === undefined ? [] : [buildId]));
  if (builds.length === 0) throw new Failure(`The newest execution of ${name} has started no build yet.`);
  return builds;
}
