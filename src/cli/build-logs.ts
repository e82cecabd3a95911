import type { PipewrightClient } from '../client/client.ts';
import { errorCode } from './error-code.ts';

interface Place {
  readonly group: string;
  readonly stream: string;
  token: string | undefined;
}

/** The output of builds, as it comes. */
export class BuildLogs {
  readonly #client: PipewrightClient;
  readonly #places = new Map<string, Place>();

  constructor(client: PipewrightClient) {
    this.#client = client;
  }

  /** Lines of one build that are new since the last call; none where its log is not there yet. */
  async news(buildId: string): Promise<readonly string[]> {
    const lines: string[] = [];
    await this.each(buildId, (line) => void lines.push(line));
    return lines;
  }

  /** The same one by one: a log may be larger than our memory. */
  async each(buildId: string, take: (line: string) => void | Promise<void>): Promise<void> {
    const place = this.#places.get(buildId) ?? (await this.#find(buildId));
    if (!place) return;
    this.#places.set(buildId, place);
    for (let page = await this.#page(place); page.length > 0; page = await this.#page(place)) for (const line of page) await take(line);
  }

  /** The log's next lines. A stream begins with its first line: until then there is none. */
  async #page(place: Place): Promise<readonly string[]> {
    const { group: logGroupName, stream: logStreamName, token } = place;
    try {
      const answer = await this.#client.logs.getLogEvents({
        logGroupName,
        logStreamName,
        startFromHead: true,
        ...(token !== undefined && { nextToken: token }),
      });
      place.token = answer.nextForwardToken;
      return (answer.events ?? []).map(({ message = '' }) => message.replace(/\n$/, ''));
    } catch (error) {
      if (errorCode(error) === 'ResourceNotFoundException') return [];
      throw error;
    }
  }

  async #find(buildId: string): Promise<Place | undefined> {
    const { builds = [] } = await this.#client.codebuild.batchGetBuilds({ ids: [buildId] });
    const { groupName: group, streamName: stream } = builds[0]?.logs ?? {};
    return group === undefined || stream === undefined ? undefined : { group, stream, token: undefined };
  }
}
