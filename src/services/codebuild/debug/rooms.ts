import type { Clock } from '../../../kernel/clock.ts';
import { errors, type Pause } from '../../pipewright/api.gen.ts';
import { Bell } from './bell.ts';
import { DebugSession } from './session.ts';

const MOST_SESSIONS = 16;
/** A terminal whose command line has not been heard of for so long is closed, and a build's room is forgotten so long after its end. */
const SILENT_MS = 60_000;

/** What is known of one build that can be debugged. All of it is told again by those concerned after a restart. */
export class DebugRoom {
  readonly sessions = new Map<string, DebugSession>();
  readonly bell = new Bell();
  readonly #clock: Clock;
  pause: Pause | undefined;
  ended: number | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Throws InvalidInputException where there are too many. */
  session(id: string): DebugSession {
    const now = this.#clock.now();
    let session = this.sessions.get(id);
    if (!session) {
      for (const [other, { seen }] of this.sessions) if (seen + SILENT_MS <= now) this.sessions.delete(other);
      if (this.sessions.size >= MOST_SESSIONS) throw errors.InvalidInputException('The build has too many debug sessions.');
      this.sessions.set(id, (session = new DebugSession(now)));
    }
    return session;
  }

  /** Those of the runner's terminals that nobody looks at any more. */
  abandoned(ids: readonly string[]): readonly string[] {
    const now = this.#clock.now();
    return ids.filter((id) => this.session(id).seen + SILENT_MS <= now);
  }

  setPause(pause: Pause | undefined): void {
    this.pause = pause;
    this.bell.ring();
  }
}

/** The rooms of all builds, by aggregate id. */
export class DebugRooms {
  readonly #rooms = new Map<string, DebugRoom>();
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  of(id: string): DebugRoom {
    let room = this.#rooms.get(id);
    if (!room) this.#rooms.set(id, (room = new DebugRoom(this.#clock)));
    return room;
  }

  /** The build has ended: whoever waits is told, and may still read what is left. */
  end(id: string): void {
    const now = this.#clock.now();
    for (const [other, { ended }] of this.#rooms) if (ended !== undefined && ended + SILENT_MS <= now) this.#rooms.delete(other);
    const room = this.#rooms.get(id);
    if (!room) return;
    room.ended ??= now;
    room.bell.ring();
  }

  /** Everybody is answered now: the server stops. */
  stop(): void {
    for (const { bell } of this.#rooms.values()) bell.ring();
  }
}
