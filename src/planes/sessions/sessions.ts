import type { Clock } from '../../kernel/clock.ts';
import { messageOf } from '../../kernel/errors.ts';
import type { Ids } from '../../kernel/ids.ts';
import type { Logger } from '../../kernel/log.ts';
import type { Principal } from '../../ports/authorise.ts';
import { write, type Commits, type Reader } from '../../ports/database.ts';
import type {
  NewShellSession,
  SessionGrant,
  SessionPage,
  SessionPlace,
  SessionRecord,
  SessionStatus,
  ShellSessions,
} from '../../ports/shells.ts';
import { DataChannel, TICK_MS } from './channel.ts';
import { sql, type SessionRow } from './tables.ts';
import { Token } from './token.ts';

export const PREFIX = '/_pipewright/data-channel/';
/** Ended sessions are remembered for this long, ms, as in AWS. */
const KEPT_MS = 30 * 86_400_000;
const LOST = 'The server was restarted.';

export interface SessionsTools {
  readonly db: Reader;
  readonly commits: Commits;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Logger;
  /** The base URL under which people and other machines reach the server. */
  readonly publicEndpoint: () => string;
}

interface Live {
  readonly place: SessionPlace;
  readonly principal: Principal;
  readonly channel: DataChannel;
  token: Token | undefined;
}

/** `alice` of a user, the session's name of a role: policies name sessions by them. */
function nameOf({ kind, arn }: Principal): string {
  return kind === 'root' ? 'root' : arn.slice(arn.lastIndexOf('/') + 1);
}

/** As the caller reached us; a proxy may have ended TLS on the way, which only the public URL tells. */
function streamUrl(called: string, known: string, sessionId: string): string {
  const endpoint = URL.canParse(known) && new URL(known).host === new URL(called).host ? known : called;
  return `${endpoint.replace(/^http/, 'ws')}${PREFIX}${encodeURIComponent(sessionId)}?role=publish_subscribe`;
}

/** The shell sessions of this server. Whoever may start one was asked before (authorise); here a token lets in, and nothing else. */
export class Sessions implements ShellSessions {
  readonly #tools: SessionsTools;
  readonly #live = new Map<string, Live>();
  #ticking: NodeJS.Timeout | undefined;

  constructor(tools: SessionsTools) {
    this.#tools = tools;
  }

  /** To be called before the first request: what an earlier server left open has ended with it. */
  async recover(): Promise<void> {
    const { commits, clock } = this.#tools;
    await commits.commit([write(sql.endAll, [clock.now(), LOST]), write(sql.prune, [clock.now() - KEPT_MS])]);
  }

  async start({ account, region, principal, target, host, endpoint, document, reason }: NewShellSession): Promise<SessionGrant> {
    const { commits, clock, ids, log } = this.#tools;
    const sessionId = `${nameOf(principal)}-${ids.base32(26).toLowerCase()}`;
    const row = [account, region, sessionId, target, principal.arn, document ?? null, reason ?? null, clock.now()];
    await commits.commit([write(sql.insert, row)]);
    const place = { account, region };
    const ended = (why: string | undefined): void => this.#ended(place, sessionId, why);
    const channel = new DataChannel({ sessionId, target, host, clock, newId: () => ids.uuid(), ended });
    const live: Live = { place, principal, channel, token: undefined };
    this.#live.set(sessionId, live);
    this.#tick();
    log.info('a shell session was started', { session: sessionId, target, owner: principal.arn });
    return this.#grant(live, endpoint, sessionId);
  }

  async resume(
    place: SessionPlace,
    { principal, endpoint }: Pick<NewShellSession, 'principal' | 'endpoint'>,
    sessionId: string,
  ): Promise<SessionGrant | 'ended' | undefined> {
    const row = await this.#row(place, sessionId);
    if (!row || (principal.kind !== 'root' && row.owner !== principal.arn)) return undefined;
    const live = this.#live.get(sessionId);
    return live ? this.#grant(live, endpoint, sessionId) : 'ended';
  }

  async terminate(place: SessionPlace, sessionId: string): Promise<boolean> {
    if (!(await this.#row(place, sessionId))) return false;
    this.#live.get(sessionId)?.channel.end('The session was terminated.');
    return true;
  }

  async list({ account, region }: SessionPlace, { active, after, most }: SessionPage): Promise<readonly SessionRecord[]> {
    const { started, sessionId } = after ?? { started: Number.MAX_SAFE_INTEGER, sessionId: '' };
    const query = active ? sql.active : sql.history;
    const rows = await this.#tools.db.all<SessionRow>(query, account, region, started, started, sessionId, most);
    return rows.map((row) => this.#record(row));
  }

  /** The channel that the token opens; it opens none again. */
  open(sessionId: string, token: string): DataChannel | undefined {
    const live = this.#live.get(sessionId);
    if (!live?.token?.opens(token, this.#tools.clock.now())) return undefined;
    live.token = undefined;
    return live.channel;
  }

  /** The server stops. */
  stop(): void {
    for (const { channel } of this.#live.values()) channel.end('The server is being stopped.');
  }

  #row({ account, region }: SessionPlace, sessionId: string): Promise<SessionRow | undefined> {
    return this.#tools.db.get<SessionRow>(sql.get, account, region, sessionId);
  }

  #grant(live: Live, endpoint: string, sessionId: string): SessionGrant {
    const { text, kept } = Token.issue(this.#tools.ids, this.#tools.clock.now());
    live.token = kept;
    return { sessionId, streamUrl: streamUrl(endpoint, this.#tools.publicEndpoint(), sessionId), token: text };
  }

  #record({ id, target, owner, document, reason, started, ended, details }: SessionRow): SessionRecord {
    return {
      sessionId: id,
      target,
      owner,
      started,
      status: this.#status(id, ended),
      ...(ended !== null && { ended }),
      ...(document !== null && { document }),
      ...(reason !== null && { reason }),
      ...(details !== null && { details }),
    };
  }

  #status(id: string, ended: number | null): SessionStatus {
    const channel = this.#live.get(id)?.channel;
    if (ended !== null || !channel) return 'Terminated';
    if (channel.isConnected) return 'Connected';
    return channel.wasConnected ? 'Disconnected' : 'Connecting';
  }

  #ended({ account, region }: SessionPlace, sessionId: string, why: string | undefined): void {
    const { commits, clock, log } = this.#tools;
    this.#live.delete(sessionId);
    log.info('a shell session has ended', { session: sessionId, ...(why !== undefined && { reason: why }) });
    commits
      .commit([write(sql.end, [clock.now(), why ?? null, account, region, sessionId])])
      .catch((error: unknown) => log.error("a shell session's end was not written down", { session: sessionId, error: messageOf(error) }));
  }

  /** One timer for all, while there are any. */
  #tick(): void {
    this.#ticking ??= setInterval(() => {
      for (const { channel } of this.#live.values()) channel.tick();
      if (this.#live.size > 0) return;
      clearInterval(this.#ticking);
      this.#ticking = undefined;
    }, TICK_MS).unref();
  }
}
