import type { AwsClients } from '../../aws.gen.ts';
import type { OperationTools } from '../operations/tools.ts';
import { logPlace } from '../rules/build/view.ts';
import type { BuildSpec } from '../rules/build/state.ts';

export interface OutputEvent {
  readonly timestamp: number;
  readonly message: string;
}

const EXISTS = 'ResourceAlreadyExistsException';

async function ignoring(code: string, call: Promise<unknown>): Promise<void> {
  try {
    await call;
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === code)) throw error;
  }
}

function logsOf(tools: OperationTools, { account, region }: BuildSpec): AwsClients['logs'] {
  return tools.aws.as({ session: 'codebuild', account, region }).logs;
}

/** Makes the log stream that the build's output goes to. */
async function openLog(tools: OperationTools, spec: BuildSpec): Promise<void> {
  const place = logPlace(spec);
  if (!place) return;
  const logs = logsOf(tools, spec);
  const stream = { logGroupName: place.group, logStreamName: place.stream };
  try {
    await ignoring(EXISTS, logs.createLogStream(stream));
  } catch {
    // The group is not there: the first build of the project makes it.
    await ignoring(EXISTS, logs.createLogGroup({ logGroupName: place.group }));
    await ignoring(EXISTS, logs.createLogStream(stream));
  }
}

/**
 * Which event of each build's output comes next, so that a batch sent twice is kept once. Kept in memory: after a restart the
 * runner's own count is believed, and only what was on its way at that moment may be kept twice.
 */
export class OutputLog {
  readonly #tools: OperationTools;
  readonly #next = new Map<string, number>();
  readonly #opening = new Map<string, Promise<void>>();

  constructor(tools: OperationTools) {
    this.#tools = tools;
  }

  /** Makes the stream, behind the build's back. */
  open(arn: string, spec: BuildSpec): void {
    const opening = openLog(this.#tools, spec);
    // The append that waits for it is told.
    opening.catch(() => undefined);
    this.#opening.set(arn, opening);
  }

  /** Appends what is new of the batch; answers the sequence that comes next. */
  async append(arn: string, spec: BuildSpec, sequence: number, events: readonly OutputEvent[]): Promise<number> {
    await this.#opening.get(arn);
    const next = this.#next.get(arn) ?? sequence;
    if (sequence > next) return next;
    const fresh = events.slice(next - sequence);
    const place = logPlace(spec);
    if (place && fresh.length > 0) {
      const logEvents = fresh.map(({ timestamp, message }) => ({ timestamp, message }));
      await logsOf(this.#tools, spec).putLogEvents({ logGroupName: place.group, logStreamName: place.stream, logEvents });
    }
    const after = sequence + events.length;
    this.#next.set(arn, Math.max(next, after));
    return Math.max(next, after);
  }

  forget(arn: string): void {
    this.#next.delete(arn);
    this.#opening.delete(arn);
  }
}
