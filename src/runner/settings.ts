import { isObject } from '../kernel/json.ts';
import type { RuntimeSettings } from './runtimes.ts';

/** What the server tells its runner, over their socket: never through arguments or the environment, where others could read it. */
export interface RunnerSettings {
  readonly endpoint: string;
  readonly region: string;
  readonly builds: RuntimeSettings;
  /** Where the repositories of GitHub Actions are; GitHub unless it is said. */
  readonly actionsUrl?: string;
  /** Absent where the server checks no signatures. */
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string; readonly sessionToken?: string };
}

export function readSettings(value: unknown): RunnerSettings {
  if (!isObject(value) || typeof value['endpoint'] !== 'string' || typeof value['region'] !== 'string' || !isObject(value['builds']))
    throw new TypeError('settings of the runner');
  return value as unknown as RunnerSettings;
}
