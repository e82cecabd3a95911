import type { Principal } from './authorise.ts';

/** What an open shell has to tell. */
export type ShellOutput =
  | { readonly kind: 'output'; readonly data: Uint8Array }
  /** Nothing follows. The reason is there where it did not end by itself. */
  | { readonly kind: 'ended'; readonly reason?: string };

/** An interactive shell on a terminal, in the hands of one who types. */
export interface Shell {
  /** Whether it takes more now; what is written all the same is kept. */
  readonly hasRoom: boolean;
  write(bytes: Uint8Array): void;
  resize(columns: number, rows: number): void;
  /** Waits for what it writes next, or its end. Rejects with the signal's reason when that is aborted. One call at a time. */
  read(signal: AbortSignal): Promise<ShellOutput>;
  /** Hangs up: the shell ends, with what it runs. */
  close(): void;
}

/** A place where shells can be opened: a build that is debugged, a sandbox. */
export interface ShellHost {
  /** Throws an error whose message the user may read. */
  open(columns: number, rows: number): Shell;
}

export interface SessionPlace {
  readonly account: string;
  readonly region: string;
}

/** Finds what a session is to be opened in by the name that it has for Systems Manager. */
export interface ShellTargets {
  /** Undefined where there is nothing of this name that could be reached now. */
  find(place: SessionPlace, target: string): Promise<ShellHost | undefined>;
}

export interface NewShellSession extends SessionPlace {
  readonly principal: Principal;
  readonly target: string;
  readonly host: ShellHost;
  /** The base of URLs for this caller: `http://127.0.0.1:4566`. */
  readonly endpoint: string;
  readonly document?: string;
  readonly reason?: string;
}

/** All that whoever connects needs. */
export interface SessionGrant {
  readonly sessionId: string;
  /** A WebSocket's. */
  readonly streamUrl: string;
  /** Opens this one session's channel once, for a short while. */
  readonly token: string;
}

export type SessionStatus = 'Connecting' | 'Connected' | 'Disconnected' | 'Terminated';

/** A session as it is remembered. Times are epoch ms. */
export interface SessionRecord {
  readonly sessionId: string;
  readonly target: string;
  /** The ARN of who started it. */
  readonly owner: string;
  readonly status: SessionStatus;
  readonly started: number;
  readonly ended?: number;
  readonly document?: string;
  readonly reason?: string;
  /** Why it ended, where it did not end by itself. */
  readonly details?: string;
}

export interface SessionPage {
  readonly active: boolean;
  /** Those started before this one. */
  readonly after?: { readonly started: number; readonly sessionId: string };
  readonly most: number;
}

/** Shell sessions that are reached through a data channel, as AWS's Session Manager has them. */
export interface ShellSessions {
  start(wanted: NewShellSession): Promise<SessionGrant>;
  /** A new grant for one who has lost the connection: 'ended' where the session is over, undefined where it never was, or is not the caller's. */
  resume(
    place: SessionPlace,
    caller: Pick<NewShellSession, 'principal' | 'endpoint'>,
    sessionId: string,
  ): Promise<SessionGrant | 'ended' | undefined>;
  /** Ends it; false where there was none. One that has ended stays so. */
  terminate(place: SessionPlace, sessionId: string): Promise<boolean>;
  /** The newest first. */
  list(place: SessionPlace, page: SessionPage): Promise<readonly SessionRecord[]>;
}
