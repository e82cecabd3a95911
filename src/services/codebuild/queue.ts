/** Where a build belongs. */
export interface BuildPlace {
  /** `ACCOUNT/REGION/PROJECT`. */
  readonly project: string;
  /** The ARN of the fleet it is to run on. */
  readonly fleet?: string;
}

/** How builds are let onto a fleet. */
export interface FleetPool {
  /** Builds at once. */
  readonly capacity: number;
  /** Builds that find no room go to the server's own runner instead of waiting. */
  readonly overflows: boolean;
  /** Runners have registered with it: its builds run on these alone. Until then the server's own runner serves it. */
  readonly dedicated: boolean;
}

interface Running {
  readonly place: BuildPlace;
  readonly inFleet: boolean;
}

function count(map: Map<string, number>, key: string, by: 1 | -1): void {
  const now = (map.get(key) ?? 0) + by;
  if (now > 0) map.set(key, now);
  else map.delete(key);
}

/** Which builds wait, in the order of their arrival, and which of them may run: by their project's limit and their fleet's room. */
export class BuildQueue {
  readonly #waiting = new Map<string, BuildPlace>();
  readonly #running = new Map<string, Running>();
  readonly #limits = new Map<string, number>();
  readonly #fleets = new Map<string, FleetPool>();
  readonly #perProject = new Map<string, number>();
  readonly #perFleet = new Map<string, number>();

  add(id: string, place: BuildPlace): void {
    if (!this.#running.has(id)) this.#waiting.set(id, place);
  }

  /** A runner has it. */
  leased(id: string, place: BuildPlace): void {
    this.#waiting.delete(id);
    if (this.#running.has(id)) return;
    const { fleet } = place;
    const inFleet = fleet !== undefined && this.#hasRoom(fleet);
    this.#running.set(id, { place, inFleet });
    count(this.#perProject, place.project, 1);
    if (inFleet) count(this.#perFleet, fleet, 1);
  }

  /** Whether it had been running: then others may have room now. */
  ended(id: string): boolean {
    this.#waiting.delete(id);
    const running = this.#running.get(id);
    if (!running) return false;
    this.#running.delete(id);
    const { project, fleet } = running.place;
    count(this.#perProject, project, -1);
    if (running.inFleet && fleet !== undefined) count(this.#perFleet, fleet, -1);
    return true;
  }

  /** How many builds of a project may run at once; undefined: as many as want to. */
  limit(project: string, limit: number | undefined): void {
    if (limit === undefined || limit < 1) this.#limits.delete(project);
    else this.#limits.set(project, limit);
  }

  fleet(arn: string, pool: FleetPool | undefined): void {
    if (pool) this.#fleets.set(arn, pool);
    else this.#fleets.delete(arn);
  }

  /** The first build that a runner of this fleet (undefined: the server's own) may have now. `skip` holds those that it has tried. */
  next(runner: string | undefined, skip: ReadonlySet<string>): string | undefined {
    for (const [id, place] of this.#waiting) if (!skip.has(id) && !this.#isFull(place.project) && this.#fits(place, runner)) return id;
    return undefined;
  }

  #isFull(project: string): boolean {
    const limit = this.#limits.get(project);
    return limit !== undefined && (this.#perProject.get(project) ?? 0) >= limit;
  }

  #hasRoom(fleet: string): boolean {
    const pool = this.#fleets.get(fleet);
    return pool !== undefined && (this.#perFleet.get(fleet) ?? 0) < pool.capacity;
  }

  #fits({ fleet }: BuildPlace, runner: string | undefined): boolean {
    if (fleet === undefined) return runner === undefined;
    const pool = this.#fleets.get(fleet);
    if (!pool) return false;
    const room = this.#hasRoom(fleet);
    if (runner !== undefined) return runner === fleet && room;
    return (room && !pool.dedicated) || (!room && pool.overflows);
  }
}
