import type { PipewrightClient } from '../client/client.ts';
import type { ActionExecutionDetail } from '../services/codepipeline/api.gen.ts';

interface Place {
  readonly group: string;
  readonly stream: string;
  token: string | undefined;
}

/** The output of an execution's builds, as it comes. */
export class BuildLogs {
  readonly #client: PipewrightClient;
  readonly #places = new Map<string, Place>();

  constructor(client: PipewrightClient) {
    this.#client = client;
  }

  /** Lines that are new since the last call, of the builds that these actions started. */
  async news(details: readonly ActionExecutionDetail[]): Promise<readonly string[]> {
    const lines: string[] = [];
    for (const { input, output } of details.toReversed()) {
      const id = output?.executionResult?.externalExecutionId;
      if (input?.actionTypeId?.provider === 'CodeBuild' && id !== undefined) lines.push(...(await this.ofBuild(id)));
    }
    return lines;
  }

  /** New lines of one build; none where its log is not there yet. */
  async ofBuild(id: string): Promise<readonly string[]> {
    const place = this.#places.get(id) ?? (await this.#find(id));
    if (!place) return [];
    this.#places.set(id, place);
    const lines: string[] = [];
    for (;;) {
      const { events = [], nextForwardToken } = await this.#client.logs.getLogEvents({
        logGroupName: place.group,
        logStreamName: place.stream,
        startFromHead: true,
        ...(place.token !== undefined && { nextToken: place.token }),
      });
      lines.push(...events.map(({ message = '' }) => message.replace(/\n$/, '')));
      const end = nextForwardToken === place.token || events.length === 0;
      place.token = nextForwardToken;
      if (end) return lines;
    }
  }

  async #find(id: string): Promise<Place | undefined> {
    const { builds = [] } = await this.#client.codebuild.batchGetBuilds({ ids: [id] });
    const { groupName: group, streamName: stream } = builds[0]?.logs ?? {};
    if (group === undefined || stream === undefined || builds[0]?.currentPhase === 'QUEUED') return undefined;
    const { logGroups = [] } = await this.#client.logs.describeLogGroups({ logGroupNamePrefix: group });
    if (!logGroups.some(({ logGroupName }) => logGroupName === group)) return undefined;
    const { logStreams = [] } = await this.#client.logs.describeLogStreams({ logGroupName: group, logStreamNamePrefix: stream });
    return logStreams.length > 0 ? { group, stream, token: undefined } : undefined;
  }
}
