import type { AwsClients } from '../../aws.gen.ts';
import type { OperationTools } from '../operations/tools.ts';
import { logPlace } from '../rules/build/view.ts';
import type { BuildSpec } from '../rules/build/state.ts';

export interface OutputEvent {
  readonly timestamp: number;
  readonly message: string;
}

/** GetLogEvents answers no more at once. */
const MOST_EVENTS = 10_000;
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
 * Which event of each build's output comes next, so that a batch sent twice is kept once. Kept in memory; after a restart the end of
 * the stream tells how much of the batch that was on its way then had arrived.
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
    this.#next.set(arn, 0);
  }

  /** Appends what is new of the batch; answers the sequence that comes next. */
  async append(arn: string, spec: BuildSpec, sequence: number, events: readonly OutputEvent[]): Promise<number> {
    await this.#opening.get(arn);
    const next = this.#next.get(arn) ?? sequence + (await this.#arrived(spec, events));
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

  /** How many of these events, from the first, already end the stream. */
  async #arrived(spec: BuildSpec, events: readonly OutputEvent[]): Promise<number> {
    const place = logPlace(spec);
    if (!place) return 0;
    const { group: logGroupName, stream: logStreamName } = place;
    const limit = Math.min(events.length, MOST_EVENTS);
    const { events: tail = [] } = await logsOf(this.#tools, spec).getLogEvents({ logGroupName, logStreamName, limit });
    const same = (a: OutputEvent | undefined, b: { timestamp?: number; message?: string } | undefined) =>
      a !== undefined && a.timestamp === b?.timestamp && a.message === b.message;
    for (let count = Math.min(tail.length, limit); count > 0; count--) {
      const end = tail.slice(tail.length - count);
      if (end.every((event, i) => same(events[i], event))) return count;
    }
    return 0;
  }

  forget(arn: string): void {
    this.#next.delete(arn);
    this.#opening.delete(arn);
  }
}
