// bench/engine.ts
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

// src/actions/dummy/index.ts
var settings = {
  Result: {
    required: false,
    type: "String",
    description: "How the action ends; Errored throws.",
    values: ["Succeeded", "Failed", "Errored"]
  },
  Seconds: { required: false, type: "Number", description: "How long it takes; 0 ends it at once." },
  Message: { required: false, type: "String", description: "The summary, or the message of the failure." },
  Variables: { required: false, type: "String", description: "Output variables, as a JSON object of strings." },
  Revision: { required: false, type: "String", description: "Sources: the revision id; a source without one has no revision yet." },
  FailAttempts: { required: false, type: "Number", description: "How many executions of this action fail before one succeeds." }
};
function variables({ configuration }) {
  return configuration.Variables === void 0 ? {} : JSON.parse(configuration.Variables);
}
function outcome(job, type, failures) {
  const { Result = "Succeeded", Message: summary = "dummy", Revision, FailAttempts = "0" } = job.configuration;
  if (Result === "Errored") throw new Error(summary);
  const place = `${job.pipeline.arn}/${job.stage}/${job.action}`;
  const failed = failures.get(place) ?? /* @__PURE__ */ new Set();
  if (Result === "Failed" || failed.has(job.id) || failed.size < Number(FailAttempts)) {
    if (FailAttempts !== "0") failures.set(place, failed.add(job.id));
    return { kind: "failed", reason: "JobFailed", message: summary };
  }
  const revisionId = job.revision ?? Revision ?? "r1";
  return {
    kind: "succeeded",
    variables: variables(job),
    summary,
    ...type.category === "Source" && { revision: { revisionId, summary } }
  };
}
function dummy(category) {
  const type = { category, owner: "Custom", provider: "Dummy", version: "1" };
  const isSource2 = category === "Source";
  const failures = /* @__PURE__ */ new Map();
  const begun = /* @__PURE__ */ new Map();
  const look = async (job, now) => {
    const start4 = begun.get(job.id) ?? now;
    const end = start4 + Number(job.configuration.Seconds ?? "0") * 1e3;
    begun.set(job.id, start4);
    if (end > now) return { kind: "running", ref: { id: `dummy-${start4}` }, wakeOn: [], wakeAt: end };
    begun.delete(job.id);
    return outcome(job, type, failures);
  };
  return {
    type,
    settings,
    artifacts: { inputs: { min: 0, max: isSource2 ? 0 : 5 }, outputs: { min: 0, max: 5 } },
    timeoutMinutes: 60,
    start: (job, { clock }) => look(job, clock.now()),
    // After a restart the reference still says when the run began.
    async poll(job, ref, { clock }) {
      begun.set(job.id, Number(ref.id.slice("dummy-".length)));
      return look(job, clock.now());
    },
    async stop(job) {
      begun.delete(job.id);
    },
    ...isSource2 && {
      latest: async ({ Revision }) => Revision === void 0 ? void 0 : { revisionId: Revision }
    }
  };
}
function dummyProviders() {
  return ["Source", "Build", "Test", "Deploy", "Invoke"].map(dummy);
}

// src/kernel/fault.ts
var noFaults = { hit() {
} };

// src/engine/committer.ts
var BATCH = 1e3;
var Committer = class {
  #database;
  #faults;
  #listeners = /* @__PURE__ */ new Map();
  #queue = [];
  #scheduled = false;
  #idle = [];
  constructor(database, faults = noFaults) {
    this.#database = database;
    this.#faults = faults;
  }
  commit(unit) {
    if (unit.length === 0) return Promise.resolve();
    return new Promise((resolve2, reject) => {
      this.#queue.push({ unit, resolve: resolve2, reject });
      this.#schedule();
    });
  }
  onTopic(topic, listener) {
    const listeners = this.#listeners.get(topic) ?? /* @__PURE__ */ new Set();
    this.#listeners.set(topic, listeners.add(listener));
    return () => listeners.delete(listener);
  }
  /** Resolves when nothing waits to be written. */
  drained() {
    if (!this.#scheduled) return Promise.resolve();
    return new Promise((resolve2) => this.#idle.push(resolve2));
  }
  #schedule() {
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => void this.#flush());
  }
  async #flush() {
    const batch = this.#queue.splice(0, BATCH);
    await this.#write(batch);
    this.#scheduled = false;
    if (this.#queue.length > 0) this.#schedule();
    else for (const done of this.#idle.splice(0)) done();
  }
  async #write(batch) {
    try {
      this.#faults.hit("committer.begin");
      const conflicts = await this.#database.writeBatch(batch.map((waiting) => waiting.unit));
      this.#faults.hit("committer.committed");
      const topics = /* @__PURE__ */ new Set();
      batch.forEach((waiting, index) => {
        const conflict = conflicts[index];
        if (conflict) return waiting.reject(conflict);
        for (const write2 of waiting.unit) if (write2.topic) topics.add(write2.topic);
        waiting.resolve();
      });
      for (const topic of topics) for (const listener of this.#listeners.get(topic) ?? []) listener();
    } catch (error) {
      for (const waiting of batch) waiting.reject(error);
    }
  }
};

// src/ports/database.ts
function statement(sql3) {
  return { sql: sql3.replace(/\s+/g, " ").trim() };
}
function write(statement2, params, options = {}) {
  return { statement: statement2, params, ...options };
}
var WriteConflict = class extends Error {
  label;
  index;
  constructor(index, label, detail) {
    super(`write ${label ?? index} lost: ${detail}`);
    this.name = "WriteConflict";
    this.index = index;
    this.label = label;
  }
};

// src/kernel/errors.ts
var PipewrightError = class extends Error {
  code;
  constructor(code, message, options) {
    super(message, options);
    this.name = "PipewrightError";
    this.code = code;
  }
};
function unreachable(value) {
  throw new PipewrightError("Unreachable", `unexpected value ${JSON.stringify(value)}`);
}
function messageOf(error) {
  return error instanceof Error ? error.message : String(error);
}

// src/engine/tables.ts
var engineMigrations = [
  {
    id: "0001",
    sql: [
      `CREATE TABLE process_instances (type TEXT NOT NULL, id TEXT NOT NULL, open INTEGER NOT NULL, snapshot_version INTEGER NOT NULL,
         snapshot_shape INTEGER NOT NULL, snapshot TEXT, PRIMARY KEY (type, id))`,
      `CREATE INDEX process_instances_open ON process_instances (type, open)`,
      `CREATE TABLE process_steps (type TEXT NOT NULL, id TEXT NOT NULL, version INTEGER NOT NULL, time BIGINT NOT NULL, events TEXT NOT NULL,
         PRIMARY KEY (type, id, version))`,
      `CREATE TABLE effects (id TEXT NOT NULL PRIMARY KEY, type TEXT NOT NULL, aggregate TEXT NOT NULL, kind TEXT NOT NULL, honest TEXT NOT NULL,
         payload TEXT NOT NULL, attempt INTEGER NOT NULL, epoch INTEGER NOT NULL, due BIGINT NOT NULL)`,
      `CREATE INDEX effects_aggregate ON effects (type, aggregate)`,
      `CREATE TABLE engine_epoch (one INTEGER NOT NULL PRIMARY KEY, epoch INTEGER NOT NULL)`,
      `CREATE TABLE bus_events (position BIGINT NOT NULL PRIMARY KEY, id TEXT NOT NULL, account TEXT NOT NULL, region TEXT NOT NULL, bus TEXT NOT NULL,
         time BIGINT NOT NULL, source TEXT NOT NULL, detail_type TEXT NOT NULL, resources TEXT NOT NULL, detail TEXT NOT NULL)`
    ]
  },
  {
    // Every commit writes here: one tree less for events, and none for looking effects up by aggregate, of which there are ever few.
    id: "0002",
    sql: [
      `CREATE TABLE bus_events_2 (position INTEGER PRIMARY KEY, id TEXT NOT NULL, account TEXT NOT NULL, region TEXT NOT NULL, bus TEXT NOT NULL,
         time BIGINT NOT NULL, source TEXT NOT NULL, detail_type TEXT NOT NULL, resources TEXT NOT NULL, detail TEXT NOT NULL)`,
      `INSERT INTO bus_events_2 SELECT position, id, account, region, bus, time, source, detail_type, resources, detail FROM bus_events`,
      `DROP TABLE bus_events`,
      `ALTER TABLE bus_events_2 RENAME TO bus_events`,
      `DROP INDEX effects_aggregate`
    ]
  }
];
var sql = {
  insertInstance: statement(
    `INSERT INTO process_instances (type, id, open, snapshot_version, snapshot_shape, snapshot) VALUES (?, ?, ?, 0, 0, NULL)`
  ),
  setOpen: statement(`UPDATE process_instances SET open = ? WHERE type = ? AND id = ?`),
  setSnapshot: statement(
    `UPDATE process_instances SET open = ?, snapshot_version = ?, snapshot_shape = ?, snapshot = ? WHERE type = ? AND id = ?`
  ),
  deleteInstance: statement(`DELETE FROM process_instances WHERE type = ? AND id = ?`),
  instance: statement(`SELECT snapshot_version, snapshot_shape, snapshot FROM process_instances WHERE type = ? AND id = ?`),
  openIds: statement(`SELECT id FROM process_instances WHERE type = ? AND open = 1 ORDER BY id`),
  insertStep: statement(`INSERT INTO process_steps (type, id, version, time, events) VALUES (?, ?, ?, ?, ?)`),
  stepsAfter: statement(`SELECT version, events FROM process_steps WHERE type = ? AND id = ? AND version > ? ORDER BY version`),
  deleteSteps: statement(`DELETE FROM process_steps WHERE type = ? AND id = ? AND version <= ?`),
  insertEffect: statement(
    `INSERT INTO effects (id, type, aggregate, kind, honest, payload, attempt, epoch, due) VALUES (?, ?, ?, ?, ?, ?, 1, ?, ?)`
  ),
  deleteEffect: statement(`DELETE FROM effects WHERE id = ? AND epoch = ?`),
  dropEffect: statement(`DELETE FROM effects WHERE id = ?`),
  dropEffectsOf: statement(`DELETE FROM effects WHERE type = ? AND aggregate = ?`),
  retryEffect: statement(`UPDATE effects SET attempt = ?, due = ? WHERE id = ? AND epoch = ?`),
  claimEffects: statement(`UPDATE effects SET epoch = ?`),
  effectsOfType: statement(`SELECT id, aggregate, kind, honest, payload, attempt, due FROM effects WHERE type = ? ORDER BY id`),
  epoch: statement(`SELECT epoch FROM engine_epoch WHERE one = 1`),
  setEpoch: statement(`INSERT INTO engine_epoch (one, epoch) VALUES (1, ?) ON CONFLICT (one) DO UPDATE SET epoch = excluded.epoch`),
  // The position is the newest plus one. The committer is the only writer, so it neither repeats nor leaves a hole behind a cursor.
  insertBusEvent: statement(`INSERT INTO bus_events (id, account, region, bus, time, source, detail_type, resources, detail)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`),
  busEventsAfter: statement(`SELECT position, id, account, region, bus, time, source, detail_type, resources, detail
    FROM bus_events WHERE position > ? ORDER BY position LIMIT ?`),
  busBounds: statement(`SELECT MIN(position) AS first, MAX(position) AS last FROM bus_events`),
  pruneBus: statement(`DELETE FROM bus_events WHERE time < ? AND position < (SELECT MAX(position) FROM bus_events)`)
};

// src/engine/aggregate.ts
var SNAPSHOT_EVERY = 64;
var MOST_DECISIONS = 1e4;
async function load(reader, type, id) {
  const row = await reader.get(sql.instance, type.name, id);
  if (!row) return { state: type.initial(id), version: 0, snapshotVersion: 0, exists: false };
  let state = row.snapshot === null ? type.initial(id) : restore(type, JSON.parse(row.snapshot), row.snapshot_shape);
  let version = row.snapshot_version;
  for (const step of await reader.all(sql.stepsAfter, type.name, id, version)) {
    for (const event of JSON.parse(step.events)) state = type.evolve(state, event);
    version = step.version;
  }
  return { state, version, snapshotVersion: row.snapshot_version, exists: true };
}
function restore(type, snapshot, shape) {
  if (shape === type.version) return snapshot;
  if (type.upcast) return type.upcast(snapshot, shape);
  throw new PipewrightError("UnknownSnapshot", `${type.name} has a snapshot of shape ${shape}, this program knows ${type.version}`);
}
var Deciding = class {
  #type;
  #step;
  #before;
  #transitions = [];
  #effects = /* @__PURE__ */ new Map();
  #cancelled = /* @__PURE__ */ new Set();
  state;
  constructor(type, state, step) {
    this.#type = type;
    this.#step = step;
    this.#before = state;
    this.state = state;
  }
  receive(command) {
    this.#apply(this.#type.receive(this.state, command, this.#step));
  }
  /** Lets the rules go on until they come to rest. */
  settle() {
    for (let rounds = 0; ; rounds++) {
      const events = this.#type.decide(this.state, this.#step);
      if (events.length === 0) break;
      if (rounds === MOST_DECISIONS) throw new PipewrightError("NeverSettles", `${this.#type.name} decides without end`);
      this.#apply(events);
    }
    return {
      before: this.#before,
      after: this.state,
      events: this.#transitions.map(({ event }) => event),
      transitions: this.#transitions,
      effects: [...this.#effects.values()],
      cancelled: [...this.#cancelled]
    };
  }
  #apply(events) {
    for (const event of events) {
      const before = this.state;
      this.state = this.#type.evolve(before, event);
      this.#transitions.push({ event, before, after: this.state });
      for (const id of this.#type.cancels?.(event, this.state) ?? []) {
        this.#cancelled.add(id);
        this.#effects.delete(id);
      }
      for (const effect of this.#type.effects(event, this.state)) this.#effects.set(effect.id, effect);
    }
  }
};
function stepWrites(type, id, loaded, decided, now) {
  const version = loaded.version + 1;
  if (type.isGone?.(decided.after)) {
    const writes2 = [
      write(sql.deleteInstance, [type.name, id]),
      write(sql.deleteSteps, [type.name, id, version]),
      write(sql.dropEffectsOf, [type.name, id])
    ];
    return { writes: writes2, next: { state: type.initial(id), version: 0, snapshotVersion: 0, exists: false } };
  }
  const open = type.isOpen(decided.after);
  const writes = [];
  if (!loaded.exists) writes.push(write(sql.insertInstance, [type.name, id, Number(open)], { label: "instance" }));
  writes.push(write(sql.insertStep, [type.name, id, version, now, JSON.stringify(decided.events)], { label: "step" }));
  const snapshot = version - loaded.snapshotVersion >= SNAPSHOT_EVERY;
  if (snapshot) {
    writes.push(write(sql.setSnapshot, [Number(open), version, type.version, JSON.stringify(decided.after), type.name, id], { expect: 1 }));
    writes.push(write(sql.deleteSteps, [type.name, id, version]));
  } else if (loaded.exists && open !== type.isOpen(decided.before)) {
    writes.push(write(sql.setOpen, [Number(open), type.name, id], { expect: 1 }));
  }
  return { writes, next: { state: decided.after, version, snapshotVersion: snapshot ? version : loaded.snapshotVersion, exists: true } };
}

// src/engine/outbox.ts
var BACKOFF = [200, 1e3, 5e3, 15e3, 6e4];
var Outbox = class {
  #tools;
  #hooks;
  #live = /* @__PURE__ */ new Map();
  #closed = false;
  constructor(tools, hooks) {
    this.#tools = tools;
    this.#hooks = hooks;
  }
  has(id) {
    return this.#live.has(id);
  }
  inserts(aggregate, effect) {
    const { type, epoch, clock } = this.#tools;
    return write(
      sql.insertEffect,
      [effect.id, type, aggregate, effect.kind, effect.honest, JSON.stringify(effect.payload), epoch(), clock.now()],
      {
        label: `effect ${effect.id}`
      }
    );
  }
  /** The write that closes an effect; it fails where somebody else has claimed the row since. */
  closes(id) {
    return write(sql.deleteEffect, [id, this.#tools.epoch()], { expect: 1, label: "effect-claim" });
  }
  start(aggregate, effect, attempt = 1, due = 0) {
    const live = { aggregate, effect, attempt, abort: new AbortController() };
    this.#live.set(effect.id, live);
    if (due > this.#tools.clock.now()) this.#sleep(live, due);
    else void this.#run(live);
  }
  /** Forgets the effect and aborts its performer. */
  drop(id) {
    const live = this.#live.get(id);
    this.#live.delete(id);
    this.#tools.sleeper.set(`effect ${id}`, void 0, () => {
    });
    live?.abort.abort();
  }
  close() {
    this.#closed = true;
    for (const live of this.#live.values()) live.abort.abort();
  }
  async #run(live) {
    try {
      this.#tools.faults.hit("effect.starting");
      const command = await this.#hooks.perform(live, { attempt: live.attempt, signal: live.abort.signal });
      this.#tools.faults.hit("effect.performed");
      if (!this.#closed && this.has(live.effect.id)) this.#hooks.done(live, command);
    } catch (error) {
      await this.#failed(live, error);
    }
  }
  async #failed(live, error) {
    const { id, kind } = live.effect;
    if (this.#closed || !this.has(id)) return;
    const message = messageOf(error);
    const wait = BACKOFF[live.attempt - 1];
    this.#tools.log.warn("effect failed", { effect: kind, id, attempt: live.attempt, error: message, retryInMs: wait });
    if (wait === void 0) return this.#hooks.gaveUp(live, message);
    live.attempt++;
    const due = this.#tools.clock.now() + wait;
    try {
      await this.#tools.commits.commit([write(sql.retryEffect, [live.attempt, due, id, this.#tools.epoch()])]);
    } catch (failure) {
      this.#tools.log.error("cannot record the attempt", { id, error: messageOf(failure) });
    }
    this.#sleep(live, due);
  }
  #sleep(live, due) {
    this.#tools.sleeper.set(`effect ${live.effect.id}`, due, () => {
      if (this.has(live.effect.id)) void this.#run(live);
    });
  }
};

// src/engine/processes.ts
var KEPT_CLOSED = 1e3;
var Processes = class {
  #type;
  #performers;
  #tools;
  #sleeper;
  #outbox;
  #slots = /* @__PURE__ */ new Map();
  #listeners = /* @__PURE__ */ new Set();
  #closed = false;
  constructor(type, performers, tools) {
    this.#type = type;
    this.#performers = performers;
    this.#tools = tools;
    this.#sleeper = tools.sleeper;
    this.#outbox = new Outbox(
      { ...tools, type: type.name },
      {
        perform: (live, context2) => this.#perform(live, context2),
        done: (live, command) => this.#enqueue(live.aggregate, this.#report(command, live.effect.id)),
        gaveUp: (live, message) => this.#enqueue(live.aggregate, this.#report(this.#type.gaveUp(live.effect, message), live.effect.id))
      }
    );
  }
  /** Loads the open aggregates and goes on with whatever was under way. */
  async start() {
    const { reader } = this.#tools;
    for (const { id } of await reader.all(sql.openIds, this.#type.name)) {
      await this.#loaded(this.#slot(id));
      this.wake(id);
    }
    for (const row of await reader.all(sql.effectsOfType, this.#type.name)) {
      const effect = { id: row.id, kind: row.kind, honest: row.honest, payload: JSON.parse(row.payload) };
      this.#outbox.start(row.aggregate, effect, row.attempt, row.due);
    }
  }
  close() {
    this.#closed = true;
    this.#outbox.close();
  }
  send(id, command) {
    return new Promise((resolve2, reject) => this.#enqueue(id, { command, resolve: resolve2, reject }));
  }
  async state(id) {
    const loaded = await this.#loaded(this.#slot(id));
    return loaded.exists ? loaded.state : void 0;
  }
  open() {
    const open = [];
    for (const [id, { loaded }] of this.#slots) {
      if (loaded && !(loaded instanceof Promise) && loaded.exists && this.#type.isOpen(loaded.state)) open.push([id, loaded.state]);
    }
    return open;
  }
  onStep(listener) {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
  /** Asks `decide` again, though nothing has happened but time. */
  wake(id) {
    this.#enqueue(id, { resolve() {
    }, reject: (error) => this.#tools.log.error("wake-up failed", { id, error: messageOf(error) }) });
  }
  #report(command, effect) {
    const fields = { effect, type: this.#type.name };
    const reject = (error) => this.#tools.log.warn("the result of an effect was refused", { ...fields, error: messageOf(error) });
    return { ...command === void 0 ? {} : { command }, effect, resolve() {
    }, reject };
  }
  #slot(id) {
    let slot = this.#slots.get(id);
    if (!slot) {
      this.#evict();
      this.#slots.set(id, slot = { id, loaded: void 0, queue: [], running: false });
    }
    return slot;
  }
  #evict() {
    if (this.#slots.size < KEPT_CLOSED) return;
    for (const [id, slot] of this.#slots) {
      if (slot.running || slot.queue.length > 0 || slot.loaded instanceof Promise) continue;
      if (slot.loaded && this.#type.isOpen(slot.loaded.state)) continue;
      this.#slots.delete(id);
      if (this.#slots.size < KEPT_CLOSED) return;
    }
  }
  async #loaded(slot) {
    slot.loaded ??= load(this.#tools.reader, this.#type, slot.id).then(
      (loaded) => slot.loaded = loaded,
      (error) => {
        slot.loaded = void 0;
        throw error;
      }
    );
    return slot.loaded;
  }
  #enqueue(id, pending) {
    const slot = this.#slot(id);
    slot.queue.push(pending);
    if (!slot.running) void this.#run(slot);
  }
  async #run(slot) {
    slot.running = true;
    while (slot.queue.length > 0 && !this.#closed) await this.#steps(slot, slot.queue.splice(0));
    for (const pending of slot.queue.splice(0)) pending.reject(new Error("the engine has stopped"));
    slot.running = false;
  }
  /** One step for all that wait; where the commit is refused, one step each, so that only the guilty is told. */
  async #steps(slot, batch) {
    try {
      await this.#step(slot, batch);
    } catch (error) {
      slot.loaded = void 0;
      if (batch.length > 1 && error instanceof WriteConflict) for (const pending of batch) await this.#steps(slot, [pending]);
      else for (const pending of batch) pending.reject(error);
    }
  }
  async #step(slot, batch) {
    const loaded = await this.#loaded(slot);
    const { clock, ids, commits, faults } = this.#tools;
    const now = clock.now();
    const deciding = new Deciding(this.#type, loaded.state, { now, id: () => ids.uuid() });
    const accepted = [];
    const writes = [];
    for (const pending of batch) this.#receive(deciding, pending, accepted, writes);
    const decided = deciding.settle();
    const step = decided.events.length > 0 ? stepWrites(this.#type, slot.id, loaded, decided, now) : { writes: [], next: loaded };
    const closed = new Set(accepted.map((pending) => pending.effect));
    writes.push(...step.writes, ...this.#outboxWrites(slot.id, decided, closed));
    if (decided.events.length > 0) writes.push(...this.#type.project({ id: slot.id, ...decided, now, newId: () => ids.uuid() }));
    await commits.commit(writes);
    slot.loaded = step.next;
    faults.hit("aggregate.published");
    this.#publish(slot.id, step.next, decided, accepted);
  }
  #receive(deciding, pending, accepted, writes) {
    if (pending.effect !== void 0 && !this.#outbox.has(pending.effect)) return pending.resolve(deciding.state);
    try {
      if (pending.command !== void 0) deciding.receive(pending.command);
    } catch (error) {
      pending.reject(error);
      if (pending.effect === void 0) return;
    }
    if (pending.effect !== void 0) writes.push(this.#outbox.closes(pending.effect));
    accepted.push(pending);
  }
  #outboxWrites(id, decided, closed) {
    const cancelled = decided.cancelled.filter((effect) => this.#outbox.has(effect) && !closed.has(effect));
    const drops = cancelled.map((effect) => write(sql.dropEffect, [effect]));
    return [...drops, ...decided.effects.map((effect) => this.#outbox.inserts(id, effect))];
  }
  #publish(id, next, decided, accepted) {
    for (const effect of decided.cancelled) this.#outbox.drop(effect);
    for (const pending of accepted) if (pending.effect !== void 0) this.#outbox.drop(pending.effect);
    this.#sleeper.set(`${this.#type.name} ${id}`, next.exists ? this.#type.wakeAt(next.state) : void 0, () => this.wake(id));
    for (const effect of decided.effects) this.#outbox.start(id, effect);
    for (const pending of accepted) pending.resolve(next.state);
    if (decided.events.length > 0) for (const listener of this.#listeners) listener(id, next.state);
  }
  #perform(live, context2) {
    const performer = this.#performers[live.effect.kind];
    if (!performer) return Promise.reject(new Error(`${this.#type.name} has no performer for ${live.effect.kind}`));
    return performer(live.aggregate, live.effect, context2);
  }
};

// src/engine/sleeper.ts
var LONGEST_MS = 6e4;
var Sleeper = class {
  #clock;
  #alarms = /* @__PURE__ */ new Map();
  #timer;
  #timerAt = Infinity;
  constructor(clock) {
    this.#clock = clock;
  }
  /** Rings once at `at` (epoch ms), replacing the key's earlier alarm; undefined removes it. */
  set(key, at, ring) {
    if (at === void 0) {
      this.#alarms.delete(key);
      return;
    }
    this.#alarms.set(key, { at, ring });
    if (at < this.#timerAt) this.#arm(at);
  }
  /** Rings whatever is due now. Tests with a manual clock call it; otherwise the timer does. */
  ring() {
    const now = this.#clock.now();
    let next = Infinity;
    for (const [key, alarm] of this.#alarms) {
      if (alarm.at <= now) {
        this.#alarms.delete(key);
        alarm.ring();
      }
    }
    for (const alarm of this.#alarms.values()) next = Math.min(next, alarm.at);
    this.#arm(next);
  }
  /** The earliest alarm, epoch ms. */
  next() {
    let next;
    for (const { at } of this.#alarms.values()) if (next === void 0 || at < next) next = at;
    return next;
  }
  close() {
    this.#alarms.clear();
    clearTimeout(this.#timer);
  }
  #arm(at) {
    clearTimeout(this.#timer);
    this.#timerAt = at;
    if (at === Infinity) return;
    const wait = Math.min(Math.max(at - this.#clock.now(), 0), LONGEST_MS);
    this.#timer = setTimeout(() => this.ring(), wait);
    this.#timer.unref();
  }
};

// src/engine/engine.ts
function createEngine(tools) {
  const sleeper = new Sleeper(tools.clock);
  const starters = [];
  let epoch = 0;
  const shared = { ...tools, faults: tools.faults ?? noFaults, sleeper, epoch: () => epoch };
  return {
    register(type, performers) {
      const processes = new Processes(type, performers, shared);
      starters.push(processes);
      return processes;
    },
    async start() {
      const row = await tools.reader.get(sql.epoch);
      epoch = (row?.epoch ?? 0) + 1;
      await tools.commits.commit([write(sql.setEpoch, [epoch]), write(sql.claimEffects, [epoch])]);
      for (const processes of starters) await processes.start();
    },
    sleeper,
    tick: () => sleeper.ring(),
    close() {
      for (const processes of starters) processes.close();
      sleeper.close();
    }
  };
}

// src/engine/event-log.ts
var TOPIC = "bus";
function fromRow(row) {
  const { detail_type: detailType, resources, detail, ...rest } = row;
  return { ...rest, detailType, resources: JSON.parse(resources), detail: JSON.parse(detail) };
}
var TAIL = 500;
var Tail = class {
  #reader;
  #events = [];
  /** All events after this position are in the tail. */
  #floor;
  /** Something was appended since the newest of them was read. */
  #stale = true;
  #reading;
  constructor(reader, commits) {
    this.#reader = reader;
    commits.onTopic(TOPIC, () => this.#stale = true);
  }
  /** As much as is asked for; undefined where the tail does not reach back that far. */
  async after(position, limit) {
    if (this.#floor === void 0) {
      const { last } = await this.#reader.get(sql.busBounds) ?? {};
      this.#floor ??= last ?? 0;
    }
    while (this.#stale || this.#reading) await (this.#reading ??= this.#read().finally(() => this.#reading = void 0));
    if (position < this.#floor) return void 0;
    const from = this.#events.findLastIndex((event) => event.position <= position) + 1;
    return this.#events.slice(from, from + limit);
  }
  async #read() {
    this.#stale = false;
    const rows = await this.#reader.all(sql.busEventsAfter, this.#last, TAIL);
    this.#events.push(...rows.map(fromRow));
    if (rows.length === TAIL) this.#stale = true;
    if (this.#events.length < 2 * TAIL) return;
    const dropped = this.#events.splice(0, this.#events.length - TAIL);
    this.#floor = dropped.at(-1).position;
  }
  get #last() {
    return this.#events.at(-1)?.position ?? this.#floor ?? 0;
  }
};
function createEventLog(reader, commits) {
  const tail = new Tail(reader, commits);
  return {
    write(event) {
      const { id, account, region, bus, time, source, detailType, resources, detail } = event;
      const params = [id, account, region, bus, time, source, detailType, JSON.stringify(resources), JSON.stringify(detail)];
      return write(sql.insertBusEvent, params, { topic: TOPIC });
    },
    read: async (after, limit) => await tail.after(after, limit) ?? (await reader.all(sql.busEventsAfter, after, limit)).map(fromRow),
    async bounds() {
      const row = await reader.get(sql.busBounds);
      return { first: row?.first ?? 0, last: row?.last ?? 0 };
    },
    onAppend: (listener) => commits.onTopic(TOPIC, listener),
    /** Drops events older than `before` (epoch ms); the newest one stays, because positions count on from it. */
    prune: (before) => commits.commit([write(sql.pruneBus, [before])])
  };
}

// src/kernel/clock.ts
var systemClock = { now: () => Date.now() };

// src/kernel/ids.ts
import { randomBytes, randomFillSync } from "node:crypto";
var BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
function formatUuid(bytes) {
  const hex = bytes.toString("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20, 32)}`;
}
function randomPool() {
  const pool = Buffer.alloc(4096);
  let used = pool.length;
  return (bytes) => {
    if (bytes > pool.length) return randomBytes(bytes);
    if (used + bytes > pool.length) {
      randomFillSync(pool);
      used = 0;
    }
    used += bytes;
    const drawn = Buffer.from(pool.subarray(used - bytes, used));
    pool.fill(0, used - bytes, used);
    return drawn;
  };
}
function randomIds(clock) {
  const random = randomPool();
  let lastMs = 0;
  let counter = 0;
  return {
    uuid() {
      const now = clock.now();
      if (now > lastMs) [lastMs, counter] = [now, 0];
      else if (++counter > 4095) [lastMs, counter] = [lastMs + 1, 0];
      const bytes = random(16);
      bytes.writeUIntBE(lastMs, 0, 6);
      bytes.writeUInt16BE(28672 | counter, 6);
      bytes[8] = 128 | bytes[8] & 63;
      return formatUuid(bytes);
    },
    hex: (bytes) => random(bytes).toString("hex"),
    base32: (length) => Array.from(random(length), (byte) => BASE32[byte & 31]).join("")
  };
}

// src/kernel/log.ts
var silentLogger = { info() {
}, warn() {
}, error() {
} };

// src/protocol/errors.ts
var ApiError = class extends PipewrightError {
  status;
  fault;
  fields;
  /** Response headers, lower case: what a 304 or a delete marker tells (S3). */
  headers;
  constructor(code, message, status = 400, fields = {}, headers = {}) {
    super(code, message);
    this.headers = headers;
    this.name = code;
    this.status = status;
    this.fault = status >= 500 ? "server" : "client";
    this.fields = fields;
  }
};

// src/protocol/model-error.ts
function modelError(code, status) {
  return (message, fields = {}) => new ApiError(code, message, status, fields);
}

// src/protocol/model.ts
function serviceModel(metadata, json) {
  let parsed;
  const table = () => parsed ??= JSON.parse(json);
  return {
    ...metadata,
    get operations() {
      return table().operations;
    },
    get shapes() {
      return table().shapes;
    }
  };
}

// src/services/codepipeline/api.gen.ts
var errors = {
  ActionExecutionNotFoundException: modelError("ActionExecutionNotFoundException", 400),
  ActionNotFoundException: modelError("ActionNotFoundException", 400),
  ActionTypeAlreadyExistsException: modelError("ActionTypeAlreadyExistsException", 400),
  ActionTypeNotFoundException: modelError("ActionTypeNotFoundException", 400),
  ApprovalAlreadyCompletedException: modelError("ApprovalAlreadyCompletedException", 400),
  ConcurrentModificationException: modelError("ConcurrentModificationException", 400),
  ConcurrentPipelineExecutionsLimitExceededException: modelError("ConcurrentPipelineExecutionsLimitExceededException", 400),
  ConditionNotOverridableException: modelError("ConditionNotOverridableException", 400),
  ConflictException: modelError("ConflictException", 400),
  DuplicatedStopRequestException: modelError("DuplicatedStopRequestException", 400),
  InvalidActionDeclarationException: modelError("InvalidActionDeclarationException", 400),
  InvalidApprovalTokenException: modelError("InvalidApprovalTokenException", 400),
  InvalidArnException: modelError("InvalidArnException", 400),
  InvalidBlockerDeclarationException: modelError("InvalidBlockerDeclarationException", 400),
  InvalidClientTokenException: modelError("InvalidClientTokenException", 400),
  InvalidJobException: modelError("InvalidJobException", 400),
  InvalidJobStateException: modelError("InvalidJobStateException", 400),
  InvalidNextTokenException: modelError("InvalidNextTokenException", 400),
  InvalidNonceException: modelError("InvalidNonceException", 400),
  InvalidStageDeclarationException: modelError("InvalidStageDeclarationException", 400),
  InvalidStructureException: modelError("InvalidStructureException", 400),
  InvalidTagsException: modelError("InvalidTagsException", 400),
  InvalidWebhookAuthenticationParametersException: modelError("InvalidWebhookAuthenticationParametersException", 400),
  InvalidWebhookFilterPatternException: modelError("InvalidWebhookFilterPatternException", 400),
  JobNotFoundException: modelError("JobNotFoundException", 400),
  LimitExceededException: modelError("LimitExceededException", 400),
  NotLatestPipelineExecutionException: modelError("NotLatestPipelineExecutionException", 400),
  OutputVariablesSizeExceededException: modelError("OutputVariablesSizeExceededException", 400),
  PipelineExecutionNotFoundException: modelError("PipelineExecutionNotFoundException", 400),
  PipelineExecutionNotStoppableException: modelError("PipelineExecutionNotStoppableException", 400),
  PipelineExecutionOutdatedException: modelError("PipelineExecutionOutdatedException", 400),
  PipelineNameInUseException: modelError("PipelineNameInUseException", 400),
  PipelineNotFoundException: modelError("PipelineNotFoundException", 400),
  PipelineVersionNotFoundException: modelError("PipelineVersionNotFoundException", 400),
  RequestFailedException: modelError("RequestFailedException", 400),
  ResourceNotFoundException: modelError("ResourceNotFoundException", 400),
  StageNotFoundException: modelError("StageNotFoundException", 400),
  StageNotRetryableException: modelError("StageNotRetryableException", 400),
  TooManyTagsException: modelError("TooManyTagsException", 400),
  UnableToRollbackStageException: modelError("UnableToRollbackStageException", 400),
  ValidationException: modelError("ValidationException", 400),
  WebhookNotFoundException: modelError("WebhookNotFoundException", 400)
};
var model = serviceModel({
  name: "codepipeline",
  protocol: "json",
  apiVersion: "2015-07-09",
  endpointPrefix: "codepipeline",
  signingName: "codepipeline",
  serviceId: "CodePipeline",
  jsonVersion: "1.1",
  targetPrefix: "CodePipeline_20150709"
}, String.raw`{
  "operations": {
    "AcknowledgeJob": {"http":{"method":"POST","requestUri":"/"},"input":{"shape":"AcknowledgeJobInput"},"output":{"shape":"AcknowledgeJobOutput"},"errors":["ValidationException","InvalidNonceException","JobNotFoundException"]},
    "AcknowledgeThirdPartyJob": {"http":{"method":"POST","requestUri":"/"},"input":{"shape":"AcknowledgeThirdPartyJobInput"},"output":{"shape":"AcknowledgeThirdPartyJobOutput"},"errors":["ValidationException","InvalidNonceException","JobNotFoundException","InvalidClientTokenException"]},
    "CreateCustomActionType": {"http":{"method":"POST","requestUri":"/"},"input":{"shape":"CreateCustomActionTypeInput"},"output":{"shape":"CreateCustomActionTypeOutput"},"errors":["ValidationException","LimitExceededException","TooManyTagsException","InvalidTagsException","ConcurrentModificationException"]},
    "CreatePipeline": {"http":{"method":"POST","requestUri":"/"},"input":{"shape":"CreatePipelineInput"},"output":{"shape":"CreatePipelineOutput"},"errors":["ValidationException","PipelineNameInUseException","InvalidStageDeclarationException","InvalidActionDeclarationException","InvalidBlockerDeclarationException","InvalidStructureException","LimitExceededException","TooManyTagsException","InvalidTagsException","ConcurrentModificationException"]},
    "DeleteCustomActionType": {"http":{"method":"POST","requestUri":"/"},"input":{"shape":"DeleteCustomActionTypeInput"},"errors":["ValidationException","ConcurrentModificationException"]},
    "DeletePipeline": {"http":{"method":"POST","requestUri":"/"},"input":{"shape":"DeletePipelineInput"},"errors":["ValidationException","ConcurrentModificationException"]},
    "DeleteWebhook": {"http":{"method":"POST","requestUri":"/"},"input":{"shape":"DeleteWebhookInput"},"output":{"shape":"DeleteWebhookOutput"},"errors":["ValidationException","ConcurrentModificationException"]},
    "DeregisterWebhookWithThirdParty": {"http":{"method":"POST","requestUri":"/"},"input":{"shape":"DeregisterWebhookWithThirdPartyInput"},"output":{"shape":"DeregisterWebhookWithThirdPartyOutput"},"errors":["ValidationException","WebhookNotFoundException"]},
    "DisableStageTransition": {"http":{"method":"POST","requestUri":"/"},"input":{"shape":"DisableStageTransitionInput"},"errors":["ValidationException","PipelineNotFoundException","StageNotFoundException"]},
    "EnableStageTransition": {"http":{"method":"POST","requestUri":"/"},"input":{"shape":"EnableStageTransitionInput"},"errors":["ValidationException","PipelineNotFoundException","StageNotFoundException"]},
    "GetActionType": {"http":{"method":"POST","requestUri":"/"},"input":{"shape":"GetActionTypeInput"},"output":{"shape":"GetActionTypeOutput"},"errors":["ActionTypeNotFoundException","ValidationException"]},
    "GetJobDetails": {"http":{"method":"POST","requestUri":"/"},"input":{"shape":"GetJobDetailsInput"},"output":{"shape":"GetJobDetailsOutput"},"errors":["ValidationException","JobNotFoundException"]},
    "GetPipeline": {"http":{"method":"POST","requestUri":"/"},"input":{"shape":"GetPipelineInput"},"output":{"shape":"GetPipelineOutput"},"errors":["ValidationException","PipelineNotFoundException","PipelineVersionNotFoundException"]},
    "GetPipelineExecution": {"http":{"method":"POST","requestUri":"/"},"input":{"shape":"GetPipelineExecutionInput"},"output":{"shape":"GetPipelineExecutionOutput"},"errors":["ValidationException","PipelineNotFoundException","PipelineExecutionNotFoundException"]},
    "GetPipelineState": {"http":{"method":"POST","requestUri":"/"},"input":{"shape":"GetPipelineStateInput"},"output":{"shape":"GetPipelineStateOutput"},"errors":["ValidationException","PipelineNotFoundException"]},
    "GetThirdPartyJobDetails": {"http":{"method":"POST","requestUri":"/"},"input":{"shape":"GetThirdPartyJobDetailsInput"},"output":{"shape":"GetThirdPartyJobDetailsOutput"},"errors":["JobNotFoundException","ValidationException","InvalidClientTokenException","InvalidJobException"]},
    "ListActionExecutions": {"http":{"method":"POST","requestUri":"/"},"input":{"shape":"ListActionExecutionsInput"},"output":{"shape":"ListActionExecutionsOutput"},"errors":["ValidationException","PipelineNotFoundException","InvalidNextTokenException","PipelineExecutionNotFoundException"]},
    "ListActionTypes": {"http":{"method":"POST","requestUri":"/"},"input":{"shape":"ListActionTypesInput"},"output":{"shape":"ListActionTypesOutput"},"errors":["ValidationException","InvalidNextTokenException"]},
    "ListDeployActionExecutionTargets": {"http":{"method":"POST","requestUri":"/"},"input":{"shape":"ListDeployActionExecutionTargetsInput"},"output":{"shape":"ListDeployActionExecutionTargetsOutput"},"errors":["ValidationException","PipelineNotFoundException","InvalidNextTokenException","ActionExecutionNotFoundException"]},
    "ListPipelineExecutions": {"http":{"method":"POST","requestUri":"/"},"input":{"shape":"ListPipelineExecutionsInput"},"output":{"shape":"ListPipelineExecutionsOutput"},"errors":["ValidationException","PipelineNotFoundException","InvalidNextTokenException"]},
    "ListPipelines": {"http":{"method":"POST","requestUri":"/"},"input":{"shape":"ListPipelinesInput"},"output":{"shape":"ListPipelinesOutput"},"errors":["ValidationException","InvalidNextTokenException"]},
    "ListRuleExecutions": {"http":{"method":"POST","requestUri":"/"},"input":{"shape":"ListRuleExecutionsInput"},"output":{"shape":"ListRuleExecutionsOutput"},"errors":["ValidationException","PipelineNotFoundException","InvalidNextTokenException","PipelineExecutionNotFoundException"]},
    "ListRuleTypes": {"http":{"method":"POST","requestUri":"/"},"input":{"shape":"ListRuleTypesInput"},"output":{"shape":"ListRuleTypesOutput"},"errors":["ValidationException","InvalidNextTokenException"]},
    "ListTagsForResource": {"http":{"method":"POST","requestUri":"/"},"input":{"shape":"ListTagsForResourceInput"},"output":{"shape":"ListTagsForResourceOutput"},"errors":["ValidationException","ResourceNotFoundException","InvalidNextTokenException","InvalidArnException"]},
    "ListWebhooks": {"http":{"method":"POST","requestUri":"/"},"input":{"shape":"ListWebhooksInput"},"output":{"shape":"ListWebhooksOutput"},"errors":["ValidationException","InvalidNextTokenException"]},
    "OverrideStageCondition": {"http":{"method":"POST","requestUri":"/"},"input":{"shape":"OverrideStageConditionInput"},"errors":["ValidationException","ConflictException","PipelineNotFoundException","StageNotFoundException","ConditionNotOverridableException","NotLatestPipelineExecutionException","ConcurrentPipelineExecutionsLimitExceededException"]},
    "PollForJobs": {"http":{"method":"POST","requestUri":"/"},"input":{"shape":"PollForJobsInput"},"output":{"shape":"PollForJobsOutput"},"errors":["ValidationException","ActionTypeNotFoundException"]},
    "PollForThirdPartyJobs": {"http":{"method":"POST","requestUri":"/"},"input":{"shape":"PollForThirdPartyJobsInput"},"output":{"shape":"PollForThirdPartyJobsOutput"},"errors":["ActionTypeNotFoundException","ValidationException"]},
    "PutActionRevision": {"http":{"method":"POST","requestUri":"/"},"input":{"shape":"PutActionRevisionInput"},"output":{"shape":"PutActionRevisionOutput"},"errors":["PipelineNotFoundException","StageNotFoundException","ActionNotFoundException","ValidationException","ConcurrentPipelineExecutionsLimitExceededException"]},
    "PutApprovalResult": {"http":{"method":"POST","requestUri":"/"},"input":{"shape":"PutApprovalResultInput"},"output":{"shape":"PutApprovalResultOutput"},"errors":["InvalidApprovalTokenException","ApprovalAlreadyCompletedException","PipelineNotFoundException","StageNotFoundException","ActionNotFoundException","ValidationException"]},
    "PutJobFailureResult": {"http":{"method":"POST","requestUri":"/"},"input":{"shape":"PutJobFailureResultInput"},"errors":["ValidationException","JobNotFoundException","InvalidJobStateException"]},
    "PutJobSuccessResult": {"http":{"method":"POST","requestUri":"/"},"input":{"shape":"PutJobSuccessResultInput"},"errors":["ValidationException","JobNotFoundException","InvalidJobStateException","OutputVariablesSizeExceededException"]},
    "PutThirdPartyJobFailureResult": {"http":{"method":"POST","requestUri":"/"},"input":{"shape":"PutThirdPartyJobFailureResultInput"},"errors":["ValidationException","JobNotFoundException","InvalidJobStateException","InvalidClientTokenException"]},
    "PutThirdPartyJobSuccessResult": {"http":{"method":"POST","requestUri":"/"},"input":{"shape":"PutThirdPartyJobSuccessResultInput"},"errors":["ValidationException","JobNotFoundException","InvalidJobStateException","InvalidClientTokenException"]},
    "PutWebhook": {"http":{"method":"POST","requestUri":"/"},"input":{"shape":"PutWebhookInput"},"output":{"shape":"PutWebhookOutput"},"errors":["ValidationException","LimitExceededException","InvalidWebhookFilterPatternException","InvalidWebhookAuthenticationParametersException","PipelineNotFoundException","TooManyTagsException","InvalidTagsException","ConcurrentModificationException"]},
    "RegisterWebhookWithThirdParty": {"http":{"method":"POST","requestUri":"/"},"input":{"shape":"RegisterWebhookWithThirdPartyInput"},"output":{"shape":"RegisterWebhookWithThirdPartyOutput"},"errors":["ValidationException","WebhookNotFoundException"]},
    "RetryStageExecution": {"http":{"method":"POST","requestUri":"/"},"input":{"shape":"RetryStageExecutionInput"},"output":{"shape":"RetryStageExecutionOutput"},"errors":["ValidationException","ConflictException","PipelineNotFoundException","StageNotFoundException","StageNotRetryableException","NotLatestPipelineExecutionException","ConcurrentPipelineExecutionsLimitExceededException"]},
    "RollbackStage": {"http":{"method":"POST","requestUri":"/"},"input":{"shape":"RollbackStageInput"},"output":{"shape":"RollbackStageOutput"},"errors":["ValidationException","ConflictException","PipelineNotFoundException","PipelineExecutionNotFoundException","PipelineExecutionOutdatedException","StageNotFoundException","UnableToRollbackStageException"]},
    "StartPipelineExecution": {"http":{"method":"POST","requestUri":"/"},"input":{"shape":"StartPipelineExecutionInput"},"output":{"shape":"StartPipelineExecutionOutput"},"errors":["ValidationException","ConflictException","PipelineNotFoundException","ConcurrentPipelineExecutionsLimitExceededException"]},
    "StopPipelineExecution": {"http":{"method":"POST","requestUri":"/"},"input":{"shape":"StopPipelineExecutionInput"},"output":{"shape":"StopPipelineExecutionOutput"},"errors":["ValidationException","ConflictException","PipelineNotFoundException","PipelineExecutionNotStoppableException","DuplicatedStopRequestException"]},
    "TagResource": {"http":{"method":"POST","requestUri":"/"},"input":{"shape":"TagResourceInput"},"output":{"shape":"TagResourceOutput"},"errors":["ValidationException","ResourceNotFoundException","InvalidArnException","TooManyTagsException","InvalidTagsException","ConcurrentModificationException"]},
    "UntagResource": {"http":{"method":"POST","requestUri":"/"},"input":{"shape":"UntagResourceInput"},"output":{"shape":"UntagResourceOutput"},"errors":["ValidationException","ResourceNotFoundException","InvalidArnException","InvalidTagsException","ConcurrentModificationException"]},
    "UpdateActionType": {"http":{"method":"POST","requestUri":"/"},"input":{"shape":"UpdateActionTypeInput"},"errors":["RequestFailedException","ValidationException","ActionTypeNotFoundException"]},
    "UpdatePipeline": {"http":{"method":"POST","requestUri":"/"},"input":{"shape":"UpdatePipelineInput"},"output":{"shape":"UpdatePipelineOutput"},"errors":["ValidationException","InvalidStageDeclarationException","InvalidActionDeclarationException","InvalidBlockerDeclarationException","InvalidStructureException","LimitExceededException"]}
  },
  "shapes": {
    "AWSRegionName": {"type":"string","min":4,"max":30},
    "AWSSessionCredentials": {"type":"structure","required":["accessKeyId","secretAccessKey","sessionToken"],"sensitive":true,"members":{"accessKeyId":{"shape":"AccessKeyId"},"secretAccessKey":{"shape":"SecretAccessKey"},"sessionToken":{"shape":"SessionToken"}}},
    "AccessKeyId": {"type":"string","sensitive":true},
    "AccountId": {"type":"string","pattern":"[0-9]{12}"},
    "AcknowledgeJobInput": {"type":"structure","required":["jobId","nonce"],"members":{"jobId":{"shape":"JobId"},"nonce":{"shape":"Nonce"}}},
    "AcknowledgeJobOutput": {"type":"structure","members":{"status":{"shape":"JobStatus"}}},
    "AcknowledgeThirdPartyJobInput": {"type":"structure","required":["jobId","nonce","clientToken"],"members":{"jobId":{"shape":"ThirdPartyJobId"},"nonce":{"shape":"Nonce"},"clientToken":{"shape":"ClientToken"}}},
    "AcknowledgeThirdPartyJobOutput": {"type":"structure","members":{"status":{"shape":"JobStatus"}}},
    "ActionCategory": {"type":"string","enum":["Source","Build","Deploy","Test","Invoke","Approval","Compute"]},
    "ActionConfiguration": {"type":"structure","members":{"configuration":{"shape":"ActionConfigurationMap"}}},
    "ActionConfigurationKey": {"type":"string","min":1,"max":50},
    "ActionConfigurationMap": {"type":"map","key":{"shape":"ActionConfigurationKey"},"value":{"shape":"ActionConfigurationValue"}},
    "ActionConfigurationProperty": {"type":"structure","required":["name","required","key","secret"],"members":{"name":{"shape":"ActionConfigurationKey"},"required":{"shape":"Boolean"},"key":{"shape":"Boolean"},"secret":{"shape":"Boolean"},"queryable":{"shape":"Boolean"},"description":{"shape":"Description"},"type":{"shape":"ActionConfigurationPropertyType"}}},
    "ActionConfigurationPropertyList": {"type":"list","max":10,"member":{"shape":"ActionConfigurationProperty"}},
    "ActionConfigurationPropertyType": {"type":"string","enum":["String","Number","Boolean"]},
    "ActionConfigurationQueryableValue": {"type":"string","min":1,"max":50,"pattern":"[a-zA-Z0-9_-]+"},
    "ActionConfigurationValue": {"type":"string","min":1,"max":1000},
    "ActionContext": {"type":"structure","members":{"name":{"shape":"ActionName"},"actionExecutionId":{"shape":"ActionExecutionId"}}},
    "ActionDeclaration": {"type":"structure","required":["name","actionTypeId"],"members":{"name":{"shape":"ActionName"},"actionTypeId":{"shape":"ActionTypeId"},"runOrder":{"shape":"ActionRunOrder"},"configuration":{"shape":"ActionConfigurationMap"},"commands":{"shape":"CommandList"},"outputArtifacts":{"shape":"OutputArtifactList"},"inputArtifacts":{"shape":"InputArtifactList"},"outputVariables":{"shape":"OutputVariableList"},"roleArn":{"shape":"RoleArn"},"region":{"shape":"AWSRegionName"},"namespace":{"shape":"ActionNamespace"},"timeoutInMinutes":{"shape":"ActionTimeout"},"environmentVariables":{"shape":"EnvironmentVariableList"}}},
    "ActionExecution": {"type":"structure","members":{"actionExecutionId":{"shape":"ActionExecutionId"},"status":{"shape":"ActionExecutionStatus"},"summary":{"shape":"ExecutionSummary"},"lastStatusChange":{"shape":"Timestamp"},"token":{"shape":"ActionExecutionToken"},"lastUpdatedBy":{"shape":"LastUpdatedBy"},"externalExecutionId":{"shape":"ExecutionId"},"externalExecutionUrl":{"shape":"Url"},"percentComplete":{"shape":"Percentage"},"errorDetails":{"shape":"ErrorDetails"},"logStreamARN":{"shape":"LogStreamARN"}}},
    "ActionExecutionDetail": {"type":"structure","members":{"pipelineExecutionId":{"shape":"PipelineExecutionId"},"actionExecutionId":{"shape":"ActionExecutionId"},"pipelineVersion":{"shape":"PipelineVersion"},"stageName":{"shape":"StageName"},"actionName":{"shape":"ActionName"},"startTime":{"shape":"Timestamp"},"lastUpdateTime":{"shape":"Timestamp"},"updatedBy":{"shape":"LastUpdatedBy"},"status":{"shape":"ActionExecutionStatus"},"input":{"shape":"ActionExecutionInput"},"output":{"shape":"ActionExecutionOutput"}}},
    "ActionExecutionDetailList": {"type":"list","member":{"shape":"ActionExecutionDetail"}},
    "ActionExecutionFilter": {"type":"structure","members":{"pipelineExecutionId":{"shape":"PipelineExecutionId"},"latestInPipelineExecution":{"shape":"LatestInPipelineExecutionFilter"}}},
    "ActionExecutionId": {"type":"string"},
    "ActionExecutionInput": {"type":"structure","members":{"actionTypeId":{"shape":"ActionTypeId"},"configuration":{"shape":"ActionConfigurationMap"},"resolvedConfiguration":{"shape":"ResolvedActionConfigurationMap"},"roleArn":{"shape":"RoleArn"},"region":{"shape":"AWSRegionName"},"inputArtifacts":{"shape":"ArtifactDetailList"},"namespace":{"shape":"ActionNamespace"}}},
    "ActionExecutionNotFoundException": {"type":"structure","exception":true,"members":{"message":{"shape":"Message"}}},
    "ActionExecutionOutput": {"type":"structure","members":{"outputArtifacts":{"shape":"ArtifactDetailList"},"executionResult":{"shape":"ActionExecutionResult"},"outputVariables":{"shape":"OutputVariablesMap"}}},
    "ActionExecutionResult": {"type":"structure","members":{"externalExecutionId":{"shape":"ExternalExecutionId"},"externalExecutionSummary":{"shape":"ExternalExecutionSummary"},"externalExecutionUrl":{"shape":"Url"},"errorDetails":{"shape":"ErrorDetails"},"logStreamARN":{"shape":"LogStreamARN"}}},
    "ActionExecutionStatus": {"type":"string","enum":["InProgress","Abandoned","Succeeded","Failed"]},
    "ActionExecutionToken": {"type":"string"},
    "ActionName": {"type":"string","min":1,"max":100,"pattern":"[A-Za-z0-9.@\\-_]+"},
    "ActionNamespace": {"type":"string","min":1,"max":100,"pattern":"[A-Za-z0-9@\\-_]+"},
    "ActionNotFoundException": {"type":"structure","exception":true,"members":{}},
    "ActionOwner": {"type":"string","enum":["AWS","ThirdParty","Custom"]},
    "ActionProvider": {"type":"string","min":1,"max":35,"pattern":"[0-9A-Za-z_-]+"},
    "ActionRevision": {"type":"structure","required":["revisionId","revisionChangeId","created"],"members":{"revisionId":{"shape":"Revision"},"revisionChangeId":{"shape":"RevisionChangeIdentifier"},"created":{"shape":"Timestamp"}}},
    "ActionRunOrder": {"type":"integer","min":1,"max":999},
    "ActionState": {"type":"structure","members":{"actionName":{"shape":"ActionName"},"currentRevision":{"shape":"ActionRevision"},"latestExecution":{"shape":"ActionExecution"},"entityUrl":{"shape":"Url"},"revisionUrl":{"shape":"Url"}}},
    "ActionStateList": {"type":"list","member":{"shape":"ActionState"}},
    "ActionTimeout": {"type":"integer","min":5,"max":86400},
    "ActionType": {"type":"structure","required":["id","inputArtifactDetails","outputArtifactDetails"],"members":{"id":{"shape":"ActionTypeId"},"settings":{"shape":"ActionTypeSettings"},"actionConfigurationProperties":{"shape":"ActionConfigurationPropertyList"},"inputArtifactDetails":{"shape":"ArtifactDetails"},"outputArtifactDetails":{"shape":"ArtifactDetails"}}},
    "ActionTypeAlreadyExistsException": {"type":"structure","exception":true,"members":{}},
    "ActionTypeArtifactDetails": {"type":"structure","required":["minimumCount","maximumCount"],"members":{"minimumCount":{"shape":"MinimumActionTypeArtifactCount"},"maximumCount":{"shape":"MaximumActionTypeArtifactCount"}}},
    "ActionTypeDeclaration": {"type":"structure","required":["executor","id","inputArtifactDetails","outputArtifactDetails"],"members":{"description":{"shape":"ActionTypeDescription"},"executor":{"shape":"ActionTypeExecutor"},"id":{"shape":"ActionTypeIdentifier"},"inputArtifactDetails":{"shape":"ActionTypeArtifactDetails"},"outputArtifactDetails":{"shape":"ActionTypeArtifactDetails"},"permissions":{"shape":"ActionTypePermissions"},"properties":{"shape":"ActionTypeProperties"},"urls":{"shape":"ActionTypeUrls"}}},
    "ActionTypeDescription": {"type":"string","min":1,"max":1024},
    "ActionTypeExecutor": {"type":"structure","required":["configuration","type"],"members":{"configuration":{"shape":"ExecutorConfiguration"},"type":{"shape":"ExecutorType"},"policyStatementsTemplate":{"shape":"PolicyStatementsTemplate"},"jobTimeout":{"shape":"JobTimeout"}}},
    "ActionTypeId": {"type":"structure","required":["category","owner","provider","version"],"members":{"category":{"shape":"ActionCategory"},"owner":{"shape":"ActionOwner"},"provider":{"shape":"ActionProvider"},"version":{"shape":"Version"}}},
    "ActionTypeIdentifier": {"type":"structure","required":["category","owner","provider","version"],"members":{"category":{"shape":"ActionCategory"},"owner":{"shape":"ActionTypeOwner"},"provider":{"shape":"ActionProvider"},"version":{"shape":"Version"}}},
    "ActionTypeList": {"type":"list","member":{"shape":"ActionType"}},
    "ActionTypeNotFoundException": {"type":"structure","exception":true,"members":{}},
    "ActionTypeOwner": {"type":"string","pattern":"AWS|ThirdParty"},
    "ActionTypePermissions": {"type":"structure","required":["allowedAccounts"],"members":{"allowedAccounts":{"shape":"AllowedAccounts"}}},
    "ActionTypeProperties": {"type":"list","max":10,"member":{"shape":"ActionTypeProperty"}},
    "ActionTypeProperty": {"type":"structure","required":["name","optional","key","noEcho"],"members":{"name":{"shape":"ActionConfigurationKey"},"optional":{"shape":"Boolean"},"key":{"shape":"Boolean"},"noEcho":{"shape":"Boolean"},"queryable":{"shape":"Boolean"},"description":{"shape":"PropertyDescription"}}},
    "ActionTypeSettings": {"type":"structure","members":{"thirdPartyConfigurationUrl":{"shape":"Url"},"entityUrlTemplate":{"shape":"UrlTemplate"},"executionUrlTemplate":{"shape":"UrlTemplate"},"revisionUrlTemplate":{"shape":"UrlTemplate"}}},
    "ActionTypeUrls": {"type":"structure","members":{"configurationUrl":{"shape":"Url"},"entityUrlTemplate":{"shape":"UrlTemplate"},"executionUrlTemplate":{"shape":"UrlTemplate"},"revisionUrlTemplate":{"shape":"UrlTemplate"}}},
    "AllowedAccount": {"type":"string","pattern":"[0-9]{12}|\\*"},
    "AllowedAccounts": {"type":"list","min":1,"max":1000,"member":{"shape":"AllowedAccount"}},
    "ApprovalAlreadyCompletedException": {"type":"structure","exception":true,"members":{}},
    "ApprovalResult": {"type":"structure","required":["summary","status"],"members":{"summary":{"shape":"ApprovalSummary"},"status":{"shape":"ApprovalStatus"}}},
    "ApprovalStatus": {"type":"string","enum":["Approved","Rejected"]},
    "ApprovalSummary": {"type":"string","min":0,"max":512},
    "ApprovalToken": {"type":"string","pattern":"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"},
    "Artifact": {"type":"structure","members":{"name":{"shape":"ArtifactName"},"revision":{"shape":"Revision"},"location":{"shape":"ArtifactLocation"}}},
    "ArtifactDetail": {"type":"structure","members":{"name":{"shape":"ArtifactName"},"s3location":{"shape":"S3Location"}}},
    "ArtifactDetailList": {"type":"list","member":{"shape":"ArtifactDetail"}},
    "ArtifactDetails": {"type":"structure","required":["minimumCount","maximumCount"],"members":{"minimumCount":{"shape":"MinimumArtifactCount"},"maximumCount":{"shape":"MaximumArtifactCount"}}},
    "ArtifactList": {"type":"list","member":{"shape":"Artifact"}},
    "ArtifactLocation": {"type":"structure","members":{"type":{"shape":"ArtifactLocationType"},"s3Location":{"shape":"S3ArtifactLocation"}}},
    "ArtifactLocationType": {"type":"string","enum":["S3"]},
    "ArtifactName": {"type":"string","min":1,"max":100,"pattern":"[a-zA-Z0-9_\\-]+"},
    "ArtifactRevision": {"type":"structure","members":{"name":{"shape":"ArtifactName"},"revisionId":{"shape":"Revision"},"revisionChangeIdentifier":{"shape":"RevisionChangeIdentifier"},"revisionSummary":{"shape":"RevisionSummary"},"created":{"shape":"Timestamp"},"revisionUrl":{"shape":"Url"}}},
    "ArtifactRevisionList": {"type":"list","member":{"shape":"ArtifactRevision"}},
    "ArtifactStore": {"type":"structure","required":["type","location"],"members":{"type":{"shape":"ArtifactStoreType"},"location":{"shape":"ArtifactStoreLocation"},"encryptionKey":{"shape":"EncryptionKey"}}},
    "ArtifactStoreLocation": {"type":"string","min":3,"max":63,"pattern":"[a-zA-Z0-9\\-\\.]+"},
    "ArtifactStoreMap": {"type":"map","key":{"shape":"AWSRegionName"},"value":{"shape":"ArtifactStore"}},
    "ArtifactStoreType": {"type":"string","enum":["S3"]},
    "BeforeEntryConditions": {"type":"structure","required":["conditions"],"members":{"conditions":{"shape":"ConditionList"}}},
    "BlockerDeclaration": {"type":"structure","required":["name","type"],"members":{"name":{"shape":"BlockerName"},"type":{"shape":"BlockerType"}}},
    "BlockerName": {"type":"string","min":1,"max":100},
    "BlockerType": {"type":"string","enum":["Schedule"]},
    "Boolean": {"type":"boolean"},
    "ClientId": {"type":"string","pattern":"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"},
    "ClientRequestToken": {"type":"string","min":1,"max":128,"pattern":"^[a-zA-Z0-9-]+$"},
    "ClientToken": {"type":"string","min":1,"max":256},
    "Code": {"type":"string"},
    "Command": {"type":"string","min":1,"max":1000},
    "CommandList": {"type":"list","min":1,"max":50,"member":{"shape":"Command"}},
    "ConcurrentModificationException": {"type":"structure","exception":true,"members":{"message":{"shape":"Message"}}},
    "ConcurrentPipelineExecutionsLimitExceededException": {"type":"structure","exception":true,"members":{"message":{"shape":"Message"}}},
    "Condition": {"type":"structure","members":{"result":{"shape":"Result"},"rules":{"shape":"RuleDeclarationList"}}},
    "ConditionExecution": {"type":"structure","members":{"status":{"shape":"ConditionExecutionStatus"},"summary":{"shape":"ExecutionSummary"},"lastStatusChange":{"shape":"Timestamp"}}},
    "ConditionExecutionStatus": {"type":"string","enum":["InProgress","Failed","Errored","Succeeded","Cancelled","Abandoned","Overridden"]},
    "ConditionList": {"type":"list","min":1,"max":1,"member":{"shape":"Condition"}},
    "ConditionNotOverridableException": {"type":"structure","exception":true,"members":{"message":{"shape":"String"}}},
    "ConditionState": {"type":"structure","members":{"latestExecution":{"shape":"ConditionExecution"},"ruleStates":{"shape":"RuleStateList"}}},
    "ConditionStateList": {"type":"list","member":{"shape":"ConditionState"}},
    "ConditionType": {"type":"string","enum":["BEFORE_ENTRY","ON_SUCCESS"]},
    "ConflictException": {"type":"structure","exception":true,"members":{"message":{"shape":"Message"}}},
    "ContinuationToken": {"type":"string","min":1,"max":2048},
    "CreateCustomActionTypeInput": {"type":"structure","required":["category","provider","version","inputArtifactDetails","outputArtifactDetails"],"members":{"category":{"shape":"ActionCategory"},"provider":{"shape":"ActionProvider"},"version":{"shape":"Version"},"settings":{"shape":"ActionTypeSettings"},"configurationProperties":{"shape":"ActionConfigurationPropertyList"},"inputArtifactDetails":{"shape":"ArtifactDetails"},"outputArtifactDetails":{"shape":"ArtifactDetails"},"tags":{"shape":"TagList"}}},
    "CreateCustomActionTypeOutput": {"type":"structure","required":["actionType"],"members":{"actionType":{"shape":"ActionType"},"tags":{"shape":"TagList"}}},
    "CreatePipelineInput": {"type":"structure","required":["pipeline"],"members":{"pipeline":{"shape":"PipelineDeclaration"},"tags":{"shape":"TagList"}}},
    "CreatePipelineOutput": {"type":"structure","members":{"pipeline":{"shape":"PipelineDeclaration"},"tags":{"shape":"TagList"}}},
    "CurrentRevision": {"type":"structure","required":["revision","changeIdentifier"],"members":{"revision":{"shape":"Revision"},"changeIdentifier":{"shape":"RevisionChangeIdentifier"},"created":{"shape":"Time"},"revisionSummary":{"shape":"RevisionSummary"}}},
    "DeleteCustomActionTypeInput": {"type":"structure","required":["category","provider","version"],"members":{"category":{"shape":"ActionCategory"},"provider":{"shape":"ActionProvider"},"version":{"shape":"Version"}}},
    "DeletePipelineInput": {"type":"structure","required":["name"],"members":{"name":{"shape":"PipelineName"}}},
    "DeleteWebhookInput": {"type":"structure","required":["name"],"members":{"name":{"shape":"WebhookName"}}},
    "DeleteWebhookOutput": {"type":"structure","members":{}},
    "DeployActionExecutionTarget": {"type":"structure","members":{"targetId":{"shape":"String"},"targetType":{"shape":"String"},"status":{"shape":"String"},"startTime":{"shape":"Timestamp"},"endTime":{"shape":"Timestamp"},"events":{"shape":"DeployTargetEventList"}}},
    "DeployActionExecutionTargetList": {"type":"list","member":{"shape":"DeployActionExecutionTarget"}},
    "DeployTargetEvent": {"type":"structure","members":{"name":{"shape":"String"},"status":{"shape":"String"},"startTime":{"shape":"Timestamp"},"endTime":{"shape":"Timestamp"},"context":{"shape":"DeployTargetEventContext"}}},
    "DeployTargetEventContext": {"type":"structure","members":{"ssmCommandId":{"shape":"String"},"message":{"shape":"String"}}},
    "DeployTargetEventList": {"type":"list","member":{"shape":"DeployTargetEvent"}},
    "DeregisterWebhookWithThirdPartyInput": {"type":"structure","members":{"webhookName":{"shape":"WebhookName"}}},
    "DeregisterWebhookWithThirdPartyOutput": {"type":"structure","members":{}},
    "Description": {"type":"string","min":1,"max":160},
    "DisableStageTransitionInput": {"type":"structure","required":["pipelineName","stageName","transitionType","reason"],"members":{"pipelineName":{"shape":"PipelineName"},"stageName":{"shape":"StageName"},"transitionType":{"shape":"StageTransitionType"},"reason":{"shape":"DisabledReason"}}},
    "DisabledReason": {"type":"string","min":1,"max":300,"pattern":"[a-zA-Z0-9!@ \\(\\)\\.\\*\\?\\-]+"},
    "DuplicatedStopRequestException": {"type":"structure","exception":true,"members":{"message":{"shape":"Message"}}},
    "EnableStageTransitionInput": {"type":"structure","required":["pipelineName","stageName","transitionType"],"members":{"pipelineName":{"shape":"PipelineName"},"stageName":{"shape":"StageName"},"transitionType":{"shape":"StageTransitionType"}}},
    "Enabled": {"type":"boolean"},
    "EncryptionKey": {"type":"structure","required":["id","type"],"members":{"id":{"shape":"EncryptionKeyId"},"type":{"shape":"EncryptionKeyType"}}},
    "EncryptionKeyId": {"type":"string","min":1,"max":400},
    "EncryptionKeyType": {"type":"string","enum":["KMS"]},
    "EnvironmentVariable": {"type":"structure","required":["name","value"],"members":{"name":{"shape":"EnvironmentVariableName"},"value":{"shape":"EnvironmentVariableValue"},"type":{"shape":"EnvironmentVariableType"}}},
    "EnvironmentVariableList": {"type":"list","min":1,"max":10,"member":{"shape":"EnvironmentVariable"}},
    "EnvironmentVariableName": {"type":"string","min":1,"max":128,"pattern":"[A-Za-z0-9_]+"},
    "EnvironmentVariableType": {"type":"string","enum":["PLAINTEXT","SECRETS_MANAGER"]},
    "EnvironmentVariableValue": {"type":"string","min":1,"max":2000,"pattern":".*"},
    "ErrorDetails": {"type":"structure","members":{"code":{"shape":"Code"},"message":{"shape":"Message"}}},
    "ExecutionDetails": {"type":"structure","members":{"summary":{"shape":"ExecutionSummary"},"externalExecutionId":{"shape":"ExecutionId"},"percentComplete":{"shape":"Percentage"}}},
    "ExecutionId": {"type":"string","min":1,"max":1500},
    "ExecutionMode": {"type":"string","enum":["QUEUED","SUPERSEDED","PARALLEL"]},
    "ExecutionSummary": {"type":"string","min":1,"max":2048},
    "ExecutionTrigger": {"type":"structure","members":{"triggerType":{"shape":"TriggerType"},"triggerDetail":{"shape":"TriggerDetail"}}},
    "ExecutionType": {"type":"string","enum":["STANDARD","ROLLBACK"]},
    "ExecutorConfiguration": {"type":"structure","members":{"lambdaExecutorConfiguration":{"shape":"LambdaExecutorConfiguration"},"jobWorkerExecutorConfiguration":{"shape":"JobWorkerExecutorConfiguration"}}},
    "ExecutorType": {"type":"string","enum":["JobWorker","Lambda"]},
    "ExternalExecutionId": {"type":"string"},
    "ExternalExecutionSummary": {"type":"string"},
    "FailureConditions": {"type":"structure","members":{"result":{"shape":"Result"},"retryConfiguration":{"shape":"RetryConfiguration"},"conditions":{"shape":"ConditionList"}}},
    "FailureDetails": {"type":"structure","required":["type","message"],"members":{"type":{"shape":"FailureType"},"message":{"shape":"Message"},"externalExecutionId":{"shape":"ExecutionId"}}},
    "FailureType": {"type":"string","enum":["JobFailed","ConfigurationError","PermissionError","RevisionOutOfSync","RevisionUnavailable","SystemUnavailable"]},
    "FilePath": {"type":"string","min":1,"max":128},
    "FilePathList": {"type":"list","min":1,"max":10,"member":{"shape":"FilePath"}},
    "GetActionTypeInput": {"type":"structure","required":["category","owner","provider","version"],"members":{"category":{"shape":"ActionCategory"},"owner":{"shape":"ActionTypeOwner"},"provider":{"shape":"ActionProvider"},"version":{"shape":"Version"}}},
    "GetActionTypeOutput": {"type":"structure","members":{"actionType":{"shape":"ActionTypeDeclaration"}}},
    "GetJobDetailsInput": {"type":"structure","required":["jobId"],"members":{"jobId":{"shape":"JobId"}}},
    "GetJobDetailsOutput": {"type":"structure","members":{"jobDetails":{"shape":"JobDetails"}}},
    "GetPipelineExecutionInput": {"type":"structure","required":["pipelineName","pipelineExecutionId"],"members":{"pipelineName":{"shape":"PipelineName"},"pipelineExecutionId":{"shape":"PipelineExecutionId"}}},
    "GetPipelineExecutionOutput": {"type":"structure","members":{"pipelineExecution":{"shape":"PipelineExecution"}}},
    "GetPipelineInput": {"type":"structure","required":["name"],"members":{"name":{"shape":"PipelineName"},"version":{"shape":"PipelineVersion"}}},
    "GetPipelineOutput": {"type":"structure","members":{"pipeline":{"shape":"PipelineDeclaration"},"metadata":{"shape":"PipelineMetadata"}}},
    "GetPipelineStateInput": {"type":"structure","required":["name"],"members":{"name":{"shape":"PipelineName"}}},
    "GetPipelineStateOutput": {"type":"structure","members":{"pipelineName":{"shape":"PipelineName"},"pipelineVersion":{"shape":"PipelineVersion"},"stageStates":{"shape":"StageStateList"},"created":{"shape":"Timestamp"},"updated":{"shape":"Timestamp"}}},
    "GetThirdPartyJobDetailsInput": {"type":"structure","required":["jobId","clientToken"],"members":{"jobId":{"shape":"ThirdPartyJobId"},"clientToken":{"shape":"ClientToken"}}},
    "GetThirdPartyJobDetailsOutput": {"type":"structure","members":{"jobDetails":{"shape":"ThirdPartyJobDetails"}}},
    "GitBranchFilterCriteria": {"type":"structure","members":{"includes":{"shape":"GitBranchPatternList"},"excludes":{"shape":"GitBranchPatternList"}}},
    "GitBranchNamePattern": {"type":"string","min":1,"max":255,"pattern":".*"},
    "GitBranchPatternList": {"type":"list","min":1,"max":8,"member":{"shape":"GitBranchNamePattern"}},
    "GitConfiguration": {"type":"structure","required":["sourceActionName"],"members":{"sourceActionName":{"shape":"ActionName"},"push":{"shape":"GitPushFilterList"},"pullRequest":{"shape":"GitPullRequestFilterList"}}},
    "GitFilePathFilterCriteria": {"type":"structure","members":{"includes":{"shape":"GitFilePathPatternList"},"excludes":{"shape":"GitFilePathPatternList"}}},
    "GitFilePathPattern": {"type":"string","min":1,"max":255,"pattern":".*"},
    "GitFilePathPatternList": {"type":"list","min":1,"max":8,"member":{"shape":"GitFilePathPattern"}},
    "GitPullRequestEventType": {"type":"string","enum":["OPEN","UPDATED","CLOSED"]},
    "GitPullRequestEventTypeList": {"type":"list","min":1,"max":3,"member":{"shape":"GitPullRequestEventType"}},
    "GitPullRequestFilter": {"type":"structure","members":{"events":{"shape":"GitPullRequestEventTypeList"},"branches":{"shape":"GitBranchFilterCriteria"},"filePaths":{"shape":"GitFilePathFilterCriteria"}}},
    "GitPullRequestFilterList": {"type":"list","min":1,"max":3,"member":{"shape":"GitPullRequestFilter"}},
    "GitPushFilter": {"type":"structure","members":{"tags":{"shape":"GitTagFilterCriteria"},"branches":{"shape":"GitBranchFilterCriteria"},"filePaths":{"shape":"GitFilePathFilterCriteria"}}},
    "GitPushFilterList": {"type":"list","min":1,"max":3,"member":{"shape":"GitPushFilter"}},
    "GitTagFilterCriteria": {"type":"structure","members":{"includes":{"shape":"GitTagPatternList"},"excludes":{"shape":"GitTagPatternList"}}},
    "GitTagNamePattern": {"type":"string","min":1,"max":255},
    "GitTagPatternList": {"type":"list","min":1,"max":8,"member":{"shape":"GitTagNamePattern"}},
    "InputArtifact": {"type":"structure","required":["name"],"members":{"name":{"shape":"ArtifactName"}}},
    "InputArtifactList": {"type":"list","member":{"shape":"InputArtifact"}},
    "InvalidActionDeclarationException": {"type":"structure","exception":true,"members":{}},
    "InvalidApprovalTokenException": {"type":"structure","exception":true,"members":{}},
    "InvalidArnException": {"type":"structure","exception":true,"members":{"message":{"shape":"Message"}}},
    "InvalidBlockerDeclarationException": {"type":"structure","exception":true,"members":{}},
    "InvalidClientTokenException": {"type":"structure","exception":true,"members":{}},
    "InvalidJobException": {"type":"structure","exception":true,"members":{}},
    "InvalidJobStateException": {"type":"structure","exception":true,"members":{}},
    "InvalidNextTokenException": {"type":"structure","exception":true,"members":{}},
    "InvalidNonceException": {"type":"structure","exception":true,"members":{}},
    "InvalidStageDeclarationException": {"type":"structure","exception":true,"members":{}},
    "InvalidStructureException": {"type":"structure","exception":true,"members":{}},
    "InvalidTagsException": {"type":"structure","exception":true,"members":{"message":{"shape":"Message"}}},
    "InvalidWebhookAuthenticationParametersException": {"type":"structure","exception":true,"members":{}},
    "InvalidWebhookFilterPatternException": {"type":"structure","exception":true,"members":{}},
    "Job": {"type":"structure","members":{"id":{"shape":"JobId"},"data":{"shape":"JobData"},"nonce":{"shape":"Nonce"},"accountId":{"shape":"AccountId"}}},
    "JobData": {"type":"structure","members":{"actionTypeId":{"shape":"ActionTypeId"},"actionConfiguration":{"shape":"ActionConfiguration"},"pipelineContext":{"shape":"PipelineContext"},"inputArtifacts":{"shape":"ArtifactList"},"outputArtifacts":{"shape":"ArtifactList"},"artifactCredentials":{"shape":"AWSSessionCredentials"},"continuationToken":{"shape":"ContinuationToken"},"encryptionKey":{"shape":"EncryptionKey"}}},
    "JobDetails": {"type":"structure","members":{"id":{"shape":"JobId"},"data":{"shape":"JobData"},"accountId":{"shape":"AccountId"}}},
    "JobId": {"type":"string","pattern":"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"},
    "JobList": {"type":"list","member":{"shape":"Job"}},
    "JobNotFoundException": {"type":"structure","exception":true,"members":{}},
    "JobStatus": {"type":"string","enum":["Created","Queued","Dispatched","InProgress","TimedOut","Succeeded","Failed"]},
    "JobTimeout": {"type":"integer","min":60,"max":43200},
    "JobWorkerExecutorConfiguration": {"type":"structure","members":{"pollingAccounts":{"shape":"PollingAccountList"},"pollingServicePrincipals":{"shape":"PollingServicePrincipalList"}}},
    "JsonPath": {"type":"string","min":1,"max":150},
    "LambdaExecutorConfiguration": {"type":"structure","required":["lambdaFunctionArn"],"members":{"lambdaFunctionArn":{"shape":"LambdaFunctionArn"}}},
    "LambdaFunctionArn": {"type":"string","min":1,"max":140,"pattern":"arn:aws(-[\\w]+)*:lambda:.+:[0-9]{12}:function:.+"},
    "LastChangedAt": {"type":"timestamp"},
    "LastChangedBy": {"type":"string"},
    "LastUpdatedBy": {"type":"string"},
    "LatestInPipelineExecutionFilter": {"type":"structure","required":["pipelineExecutionId","startTimeRange"],"members":{"pipelineExecutionId":{"shape":"PipelineExecutionId"},"startTimeRange":{"shape":"StartTimeRange"}}},
    "LimitExceededException": {"type":"structure","exception":true,"members":{}},
    "ListActionExecutionsInput": {"type":"structure","required":["pipelineName"],"members":{"pipelineName":{"shape":"PipelineName"},"filter":{"shape":"ActionExecutionFilter"},"maxResults":{"shape":"MaxResults"},"nextToken":{"shape":"NextToken"}}},
    "ListActionExecutionsOutput": {"type":"structure","members":{"actionExecutionDetails":{"shape":"ActionExecutionDetailList"},"nextToken":{"shape":"NextToken"}}},
    "ListActionTypesInput": {"type":"structure","members":{"actionOwnerFilter":{"shape":"ActionOwner"},"nextToken":{"shape":"NextToken"},"regionFilter":{"shape":"AWSRegionName"}}},
    "ListActionTypesOutput": {"type":"structure","required":["actionTypes"],"members":{"actionTypes":{"shape":"ActionTypeList"},"nextToken":{"shape":"NextToken"}}},
    "ListDeployActionExecutionTargetsInput": {"type":"structure","required":["actionExecutionId"],"members":{"pipelineName":{"shape":"PipelineName"},"actionExecutionId":{"shape":"ActionExecutionId"},"filters":{"shape":"TargetFilterList"},"maxResults":{"shape":"MaxResults"},"nextToken":{"shape":"NextToken"}}},
    "ListDeployActionExecutionTargetsOutput": {"type":"structure","members":{"targets":{"shape":"DeployActionExecutionTargetList"},"nextToken":{"shape":"NextToken"}}},
    "ListPipelineExecutionsInput": {"type":"structure","required":["pipelineName"],"members":{"pipelineName":{"shape":"PipelineName"},"maxResults":{"shape":"MaxResults"},"filter":{"shape":"PipelineExecutionFilter"},"nextToken":{"shape":"NextToken"}}},
    "ListPipelineExecutionsOutput": {"type":"structure","members":{"pipelineExecutionSummaries":{"shape":"PipelineExecutionSummaryList"},"nextToken":{"shape":"NextToken"}}},
    "ListPipelinesInput": {"type":"structure","members":{"nextToken":{"shape":"NextToken"},"maxResults":{"shape":"MaxPipelines"}}},
    "ListPipelinesOutput": {"type":"structure","members":{"pipelines":{"shape":"PipelineList"},"nextToken":{"shape":"NextToken"}}},
    "ListRuleExecutionsInput": {"type":"structure","required":["pipelineName"],"members":{"pipelineName":{"shape":"PipelineName"},"filter":{"shape":"RuleExecutionFilter"},"maxResults":{"shape":"MaxResults"},"nextToken":{"shape":"NextToken"}}},
    "ListRuleExecutionsOutput": {"type":"structure","members":{"ruleExecutionDetails":{"shape":"RuleExecutionDetailList"},"nextToken":{"shape":"NextToken"}}},
    "ListRuleTypesInput": {"type":"structure","members":{"ruleOwnerFilter":{"shape":"RuleOwner"},"regionFilter":{"shape":"AWSRegionName"}}},
    "ListRuleTypesOutput": {"type":"structure","required":["ruleTypes"],"members":{"ruleTypes":{"shape":"RuleTypeList"}}},
    "ListTagsForResourceInput": {"type":"structure","required":["resourceArn"],"members":{"resourceArn":{"shape":"ResourceArn"},"nextToken":{"shape":"NextToken"},"maxResults":{"shape":"MaxResults"}}},
    "ListTagsForResourceOutput": {"type":"structure","members":{"tags":{"shape":"TagList"},"nextToken":{"shape":"NextToken"}}},
    "ListWebhookItem": {"type":"structure","required":["definition","url"],"members":{"definition":{"shape":"WebhookDefinition"},"url":{"shape":"WebhookUrl"},"errorMessage":{"shape":"WebhookErrorMessage"},"errorCode":{"shape":"WebhookErrorCode"},"lastTriggered":{"shape":"WebhookLastTriggered"},"arn":{"shape":"WebhookArn"},"tags":{"shape":"TagList"}}},
    "ListWebhooksInput": {"type":"structure","members":{"NextToken":{"shape":"NextToken"},"MaxResults":{"shape":"MaxResults"}}},
    "ListWebhooksOutput": {"type":"structure","members":{"webhooks":{"shape":"WebhookList"},"NextToken":{"shape":"NextToken"}}},
    "LogStreamARN": {"type":"string","min":1,"max":250},
    "MatchEquals": {"type":"string","min":1,"max":150},
    "MaxBatchSize": {"type":"integer","min":1},
    "MaxPipelines": {"type":"integer","min":1,"max":1000},
    "MaxResults": {"type":"integer","min":1,"max":100},
    "MaximumActionTypeArtifactCount": {"type":"integer","min":0,"max":10},
    "MaximumArtifactCount": {"type":"integer","min":0,"max":5},
    "Message": {"type":"string","min":1,"max":5000},
    "MinimumActionTypeArtifactCount": {"type":"integer","min":0,"max":10},
    "MinimumArtifactCount": {"type":"integer","min":0,"max":5},
    "NextToken": {"type":"string","min":1,"max":2048},
    "Nonce": {"type":"string","min":1,"max":50},
    "NotLatestPipelineExecutionException": {"type":"structure","exception":true,"members":{}},
    "OutputArtifact": {"type":"structure","required":["name"],"members":{"name":{"shape":"ArtifactName"},"files":{"shape":"FilePathList"}}},
    "OutputArtifactList": {"type":"list","member":{"shape":"OutputArtifact"}},
    "OutputVariable": {"type":"string","min":1,"max":128},
    "OutputVariableList": {"type":"list","min":1,"max":15,"member":{"shape":"OutputVariable"}},
    "OutputVariablesKey": {"type":"string","pattern":"[A-Za-z0-9@\\-_]+"},
    "OutputVariablesMap": {"type":"map","key":{"shape":"OutputVariablesKey"},"value":{"shape":"OutputVariablesValue"}},
    "OutputVariablesSizeExceededException": {"type":"structure","exception":true,"members":{"message":{"shape":"Message"}}},
    "OutputVariablesValue": {"type":"string"},
    "OverrideStageConditionInput": {"type":"structure","required":["pipelineName","stageName","pipelineExecutionId","conditionType"],"members":{"pipelineName":{"shape":"PipelineName"},"stageName":{"shape":"StageName"},"pipelineExecutionId":{"shape":"PipelineExecutionId"},"conditionType":{"shape":"ConditionType"}}},
    "Percentage": {"type":"integer","min":0,"max":100},
    "PipelineArn": {"type":"string","pattern":"arn:aws(-[\\w]+)*:codepipeline:.+:[0-9]{12}:.+"},
    "PipelineContext": {"type":"structure","members":{"pipelineName":{"shape":"PipelineName"},"stage":{"shape":"StageContext"},"action":{"shape":"ActionContext"},"pipelineArn":{"shape":"PipelineArn"},"pipelineExecutionId":{"shape":"PipelineExecutionId"}}},
    "PipelineDeclaration": {"type":"structure","required":["name","roleArn","stages"],"members":{"name":{"shape":"PipelineName"},"roleArn":{"shape":"RoleArn"},"artifactStore":{"shape":"ArtifactStore"},"artifactStores":{"shape":"ArtifactStoreMap"},"stages":{"shape":"PipelineStageDeclarationList"},"version":{"shape":"PipelineVersion"},"executionMode":{"shape":"ExecutionMode"},"pipelineType":{"shape":"PipelineType"},"variables":{"shape":"PipelineVariableDeclarationList"},"triggers":{"shape":"PipelineTriggerDeclarationList"}}},
    "PipelineExecution": {"type":"structure","members":{"pipelineName":{"shape":"PipelineName"},"pipelineVersion":{"shape":"PipelineVersion"},"pipelineExecutionId":{"shape":"PipelineExecutionId"},"status":{"shape":"PipelineExecutionStatus"},"statusSummary":{"shape":"PipelineExecutionStatusSummary"},"artifactRevisions":{"shape":"ArtifactRevisionList"},"variables":{"shape":"ResolvedPipelineVariableList"},"trigger":{"shape":"ExecutionTrigger"},"executionMode":{"shape":"ExecutionMode"},"executionType":{"shape":"ExecutionType"},"rollbackMetadata":{"shape":"PipelineRollbackMetadata"}}},
    "PipelineExecutionFilter": {"type":"structure","members":{"succeededInStage":{"shape":"SucceededInStageFilter"}}},
    "PipelineExecutionId": {"type":"string","pattern":"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"},
    "PipelineExecutionNotFoundException": {"type":"structure","exception":true,"members":{}},
    "PipelineExecutionNotStoppableException": {"type":"structure","exception":true,"members":{"message":{"shape":"Message"}}},
    "PipelineExecutionOutdatedException": {"type":"structure","exception":true,"members":{"message":{"shape":"Message"}}},
    "PipelineExecutionStatus": {"type":"string","enum":["Cancelled","InProgress","Stopped","Stopping","Succeeded","Superseded","Failed"]},
    "PipelineExecutionStatusSummary": {"type":"string"},
    "PipelineExecutionSummary": {"type":"structure","members":{"pipelineExecutionId":{"shape":"PipelineExecutionId"},"status":{"shape":"PipelineExecutionStatus"},"statusSummary":{"shape":"PipelineExecutionStatusSummary"},"startTime":{"shape":"Timestamp"},"lastUpdateTime":{"shape":"Timestamp"},"sourceRevisions":{"shape":"SourceRevisionList"},"trigger":{"shape":"ExecutionTrigger"},"stopTrigger":{"shape":"StopExecutionTrigger"},"executionMode":{"shape":"ExecutionMode"},"executionType":{"shape":"ExecutionType"},"rollbackMetadata":{"shape":"PipelineRollbackMetadata"}}},
    "PipelineExecutionSummaryList": {"type":"list","member":{"shape":"PipelineExecutionSummary"}},
    "PipelineList": {"type":"list","member":{"shape":"PipelineSummary"}},
    "PipelineMetadata": {"type":"structure","members":{"pipelineArn":{"shape":"PipelineArn"},"created":{"shape":"Timestamp"},"updated":{"shape":"Timestamp"},"pollingDisabledAt":{"shape":"Timestamp"}}},
    "PipelineName": {"type":"string","min":1,"max":100,"pattern":"[A-Za-z0-9.@\\-_]+"},
    "PipelineNameInUseException": {"type":"structure","exception":true,"members":{}},
    "PipelineNotFoundException": {"type":"structure","exception":true,"members":{}},
    "PipelineRollbackMetadata": {"type":"structure","members":{"rollbackTargetPipelineExecutionId":{"shape":"PipelineExecutionId"}}},
    "PipelineStageDeclarationList": {"type":"list","member":{"shape":"StageDeclaration"}},
    "PipelineSummary": {"type":"structure","members":{"name":{"shape":"PipelineName"},"version":{"shape":"PipelineVersion"},"pipelineType":{"shape":"PipelineType"},"executionMode":{"shape":"ExecutionMode"},"created":{"shape":"Timestamp"},"updated":{"shape":"Timestamp"}}},
    "PipelineTriggerDeclaration": {"type":"structure","required":["providerType","gitConfiguration"],"members":{"providerType":{"shape":"PipelineTriggerProviderType"},"gitConfiguration":{"shape":"GitConfiguration"}}},
    "PipelineTriggerDeclarationList": {"type":"list","max":50,"member":{"shape":"PipelineTriggerDeclaration"}},
    "PipelineTriggerProviderType": {"type":"string","enum":["CodeStarSourceConnection"]},
    "PipelineType": {"type":"string","enum":["V1","V2"]},
    "PipelineVariable": {"type":"structure","required":["name","value"],"members":{"name":{"shape":"PipelineVariableName"},"value":{"shape":"PipelineVariableValue"}}},
    "PipelineVariableDeclaration": {"type":"structure","required":["name"],"members":{"name":{"shape":"PipelineVariableName"},"defaultValue":{"shape":"PipelineVariableValue"},"description":{"shape":"PipelineVariableDescription"}}},
    "PipelineVariableDeclarationList": {"type":"list","max":50,"member":{"shape":"PipelineVariableDeclaration"}},
    "PipelineVariableDescription": {"type":"string","min":0,"max":200,"pattern":".*"},
    "PipelineVariableList": {"type":"list","min":1,"max":50,"member":{"shape":"PipelineVariable"}},
    "PipelineVariableName": {"type":"string","min":1,"max":128,"pattern":"[A-Za-z0-9@\\-_]+"},
    "PipelineVariableValue": {"type":"string","min":1,"max":1000,"pattern":".*"},
    "PipelineVersion": {"type":"integer","min":1},
    "PipelineVersionNotFoundException": {"type":"structure","exception":true,"members":{}},
    "PolicyStatementsTemplate": {"type":"string","min":1,"max":2048},
    "PollForJobsInput": {"type":"structure","required":["actionTypeId"],"members":{"actionTypeId":{"shape":"ActionTypeId"},"maxBatchSize":{"shape":"MaxBatchSize"},"queryParam":{"shape":"QueryParamMap"}}},
    "PollForJobsOutput": {"type":"structure","members":{"jobs":{"shape":"JobList"}}},
    "PollForThirdPartyJobsInput": {"type":"structure","required":["actionTypeId"],"members":{"actionTypeId":{"shape":"ActionTypeId"},"maxBatchSize":{"shape":"MaxBatchSize"}}},
    "PollForThirdPartyJobsOutput": {"type":"structure","members":{"jobs":{"shape":"ThirdPartyJobList"}}},
    "PollingAccountList": {"type":"list","min":1,"max":1000,"member":{"shape":"AccountId"}},
    "PollingServicePrincipalList": {"type":"list","min":1,"max":10,"member":{"shape":"ServicePrincipal"}},
    "PropertyDescription": {"type":"string","min":1,"max":250},
    "PutActionRevisionInput": {"type":"structure","required":["pipelineName","stageName","actionName","actionRevision"],"members":{"pipelineName":{"shape":"PipelineName"},"stageName":{"shape":"StageName"},"actionName":{"shape":"ActionName"},"actionRevision":{"shape":"ActionRevision"}}},
    "PutActionRevisionOutput": {"type":"structure","members":{"newRevision":{"shape":"Boolean"},"pipelineExecutionId":{"shape":"PipelineExecutionId"}}},
    "PutApprovalResultInput": {"type":"structure","required":["pipelineName","stageName","actionName","result","token"],"members":{"pipelineName":{"shape":"PipelineName"},"stageName":{"shape":"StageName"},"actionName":{"shape":"ActionName"},"result":{"shape":"ApprovalResult"},"token":{"shape":"ApprovalToken"}}},
    "PutApprovalResultOutput": {"type":"structure","members":{"approvedAt":{"shape":"Timestamp"}}},
    "PutJobFailureResultInput": {"type":"structure","required":["jobId","failureDetails"],"members":{"jobId":{"shape":"JobId"},"failureDetails":{"shape":"FailureDetails"}}},
    "PutJobSuccessResultInput": {"type":"structure","required":["jobId"],"members":{"jobId":{"shape":"JobId"},"currentRevision":{"shape":"CurrentRevision"},"continuationToken":{"shape":"ContinuationToken"},"executionDetails":{"shape":"ExecutionDetails"},"outputVariables":{"shape":"OutputVariablesMap"}}},
    "PutThirdPartyJobFailureResultInput": {"type":"structure","required":["jobId","clientToken","failureDetails"],"members":{"jobId":{"shape":"ThirdPartyJobId"},"clientToken":{"shape":"ClientToken"},"failureDetails":{"shape":"FailureDetails"}}},
    "PutThirdPartyJobSuccessResultInput": {"type":"structure","required":["jobId","clientToken"],"members":{"jobId":{"shape":"ThirdPartyJobId"},"clientToken":{"shape":"ClientToken"},"currentRevision":{"shape":"CurrentRevision"},"continuationToken":{"shape":"ContinuationToken"},"executionDetails":{"shape":"ExecutionDetails"}}},
    "PutWebhookInput": {"type":"structure","required":["webhook"],"members":{"webhook":{"shape":"WebhookDefinition"},"tags":{"shape":"TagList"}}},
    "PutWebhookOutput": {"type":"structure","members":{"webhook":{"shape":"ListWebhookItem"}}},
    "QueryParamMap": {"type":"map","min":0,"max":1,"key":{"shape":"ActionConfigurationKey"},"value":{"shape":"ActionConfigurationQueryableValue"}},
    "RegisterWebhookWithThirdPartyInput": {"type":"structure","members":{"webhookName":{"shape":"WebhookName"}}},
    "RegisterWebhookWithThirdPartyOutput": {"type":"structure","members":{}},
    "RequestFailedException": {"type":"structure","exception":true,"members":{"message":{"shape":"Message"}}},
    "ResolvedActionConfigurationMap": {"type":"map","key":{"shape":"String"},"value":{"shape":"String"}},
    "ResolvedPipelineVariable": {"type":"structure","members":{"name":{"shape":"String"},"resolvedValue":{"shape":"String"}}},
    "ResolvedPipelineVariableList": {"type":"list","member":{"shape":"ResolvedPipelineVariable"}},
    "ResolvedRuleConfigurationMap": {"type":"map","key":{"shape":"String"},"value":{"shape":"String"}},
    "ResourceArn": {"type":"string","pattern":"arn:aws(-[\\w]+)*:codepipeline:.+:[0-9]{12}:.+"},
    "ResourceNotFoundException": {"type":"structure","exception":true,"members":{}},
    "Result": {"type":"string","enum":["ROLLBACK","FAIL","RETRY","SKIP"]},
    "RetryAttempt": {"type":"integer","min":1},
    "RetryConfiguration": {"type":"structure","members":{"retryMode":{"shape":"StageRetryMode"}}},
    "RetryStageExecutionInput": {"type":"structure","required":["pipelineName","stageName","pipelineExecutionId","retryMode"],"members":{"pipelineName":{"shape":"PipelineName"},"stageName":{"shape":"StageName"},"pipelineExecutionId":{"shape":"PipelineExecutionId"},"retryMode":{"shape":"StageRetryMode"}}},
    "RetryStageExecutionOutput": {"type":"structure","members":{"pipelineExecutionId":{"shape":"PipelineExecutionId"}}},
    "RetryStageMetadata": {"type":"structure","members":{"autoStageRetryAttempt":{"shape":"RetryAttempt"},"manualStageRetryAttempt":{"shape":"RetryAttempt"},"latestRetryTrigger":{"shape":"RetryTrigger"}}},
    "RetryTrigger": {"type":"string","enum":["AutomatedStageRetry","ManualStageRetry"]},
    "Revision": {"type":"string","min":1,"max":1500},
    "RevisionChangeIdentifier": {"type":"string","min":1,"max":100},
    "RevisionSummary": {"type":"string","min":1,"max":2048},
    "RoleArn": {"type":"string","max":1024,"pattern":"arn:aws(-[\\w]+)*:iam::[0-9]{12}:role/.*"},
    "RollbackStageInput": {"type":"structure","required":["pipelineName","stageName","targetPipelineExecutionId"],"members":{"pipelineName":{"shape":"PipelineName"},"stageName":{"shape":"StageName"},"targetPipelineExecutionId":{"shape":"PipelineExecutionId"}}},
    "RollbackStageOutput": {"type":"structure","required":["pipelineExecutionId"],"members":{"pipelineExecutionId":{"shape":"PipelineExecutionId"}}},
    "RuleCategory": {"type":"string","enum":["Rule"]},
    "RuleConfigurationKey": {"type":"string","min":1,"max":50},
    "RuleConfigurationMap": {"type":"map","min":0,"max":200,"key":{"shape":"RuleConfigurationKey"},"value":{"shape":"RuleConfigurationValue"}},
    "RuleConfigurationProperty": {"type":"structure","required":["name","required","key","secret"],"members":{"name":{"shape":"RuleConfigurationKey"},"required":{"shape":"Boolean"},"key":{"shape":"Boolean"},"secret":{"shape":"Boolean"},"queryable":{"shape":"Boolean"},"description":{"shape":"Description"},"type":{"shape":"RuleConfigurationPropertyType"}}},
    "RuleConfigurationPropertyList": {"type":"list","max":10,"member":{"shape":"RuleConfigurationProperty"}},
    "RuleConfigurationPropertyType": {"type":"string","enum":["String","Number","Boolean"]},
    "RuleConfigurationValue": {"type":"string","min":1,"max":10000},
    "RuleDeclaration": {"type":"structure","required":["name","ruleTypeId"],"members":{"name":{"shape":"RuleName"},"ruleTypeId":{"shape":"RuleTypeId"},"configuration":{"shape":"RuleConfigurationMap"},"commands":{"shape":"CommandList"},"inputArtifacts":{"shape":"InputArtifactList"},"roleArn":{"shape":"RoleArn"},"region":{"shape":"AWSRegionName"},"timeoutInMinutes":{"shape":"RuleTimeout"}}},
    "RuleDeclarationList": {"type":"list","min":1,"max":5,"member":{"shape":"RuleDeclaration"}},
    "RuleExecution": {"type":"structure","members":{"ruleExecutionId":{"shape":"RuleExecutionId"},"status":{"shape":"RuleExecutionStatus"},"summary":{"shape":"ExecutionSummary"},"lastStatusChange":{"shape":"Timestamp"},"token":{"shape":"RuleExecutionToken"},"lastUpdatedBy":{"shape":"LastUpdatedBy"},"externalExecutionId":{"shape":"ExecutionId"},"externalExecutionUrl":{"shape":"Url"},"errorDetails":{"shape":"ErrorDetails"}}},
    "RuleExecutionDetail": {"type":"structure","members":{"pipelineExecutionId":{"shape":"PipelineExecutionId"},"ruleExecutionId":{"shape":"RuleExecutionId"},"pipelineVersion":{"shape":"PipelineVersion"},"stageName":{"shape":"StageName"},"ruleName":{"shape":"RuleName"},"startTime":{"shape":"Timestamp"},"lastUpdateTime":{"shape":"Timestamp"},"updatedBy":{"shape":"LastUpdatedBy"},"status":{"shape":"RuleExecutionStatus"},"input":{"shape":"RuleExecutionInput"},"output":{"shape":"RuleExecutionOutput"}}},
    "RuleExecutionDetailList": {"type":"list","member":{"shape":"RuleExecutionDetail"}},
    "RuleExecutionFilter": {"type":"structure","members":{"pipelineExecutionId":{"shape":"PipelineExecutionId"},"latestInPipelineExecution":{"shape":"LatestInPipelineExecutionFilter"}}},
    "RuleExecutionId": {"type":"string","min":1,"max":200},
    "RuleExecutionInput": {"type":"structure","members":{"ruleTypeId":{"shape":"RuleTypeId"},"configuration":{"shape":"RuleConfigurationMap"},"resolvedConfiguration":{"shape":"ResolvedRuleConfigurationMap"},"roleArn":{"shape":"RoleArn"},"region":{"shape":"AWSRegionName"},"inputArtifacts":{"shape":"ArtifactDetailList"}}},
    "RuleExecutionOutput": {"type":"structure","members":{"executionResult":{"shape":"RuleExecutionResult"}}},
    "RuleExecutionResult": {"type":"structure","members":{"externalExecutionId":{"shape":"ExternalExecutionId"},"externalExecutionSummary":{"shape":"ExternalExecutionSummary"},"externalExecutionUrl":{"shape":"Url"},"errorDetails":{"shape":"ErrorDetails"}}},
    "RuleExecutionStatus": {"type":"string","enum":["InProgress","Abandoned","Succeeded","Failed"]},
    "RuleExecutionToken": {"type":"string","min":1,"max":200,"pattern":"[a-zA-Z0-9\\-\\.]+"},
    "RuleName": {"type":"string","min":1,"max":100,"pattern":"[A-Za-z0-9.@\\-_]+"},
    "RuleOwner": {"type":"string","enum":["AWS"]},
    "RuleProvider": {"type":"string","min":1,"max":35,"pattern":"[0-9A-Za-z_-]+"},
    "RuleRevision": {"type":"structure","required":["revisionId","revisionChangeId","created"],"members":{"revisionId":{"shape":"Revision"},"revisionChangeId":{"shape":"RevisionChangeIdentifier"},"created":{"shape":"Timestamp"}}},
    "RuleState": {"type":"structure","members":{"ruleName":{"shape":"RuleName"},"currentRevision":{"shape":"RuleRevision"},"latestExecution":{"shape":"RuleExecution"},"entityUrl":{"shape":"Url"},"revisionUrl":{"shape":"Url"}}},
    "RuleStateList": {"type":"list","member":{"shape":"RuleState"}},
    "RuleTimeout": {"type":"integer","min":5,"max":86400},
    "RuleType": {"type":"structure","required":["id","inputArtifactDetails"],"members":{"id":{"shape":"RuleTypeId"},"settings":{"shape":"RuleTypeSettings"},"ruleConfigurationProperties":{"shape":"RuleConfigurationPropertyList"},"inputArtifactDetails":{"shape":"ArtifactDetails"}}},
    "RuleTypeId": {"type":"structure","required":["category","provider"],"members":{"category":{"shape":"RuleCategory"},"owner":{"shape":"RuleOwner"},"provider":{"shape":"RuleProvider"},"version":{"shape":"Version"}}},
    "RuleTypeList": {"type":"list","member":{"shape":"RuleType"}},
    "RuleTypeSettings": {"type":"structure","members":{"thirdPartyConfigurationUrl":{"shape":"Url"},"entityUrlTemplate":{"shape":"UrlTemplate"},"executionUrlTemplate":{"shape":"UrlTemplate"},"revisionUrlTemplate":{"shape":"UrlTemplate"}}},
    "S3ArtifactLocation": {"type":"structure","required":["bucketName","objectKey"],"members":{"bucketName":{"shape":"S3BucketName"},"objectKey":{"shape":"S3ObjectKey"}}},
    "S3Bucket": {"type":"string","min":3,"max":63},
    "S3BucketName": {"type":"string"},
    "S3Key": {"type":"string","min":1,"max":100},
    "S3Location": {"type":"structure","members":{"bucket":{"shape":"S3Bucket"},"key":{"shape":"S3Key"}}},
    "S3ObjectKey": {"type":"string"},
    "SecretAccessKey": {"type":"string","sensitive":true},
    "ServicePrincipal": {"type":"string","min":1,"max":128},
    "SessionToken": {"type":"string","sensitive":true},
    "SourceRevision": {"type":"structure","required":["actionName"],"members":{"actionName":{"shape":"ActionName"},"revisionId":{"shape":"Revision"},"revisionSummary":{"shape":"RevisionSummary"},"revisionUrl":{"shape":"Url"}}},
    "SourceRevisionList": {"type":"list","member":{"shape":"SourceRevision"}},
    "SourceRevisionOverride": {"type":"structure","required":["actionName","revisionType","revisionValue"],"members":{"actionName":{"shape":"ActionName"},"revisionType":{"shape":"SourceRevisionType"},"revisionValue":{"shape":"Revision"}}},
    "SourceRevisionOverrideList": {"type":"list","min":0,"max":50,"member":{"shape":"SourceRevisionOverride"}},
    "SourceRevisionType": {"type":"string","enum":["COMMIT_ID","IMAGE_DIGEST","S3_OBJECT_VERSION_ID","S3_OBJECT_KEY"]},
    "StageActionDeclarationList": {"type":"list","member":{"shape":"ActionDeclaration"}},
    "StageBlockerDeclarationList": {"type":"list","member":{"shape":"BlockerDeclaration"}},
    "StageConditionState": {"type":"structure","members":{"latestExecution":{"shape":"StageConditionsExecution"},"conditionStates":{"shape":"ConditionStateList"}}},
    "StageConditionsExecution": {"type":"structure","members":{"status":{"shape":"ConditionExecutionStatus"},"summary":{"shape":"ExecutionSummary"}}},
    "StageContext": {"type":"structure","members":{"name":{"shape":"StageName"}}},
    "StageDeclaration": {"type":"structure","required":["name","actions"],"members":{"name":{"shape":"StageName"},"blockers":{"shape":"StageBlockerDeclarationList"},"actions":{"shape":"StageActionDeclarationList"},"onFailure":{"shape":"FailureConditions"},"onSuccess":{"shape":"SuccessConditions"},"beforeEntry":{"shape":"BeforeEntryConditions"}}},
    "StageExecution": {"type":"structure","required":["pipelineExecutionId","status"],"members":{"pipelineExecutionId":{"shape":"PipelineExecutionId"},"status":{"shape":"StageExecutionStatus"},"type":{"shape":"ExecutionType"}}},
    "StageExecutionList": {"type":"list","member":{"shape":"StageExecution"}},
    "StageExecutionStatus": {"type":"string","enum":["Cancelled","InProgress","Failed","Stopped","Stopping","Succeeded","Skipped"]},
    "StageName": {"type":"string","min":1,"max":100,"pattern":"[A-Za-z0-9.@\\-_]+"},
    "StageNotFoundException": {"type":"structure","exception":true,"members":{}},
    "StageNotRetryableException": {"type":"structure","exception":true,"members":{}},
    "StageRetryMode": {"type":"string","enum":["FAILED_ACTIONS","ALL_ACTIONS"]},
    "StageState": {"type":"structure","members":{"stageName":{"shape":"StageName"},"inboundExecution":{"shape":"StageExecution"},"inboundExecutions":{"shape":"StageExecutionList"},"inboundTransitionState":{"shape":"TransitionState"},"actionStates":{"shape":"ActionStateList"},"latestExecution":{"shape":"StageExecution"},"beforeEntryConditionState":{"shape":"StageConditionState"},"onSuccessConditionState":{"shape":"StageConditionState"},"onFailureConditionState":{"shape":"StageConditionState"},"retryStageMetadata":{"shape":"RetryStageMetadata"}}},
    "StageStateList": {"type":"list","member":{"shape":"StageState"}},
    "StageTransitionType": {"type":"string","enum":["Inbound","Outbound"]},
    "StartPipelineExecutionInput": {"type":"structure","required":["name"],"members":{"name":{"shape":"PipelineName"},"variables":{"shape":"PipelineVariableList"},"clientRequestToken":{"shape":"ClientRequestToken","idempotencyToken":true},"sourceRevisions":{"shape":"SourceRevisionOverrideList"}}},
    "StartPipelineExecutionOutput": {"type":"structure","members":{"pipelineExecutionId":{"shape":"PipelineExecutionId"}}},
    "StartTimeRange": {"type":"string","enum":["Latest","All"]},
    "StopExecutionTrigger": {"type":"structure","members":{"reason":{"shape":"StopPipelineExecutionReason"}}},
    "StopPipelineExecutionInput": {"type":"structure","required":["pipelineName","pipelineExecutionId"],"members":{"pipelineName":{"shape":"PipelineName"},"pipelineExecutionId":{"shape":"PipelineExecutionId"},"abandon":{"shape":"Boolean"},"reason":{"shape":"StopPipelineExecutionReason"}}},
    "StopPipelineExecutionOutput": {"type":"structure","members":{"pipelineExecutionId":{"shape":"PipelineExecutionId"}}},
    "StopPipelineExecutionReason": {"type":"string","max":200},
    "String": {"type":"string"},
    "SucceededInStageFilter": {"type":"structure","members":{"stageName":{"shape":"StageName"}}},
    "SuccessConditions": {"type":"structure","required":["conditions"],"members":{"conditions":{"shape":"ConditionList"}}},
    "Tag": {"type":"structure","required":["key","value"],"members":{"key":{"shape":"TagKey"},"value":{"shape":"TagValue"}}},
    "TagKey": {"type":"string","min":1,"max":128},
    "TagKeyList": {"type":"list","member":{"shape":"TagKey"}},
    "TagList": {"type":"list","member":{"shape":"Tag"}},
    "TagResourceInput": {"type":"structure","required":["resourceArn","tags"],"members":{"resourceArn":{"shape":"ResourceArn"},"tags":{"shape":"TagList"}}},
    "TagResourceOutput": {"type":"structure","members":{}},
    "TagValue": {"type":"string","min":0,"max":256},
    "TargetFilter": {"type":"structure","members":{"name":{"shape":"TargetFilterName"},"values":{"shape":"TargetFilterValueList"}}},
    "TargetFilterList": {"type":"list","member":{"shape":"TargetFilter"}},
    "TargetFilterName": {"type":"string","enum":["TARGET_STATUS"]},
    "TargetFilterValue": {"type":"string","min":1},
    "TargetFilterValueList": {"type":"list","member":{"shape":"TargetFilterValue"}},
    "ThirdPartyJob": {"type":"structure","members":{"clientId":{"shape":"ClientId"},"jobId":{"shape":"JobId"}}},
    "ThirdPartyJobData": {"type":"structure","members":{"actionTypeId":{"shape":"ActionTypeId"},"actionConfiguration":{"shape":"ActionConfiguration"},"pipelineContext":{"shape":"PipelineContext"},"inputArtifacts":{"shape":"ArtifactList"},"outputArtifacts":{"shape":"ArtifactList"},"artifactCredentials":{"shape":"AWSSessionCredentials"},"continuationToken":{"shape":"ContinuationToken"},"encryptionKey":{"shape":"EncryptionKey"}}},
    "ThirdPartyJobDetails": {"type":"structure","members":{"id":{"shape":"ThirdPartyJobId"},"data":{"shape":"ThirdPartyJobData"},"nonce":{"shape":"Nonce"}}},
    "ThirdPartyJobId": {"type":"string","min":1,"max":512},
    "ThirdPartyJobList": {"type":"list","member":{"shape":"ThirdPartyJob"}},
    "Time": {"type":"timestamp"},
    "Timestamp": {"type":"timestamp"},
    "TooManyTagsException": {"type":"structure","exception":true,"members":{"message":{"shape":"Message"}}},
    "TransitionState": {"type":"structure","members":{"enabled":{"shape":"Enabled"},"lastChangedBy":{"shape":"LastChangedBy"},"lastChangedAt":{"shape":"LastChangedAt"},"disabledReason":{"shape":"DisabledReason"}}},
    "TriggerDetail": {"type":"string","min":0,"max":1024},
    "TriggerType": {"type":"string","enum":["CreatePipeline","StartPipelineExecution","PollForSourceChanges","Webhook","CloudWatchEvent","PutActionRevision","WebhookV2","ManualRollback","AutomatedRollback"]},
    "UnableToRollbackStageException": {"type":"structure","exception":true,"members":{"message":{"shape":"String"}}},
    "UntagResourceInput": {"type":"structure","required":["resourceArn","tagKeys"],"members":{"resourceArn":{"shape":"ResourceArn"},"tagKeys":{"shape":"TagKeyList"}}},
    "UntagResourceOutput": {"type":"structure","members":{}},
    "UpdateActionTypeInput": {"type":"structure","required":["actionType"],"members":{"actionType":{"shape":"ActionTypeDeclaration"}}},
    "UpdatePipelineInput": {"type":"structure","required":["pipeline"],"members":{"pipeline":{"shape":"PipelineDeclaration"}}},
    "UpdatePipelineOutput": {"type":"structure","members":{"pipeline":{"shape":"PipelineDeclaration"}}},
    "Url": {"type":"string","min":1,"max":2048},
    "UrlTemplate": {"type":"string","min":1,"max":2048},
    "ValidationException": {"type":"structure","exception":true,"members":{}},
    "Version": {"type":"string","min":1,"max":9,"pattern":"[0-9A-Za-z_-]+"},
    "WebhookArn": {"type":"string"},
    "WebhookAuthConfiguration": {"type":"structure","members":{"AllowedIPRange":{"shape":"WebhookAuthConfigurationAllowedIPRange"},"SecretToken":{"shape":"WebhookAuthConfigurationSecretToken"}}},
    "WebhookAuthConfigurationAllowedIPRange": {"type":"string","min":1,"max":100},
    "WebhookAuthConfigurationSecretToken": {"type":"string","min":1,"max":100},
    "WebhookAuthenticationType": {"type":"string","enum":["GITHUB_HMAC","IP","UNAUTHENTICATED"]},
    "WebhookDefinition": {"type":"structure","required":["name","targetPipeline","targetAction","filters","authentication","authenticationConfiguration"],"members":{"name":{"shape":"WebhookName"},"targetPipeline":{"shape":"PipelineName"},"targetAction":{"shape":"ActionName"},"filters":{"shape":"WebhookFilters"},"authentication":{"shape":"WebhookAuthenticationType"},"authenticationConfiguration":{"shape":"WebhookAuthConfiguration"}}},
    "WebhookErrorCode": {"type":"string"},
    "WebhookErrorMessage": {"type":"string"},
    "WebhookFilterRule": {"type":"structure","required":["jsonPath"],"members":{"jsonPath":{"shape":"JsonPath"},"matchEquals":{"shape":"MatchEquals"}}},
    "WebhookFilters": {"type":"list","max":5,"member":{"shape":"WebhookFilterRule"}},
    "WebhookLastTriggered": {"type":"timestamp"},
    "WebhookList": {"type":"list","member":{"shape":"ListWebhookItem"}},
    "WebhookName": {"type":"string","min":1,"max":100,"pattern":"[A-Za-z0-9.@\\-_]+"},
    "WebhookNotFoundException": {"type":"structure","exception":true,"members":{}},
    "WebhookUrl": {"type":"string","min":1,"max":1000}
  }
}`);

// src/kernel/arn.ts
function parseArn(text) {
  const [arn, partition, service, region, account, ...resource] = text.split(":");
  if (arn !== "arn" || !partition || !service || region === void 0 || account === void 0 || resource.length === 0) return void 0;
  return { partition, service, region, account, resource: resource.join(":") };
}

// src/services/codepipeline/tables.ts
var migrations = [
  {
    id: "0001",
    sql: [
      `CREATE TABLE codepipeline_pipelines (account TEXT NOT NULL, region TEXT NOT NULL, name TEXT NOT NULL, version INTEGER NOT NULL, type TEXT NOT NULL,
         mode TEXT NOT NULL, created BIGINT NOT NULL, updated BIGINT NOT NULL, PRIMARY KEY (account, region, name))`,
      `CREATE TABLE codepipeline_versions (account TEXT NOT NULL, region TEXT NOT NULL, name TEXT NOT NULL, version INTEGER NOT NULL, declaration TEXT NOT NULL,
         PRIMARY KEY (account, region, name, version))`,
      `CREATE TABLE codepipeline_executions (account TEXT NOT NULL, region TEXT NOT NULL, pipeline TEXT NOT NULL, id TEXT NOT NULL, status TEXT NOT NULL,
         updated BIGINT NOT NULL, data TEXT NOT NULL, PRIMARY KEY (account, region, pipeline, id))`,
      `CREATE TABLE codepipeline_actions (account TEXT NOT NULL, region TEXT NOT NULL, pipeline TEXT NOT NULL, id TEXT NOT NULL, execution TEXT NOT NULL,
         updated BIGINT NOT NULL, data TEXT NOT NULL, PRIMARY KEY (account, region, pipeline, id))`,
      `CREATE INDEX codepipeline_actions_execution ON codepipeline_actions (account, region, pipeline, execution, id)`,
      `CREATE TABLE codepipeline_tags (arn TEXT NOT NULL, name TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (arn, name))`,
      `CREATE TABLE codepipeline_tokens (account TEXT NOT NULL, region TEXT NOT NULL, pipeline TEXT NOT NULL, token TEXT NOT NULL, execution TEXT NOT NULL,
         PRIMARY KEY (account, region, pipeline, token))`
    ]
  },
  {
    id: "0002",
    sql: [
      `CREATE TABLE codepipeline_rules (account TEXT NOT NULL, region TEXT NOT NULL, pipeline TEXT NOT NULL, id TEXT NOT NULL, execution TEXT NOT NULL,
         updated BIGINT NOT NULL, data TEXT NOT NULL, PRIMARY KEY (account, region, pipeline, id))`,
      `CREATE INDEX codepipeline_rules_execution ON codepipeline_rules (account, region, pipeline, execution, id)`,
      `CREATE TABLE codepipeline_stage_successes (account TEXT NOT NULL, region TEXT NOT NULL, pipeline TEXT NOT NULL, stage TEXT NOT NULL,
         execution TEXT NOT NULL, at BIGINT NOT NULL, PRIMARY KEY (account, region, pipeline, stage, execution))`
    ]
  }
];
var KEY = "account = ? AND region = ?";
var sql2 = {
  insertPipeline: statement(`INSERT INTO codepipeline_pipelines (account, region, name, version, type, mode, created, updated) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (account, region, name) DO UPDATE SET version = excluded.version, type = excluded.type, mode = excluded.mode, updated = excluded.updated`),
  deletePipeline: statement(`DELETE FROM codepipeline_pipelines WHERE ${KEY} AND name = ?`),
  pipelinesAfter: statement(
    `SELECT name, version, type, mode, created, updated FROM codepipeline_pipelines WHERE ${KEY} AND name > ? ORDER BY name LIMIT ?`
  ),
  everyPipeline: statement(`SELECT p.account, p.region, p.name, v.declaration FROM codepipeline_pipelines p JOIN codepipeline_versions v
    ON v.account = p.account AND v.region = p.region AND v.name = p.name AND v.version = p.version`),
  insertVersion: statement(`INSERT INTO codepipeline_versions (account, region, name, version, declaration) VALUES (?, ?, ?, ?, ?)`),
  version: statement(`SELECT declaration FROM codepipeline_versions WHERE ${KEY} AND name = ? AND version = ?`),
  deleteVersions: statement(`DELETE FROM codepipeline_versions WHERE ${KEY} AND name = ?`),
  upsertExecution: statement(`INSERT INTO codepipeline_executions (account, region, pipeline, id, status, updated, data) VALUES (?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (account, region, pipeline, id) DO UPDATE SET status = excluded.status, updated = excluded.updated, data = excluded.data`),
  execution: statement(`SELECT data FROM codepipeline_executions WHERE ${KEY} AND pipeline = ? AND id = ?`),
  executionsBefore: statement(`SELECT data FROM codepipeline_executions WHERE ${KEY} AND pipeline = ? AND id < ? ORDER BY id DESC LIMIT ?`),
  deleteExecutions: statement(`DELETE FROM codepipeline_executions WHERE ${KEY} AND pipeline = ?`),
  upsertAction: statement(`INSERT INTO codepipeline_actions (account, region, pipeline, id, execution, updated, data) VALUES (?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (account, region, pipeline, id) DO UPDATE SET updated = excluded.updated, data = excluded.data`),
  actionsBefore: statement(`SELECT data, id FROM codepipeline_actions WHERE ${KEY} AND pipeline = ? AND id < ? ORDER BY id DESC LIMIT ?`),
  actionsOfExecution: statement(
    `SELECT data, id FROM codepipeline_actions WHERE ${KEY} AND pipeline = ? AND execution = ? AND id < ? ORDER BY id DESC LIMIT ?`
  ),
  deleteActions: statement(`DELETE FROM codepipeline_actions WHERE ${KEY} AND pipeline = ?`),
  upsertRule: statement(`INSERT INTO codepipeline_rules (account, region, pipeline, id, execution, updated, data) VALUES (?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (account, region, pipeline, id) DO UPDATE SET updated = excluded.updated, data = excluded.data`),
  rulesBefore: statement(`SELECT data, id FROM codepipeline_rules WHERE ${KEY} AND pipeline = ? AND id < ? ORDER BY id DESC LIMIT ?`),
  rulesOfExecution: statement(
    `SELECT data, id FROM codepipeline_rules WHERE ${KEY} AND pipeline = ? AND execution = ? AND id < ? ORDER BY id DESC LIMIT ?`
  ),
  deleteRules: statement(`DELETE FROM codepipeline_rules WHERE ${KEY} AND pipeline = ?`),
  insertSuccess: statement(`INSERT INTO codepipeline_stage_successes (account, region, pipeline, stage, execution, at) VALUES (?, ?, ?, ?, ?, ?)
    ON CONFLICT (account, region, pipeline, stage, execution) DO UPDATE SET at = excluded.at`),
  success: statement(`SELECT at FROM codepipeline_stage_successes WHERE ${KEY} AND pipeline = ? AND stage = ? AND execution = ?`),
  successesBefore: statement(`SELECT e.data FROM codepipeline_stage_successes s JOIN codepipeline_executions e
    ON e.account = s.account AND e.region = s.region AND e.pipeline = s.pipeline AND e.id = s.execution
    WHERE s.account = ? AND s.region = ? AND s.pipeline = ? AND s.stage = ? AND s.execution < ? ORDER BY s.execution DESC LIMIT ?`),
  deleteSuccesses: statement(`DELETE FROM codepipeline_stage_successes WHERE ${KEY} AND pipeline = ?`),
  tags: statement(`SELECT name, value FROM codepipeline_tags WHERE arn = ? ORDER BY name`),
  putTag: statement(
    `INSERT INTO codepipeline_tags (arn, name, value) VALUES (?, ?, ?) ON CONFLICT (arn, name) DO UPDATE SET value = excluded.value`
  ),
  deleteTag: statement(`DELETE FROM codepipeline_tags WHERE arn = ? AND name = ?`),
  deleteTags: statement(`DELETE FROM codepipeline_tags WHERE arn = ?`),
  token: statement(`SELECT execution FROM codepipeline_tokens WHERE ${KEY} AND pipeline = ? AND token = ?`),
  insertToken: statement(`INSERT INTO codepipeline_tokens (account, region, pipeline, token, execution) VALUES (?, ?, ?, ?, ?)`),
  deleteTokens: statement(`DELETE FROM codepipeline_tokens WHERE ${KEY} AND pipeline = ?`)
};

// src/services/codepipeline/rules/state.ts
function aggregateId(account, region, name) {
  return `${account}/${region}/${name}`;
}
function emptyPipeline(id) {
  const [account = "", region = "", name = ""] = id.split("/");
  return {
    id,
    account,
    region,
    name,
    exists: false,
    declarations: {},
    version: 0,
    createdAt: 0,
    updatedAt: 0,
    seen: {},
    stages: {},
    executions: {}
  };
}
function pipelineArn(state) {
  return `arn:aws:codepipeline:${state.region}:${state.account}:${state.name}`;
}
function inFlight(state) {
  return Object.values(state.executions).filter((execution) => execution.phase !== "ended");
}
function declarationOf(state, version = state.version) {
  const declaration = state.declarations[version];
  if (!declaration) throw new Error(`pipeline ${state.name} has no version ${version}`);
  return declaration;
}
function modeOf(state, execution) {
  return declarationOf(state, execution.version).executionMode ?? "SUPERSEDED";
}
function runsOf(execution) {
  return Object.values(execution.passage.runs);
}
function ruleRunsOf(execution) {
  return Object.values(execution.passage.conditions).flatMap((condition) => Object.values(condition.rules));
}
function findRunById(state, runId, executionId) {
  const executions = executionId === void 0 ? Object.values(state.executions) : [state.executions[executionId]];
  for (const execution of executions) {
    if (!execution) continue;
    for (const run of runsOf(execution)) if (run.id === runId) return { kind: "action", execution, run };
    for (const [type, { rules }] of Object.entries(execution.passage.conditions)) {
      for (const run of Object.values(rules)) {
        if (run.id === runId) return { kind: "rule", execution, condition: type, run };
      }
    }
  }
  return void 0;
}

// src/services/codepipeline/rules/structure.ts
function requireStage(declaration, name) {
  const stage = declaration.stages.find((candidate) => candidate.name === name);
  if (!stage) throw errors.StageNotFoundException(`The pipeline '${declaration.name}' has no stage '${name}'.`);
  return stage;
}

// src/services/codepipeline/rules/receive-result.ts
function approve(state, command, at) {
  const { stage, action, token, approved, summary, by } = command;
  const run = approvalRun(state, command);
  const declared = requireStage(declarationOf(state), stage).actions.some(({ name }) => name === action);
  if (!run && !declared) throw errors.ActionNotFoundException(`The stage '${stage}' has no action '${action}'.`);
  if (!run || run.token !== token)
    throw errors.InvalidApprovalTokenException("The approval token is not that of the approval now waiting.");
  if (run.status !== "InProgress")
    throw errors.ApprovalAlreadyCompletedException("The approval action has already been approved or rejected.");
  const place = { executionId: run.executionId, stage, action, at, by };
  if (approved) return [{ type: "actionSucceeded", ...place, variables: {}, summary }];
  const message = summary === "" ? "The approval was rejected." : summary;
  return [{ type: "actionFailed", ...place, code: "Rejected", message, summary }];
}
function approvalRun(state, { stage, action, token }) {
  const runs = inFlight(state).flatMap((execution) => execution.stage === stage ? execution.passage.runs[action] ?? [] : []);
  return runs.find((run) => run.token === token) ?? state.stages[stage]?.runs[action];
}
function progressed(state, command, at) {
  const found = findRunById(state, command.runId, command.executionId);
  if (found?.run.status !== "InProgress") return [];
  return found.kind === "action" ? actionProgress(found, command.progress, at) : ruleProgress(found, command.progress, at);
}
function actionProgress({ execution, run }, progress, at) {
  const place = { executionId: execution.id, stage: execution.stage, action: run.action, at };
  switch (progress.kind) {
    case "running":
      return isNews(run, progress) ? [{ type: "actionProgressed", ...place, ...running(progress) }] : [];
    case "succeeded": {
      const { kind: _, ...result } = progress;
      return [{ type: "actionSucceeded", ...place, ...result }];
    }
    case "failed": {
      const { reason: code, message, ref } = progress;
      return [{ type: "actionFailed", ...place, code, message, ...ref && { ref } }];
    }
    default:
      return unreachable(progress);
  }
}
function ruleProgress({ execution, condition, run }, progress, at) {
  const place = { executionId: execution.id, stage: execution.stage, condition, rule: run.rule, at };
  switch (progress.kind) {
    case "running":
      return isNews(run, progress) ? [{ type: "ruleProgressed", ...place, ...running(progress) }] : [];
    case "succeeded": {
      const { ref, summary } = progress;
      return [{ type: "ruleEnded", ...place, status: "Succeeded", ...ref && { ref }, ...summary !== void 0 && { summary } }];
    }
    case "failed": {
      const { reason: code, message, ref } = progress;
      return [{ type: "ruleEnded", ...place, status: "Failed", error: { code, message }, ...ref && { ref } }];
    }
    default:
      return unreachable(progress);
  }
}
function running({ ref, wakeOn, wakeAt: wakeAt2, summary }) {
  return { ref, wakeOn, ...wakeAt2 !== void 0 && { wakeAt: wakeAt2 }, ...summary !== void 0 && { summary } };
}
function isNews(run, { ref, summary, wakeAt: wakeAt2, wakeOn }) {
  return run.ref?.id !== ref.id || run.summary !== summary || run.wakeAt !== wakeAt2 || String(run.wakeOn) !== String(wakeOn);
}
function errored(state, command, at) {
  const found = findRunById(state, command.runId, command.executionId);
  if (found?.run.status !== "InProgress") return [];
  const progress = { kind: "failed", reason: "SystemUnavailable", message: command.message };
  return found.kind === "action" ? actionProgress(found, progress, at) : ruleProgress(found, progress, at);
}

// src/services/codepipeline/rules/variables.ts
var REFERENCE = /#\{([^.{}]+)\.([^{}]+)\}/g;
function resolve(configuration, execution) {
  let missing;
  const value = (text) => text.replace(REFERENCE, (reference, namespace, key) => {
    const found = lookUp(execution, namespace, key);
    if (found === void 0) missing ??= reference;
    return found ?? reference;
  });
  const resolved = Object.fromEntries(Object.entries(configuration).map(([name, text]) => [name, value(text)]));
  return missing === void 0 ? { ok: true, configuration: resolved } : { ok: false, reference: missing };
}
function namespacesIn(configuration) {
  return Object.values(configuration).flatMap((text) => [...text.matchAll(REFERENCE)].map((match) => match[1]));
}
function lookUp(execution, namespace, key) {
  if (namespace === "codepipeline") return key === "PipelineExecutionId" ? execution.id : void 0;
  const values = namespace === "variables" ? execution.variables : execution.outputs[namespace];
  return values && Object.hasOwn(values, key) ? values[key] : void 0;
}

// src/services/codepipeline/rules/conditions.ts
var DEFAULT_MINUTES = 60;
function conditionOf(stage, type) {
  switch (type) {
    case "BEFORE_ENTRY":
      return stage.beforeEntry?.conditions[0];
    case "ON_SUCCESS":
      return stage.onSuccess?.conditions[0];
    case "ON_FAILURE":
      return stage.onFailure?.conditions?.[0];
  }
}
function isPassed({ stage, execution }, type) {
  const status = execution.passage.conditions[type]?.status;
  return !conditionOf(stage, type)?.rules?.length || status === "Succeeded" || status === "Overridden";
}
function evaluate(now, type) {
  const run = now.execution.passage.conditions[type];
  if (!run) return start(now, type);
  if (run.status !== "InProgress") return void 0;
  const rules = Object.values(run.rules);
  const ended = { type: "conditionEnded", ...now.place, condition: type };
  const failed = rules.find((rule) => rule.status === "Failed");
  if (failed) {
    const errored2 = failed.error !== void 0 && failed.error.code !== "JobFailed";
    const summary = `The rule '${failed.rule}' ${errored2 ? "could not be evaluated" : "does not hold"}: ${failed.error?.message ?? ""}`;
    return [{ ...ended, status: errored2 ? "Errored" : "Failed", summary }];
  }
  return rules.every((rule) => rule.status === "Succeeded") ? [{ ...ended, status: "Succeeded" }] : [];
}
function start(now, type) {
  const { place } = now;
  const begun = (conditionOf(now.stage, type)?.rules ?? []).map((rule) => ruleRun(now, rule));
  const started = { type: "conditionStarted", ...place, condition: type, rules: begun.map(({ run }) => run) };
  const unable = begun.flatMap(
    ({ run, fault }) => fault === void 0 ? [] : [
      {
        type: "ruleEnded",
        ...place,
        condition: type,
        rule: run.rule,
        status: "Failed",
        error: { code: "ConfigurationError", message: fault }
      }
    ]
  );
  return [started, ...unable];
}
function ruleRun(now, rule) {
  const { state, execution, step, catalogues } = now;
  const resolved = resolve(rule.configuration ?? {}, execution);
  const missing = (rule.inputArtifacts ?? []).find(({ name }) => !execution.artifacts[name]);
  const minutes = rule.timeoutInMinutes ?? catalogues.rules.find(rule.ruleTypeId, state)?.timeoutMinutes ?? DEFAULT_MINUTES;
  const run = {
    id: step.id(),
    rule: rule.name,
    executionId: execution.id,
    status: "InProgress",
    startedAt: step.now,
    changedAt: step.now,
    deadline: step.now + minutes * 6e4,
    configuration: resolved.ok ? resolved.configuration : rule.configuration ?? {},
    inputs: (rule.inputArtifacts ?? []).flatMap(({ name }) => execution.artifacts[name] ?? [])
  };
  if (!resolved.ok) return { run, fault: `The variable reference ${resolved.reference} cannot be resolved.` };
  return { run, fault: missing && `The input artifact ${missing.name} was not produced by this execution.` };
}

// src/services/codepipeline/rules/rollback.ts
function rollbackStart(target, start4) {
  const { executionId: rollbackOf, version, variables: variables2, artifacts, outputs, revisions } = target;
  const carried = { artifacts, outputs, revisions };
  return { type: "executionStarted", ...start4, version, variables: variables2, overrides: [], carried, rollbackOf, only: {} };
}
function automaticRollback({ state, execution, stage, step }) {
  const target = state.stages[stage.name]?.lastSuccess;
  if (!target || target.version !== execution.version || target.executionId === execution.id || execution.only) return [];
  const trigger = { type: "AutomatedRollback", detail: execution.id };
  return [rollbackStart(target, { executionId: step.id(), stage: stage.name, trigger, at: step.now })];
}

// src/services/codepipeline/rules/receive-stage.ts
function stop(state, command, at) {
  const { executionId, abandon, reason } = command;
  const execution = state.executions[executionId];
  if (!execution || execution.phase === "ended") {
    throw errors.PipelineExecutionNotStoppableException(
      `Pipeline execution with id '${executionId}' in pipeline '${state.name}' is not in progress.`
    );
  }
  if (execution.stop && (execution.stop.abandon || !abandon)) {
    throw errors.DuplicatedStopRequestException(
      `Pipeline execution with id '${executionId}' in pipeline '${state.name}' is already being stopped.`
    );
  }
  return [{ type: "executionStopping", executionId, abandon, reason, at }];
}
function requireLatest(state, executionId, stage) {
  const execution = state.executions[executionId];
  const latest = state.stages[stage]?.latest;
  const parallel = execution && modeOf(state, execution) === "PARALLEL";
  if (latest && latest.executionId !== executionId && !parallel)
    throw errors.NotLatestPipelineExecutionException(`The execution '${executionId}' is not the latest in the stage '${stage}'.`);
}
function retry(state, command, at) {
  const { executionId, stage, mode } = command;
  requireStage(declarationOf(state), stage);
  requireLatest(state, executionId, stage);
  const execution = state.executions[executionId];
  if (!execution || execution.stage !== stage || !isRetryable(state, execution, mode)) {
    throw errors.StageNotRetryableException(
      `The stage '${stage}' has no failed or stopped actions of the execution '${executionId}' to retry.`
    );
  }
  if (execution.version !== state.version) {
    throw errors.StageNotRetryableException(`The pipeline has been changed since the execution '${executionId}' started.`);
  }
  return [{ type: "stageRetried", executionId, stage, mode, at }];
}
function isRetryable(state, execution, mode) {
  if (execution.phase === "ended") {
    const latest = state.stages[execution.stage]?.latest;
    return latest?.executionId !== execution.id || latest.status === "Failed" || latest.status === "Stopped";
  }
  const failed = runsOf(execution).some((run) => run.status === "Failed");
  return mode === "FAILED_ACTIONS" && execution.phase === "running" && execution.status === "InProgress" && failed;
}
function rollback(state, command, at) {
  const { executionId, stage, target, by } = command;
  const declaration = declarationOf(state);
  requireStage(declaration, stage);
  const refuse = (why) => errors.UnableToRollbackStageException(`The stage '${stage}' cannot be rolled back: ${why}`);
  if (declaration.stages[0]?.name === stage) throw refuse("a source stage has nothing to go back to.");
  if (declaration.executionMode === "PARALLEL") throw refuse("the pipeline runs in PARALLEL mode.");
  if (!target) throw errors.PipelineExecutionNotFoundException(`Pipeline '${state.name}' has no execution with the id of the target.`);
  if (target.version !== state.version) {
    throw errors.PipelineExecutionOutdatedException(`The pipeline has been changed since the execution '${target.executionId}' started.`);
  }
  if (target.isRollback) throw refuse(`the execution '${target.executionId}' is a rollback itself.`);
  if (!target.succeededInStage) throw refuse(`the execution '${target.executionId}' did not succeed in it.`);
  const busy = inFlight(state).find((execution) => execution.phase === "running" && execution.stage === stage);
  if (busy) throw refuse(`the execution '${busy.id}' is in it.`);
  return rollbackStart(target, { executionId, stage, trigger: { type: "ManualRollback", detail: by }, at });
}
function override(state, command, at) {
  const { executionId, stage, condition, by } = command;
  const declaration = requireStage(declarationOf(state), stage);
  requireLatest(state, executionId, stage);
  const execution = state.executions[executionId];
  const refuse = (why) => errors.ConditionNotOverridableException(`The ${condition} condition of the stage '${stage}' cannot be overridden: ${why}`);
  if (condition === "ON_FAILURE" || !conditionOf(declaration, condition)) throw refuse("the stage has none that can be.");
  const run = execution?.stage === stage ? execution.passage.conditions[condition] : void 0;
  if (!execution || !run) throw refuse(`the execution '${executionId}' is not held by it.`);
  if (run.status !== "InProgress" && run.status !== "Failed" && run.status !== "Errored") throw refuse(`it is ${run.status}.`);
  if (execution.status === "Stopping") throw refuse("the execution is being stopped.");
  return [{ type: "conditionOverridden", executionId, stage, condition, by, at }];
}

// src/services/codepipeline/rules/receive.ts
function receive(state, command, step) {
  if (command.type === "create") return create(state, command, step.now);
  if (!state.exists) throw errors.PipelineNotFoundException(notFound(state));
  switch (command.type) {
    case "update":
      return [{ type: "pipelineUpdated", declaration: command.declaration, version: state.version + 1, at: step.now }];
    case "delete":
      return [{ type: "pipelineDeleted", at: step.now }];
    case "transition": {
      requireStage(declarationOf(state), command.stage);
      return transition(state, command, step.now);
    }
    case "start":
      return [start2(state, command, step.now)];
    case "sourceChanged":
      return sourceChanged(state, command, step.now);
    case "startFrom": {
      const { type: _, ...start4 } = command;
      return [{ type: "executionStarted", ...start4, overrides: [], at: step.now }];
    }
    case "rollback":
      return [rollback(state, command, step.now)];
    case "override":
      return override(state, command, step.now);
    case "stop":
      return stop(state, command, step.now);
    case "retry":
      return retry(state, command, step.now);
    case "approve":
      return approve(state, command, step.now);
    case "progress":
      return progressed(state, command, step.now);
    case "errored":
      return errored(state, command, step.now);
    default:
      return unreachable(command);
  }
}
function notFound(pipeline2) {
  return `Account '${pipeline2.account}' does not have a pipeline with name '${pipeline2.name}'`;
}
function create(state, command, at) {
  if (state.exists)
    throw errors.PipelineNameInUseException(`A pipeline with the name '${state.name}' already exists in account '${state.account}'`);
  const created = { type: "pipelineCreated", declaration: command.declaration, at };
  if (!command.start) return [created];
  const trigger = { type: "CreatePipeline", detail: command.start.by };
  const variables2 = pipelineVariables(command.declaration, {});
  const stage = command.declaration.stages[0].name;
  return [
    created,
    {
      type: "executionStarted",
      executionId: command.start.executionId,
      version: 1,
      trigger,
      variables: variables2,
      overrides: command.start.overrides,
      stage,
      at
    }
  ];
}
function start2(state, command, at) {
  const declaration = declarationOf(state);
  const { executionId, trigger, overrides, token } = command;
  const variables2 = pipelineVariables(declaration, command.variables);
  return {
    type: "executionStarted",
    executionId,
    version: state.version,
    trigger,
    variables: variables2,
    overrides,
    ...token !== void 0 && { token },
    stage: declaration.stages[0].name,
    at
  };
}
function sourceChanged(state, command, at) {
  const { executionId, action, revisionType, revision, trigger = { type: "PollForSourceChanges", detail: action } } = command;
  if (state.seen[action] === revision) return [];
  const overrides = [{ action, revisionType, revision }];
  return [start2(state, { type: "start", executionId, trigger, variables: {}, overrides }, at)];
}
function pipelineVariables(declaration, given) {
  const declared = declaration.variables ?? [];
  const unknown = Object.keys(given).find((name) => !declared.some((variable) => variable.name === name));
  if (unknown !== void 0) throw errors.ValidationException(`The pipeline variable '${unknown}' is not declared in the pipeline.`);
  return Object.fromEntries(
    declared.map(({ name, defaultValue }) => {
      const value = given[name] ?? defaultValue;
      if (value === void 0)
        throw errors.ValidationException(`A value is required for the pipeline variable '${name}', because it has no default.`);
      return [name, value];
    })
  );
}
var LONGEST_PAUSE_MS = 30 * 864e5;
function transition(state, command, at) {
  const { stage, enabled, reason, by } = command;
  const changed = { type: "transitionChanged", stage, enabled, by, at, ...reason !== void 0 && { reason } };
  const before = state.stages[stage]?.inbound;
  if (!enabled || before?.enabled !== false || at - before.at <= LONGEST_PAUSE_MS) return [changed];
  const waiting = inFlight(state).filter((execution) => execution.phase === "waiting" && execution.stage === stage && !execution.only);
  const stale = `The transition into the stage '${stage}' was disabled for more than 30 days.`;
  return [changed, ...waiting.map(({ id }) => ({ type: "executionFailed", executionId: id, at, reason: stale }))];
}

// src/services/codepipeline/operations/tools.ts
function keyOf(ctx, name) {
  return aggregateId(ctx.account, ctx.region, name);
}
async function pipelineState(tools, ctx, name) {
  const state = await tools.pipelines.state(keyOf(ctx, name));
  if (!state?.exists) throw errors.PipelineNotFoundException(notFound({ account: ctx.account, name }));
  return state;
}

// src/services/codepipeline/operations/catalogue.ts
var MOST_TAGS = 50;
function actionType({ type, settings: settings2, artifacts }) {
  const bounds = ({ min, max }) => ({ minimumCount: min, maximumCount: max });
  return {
    id: type,
    settings: {},
    actionConfigurationProperties: Object.entries(settings2).map(([name, property]) => ({
      name,
      required: property.required,
      key: true,
      secret: property.secret ?? false,
      queryable: false,
      description: property.description,
      type: property.type
    })),
    inputArtifactDetails: bounds(artifacts.inputs),
    outputArtifactDetails: bounds(artifacts.outputs)
  };
}
function catalogueOperations(tools) {
  const requirePipeline = async (ctx, arn) => {
    const parts = parseArn(arn);
    if (parts?.service !== "codepipeline") throw errors.InvalidArnException(`The ARN '${arn}' is not valid.`);
    const found = await pipelineState(tools, { ...ctx, account: parts.account, region: parts.region }, parts.resource).catch(
      () => void 0
    );
    if (!found || parts.account !== ctx.account) throw errors.ResourceNotFoundException(`The resource '${arn}' does not exist.`);
  };
  const tagsOf = (arn) => tools.db.all(sql2.tags, arn);
  return {
    async listActionTypes({ actionOwnerFilter }, ctx) {
      const providers = tools.providers.all(ctx).filter(({ type }) => !actionOwnerFilter || type.owner === actionOwnerFilter);
      return { actionTypes: providers.map(actionType) };
    },
    async listTagsForResource({ resourceArn }, ctx) {
      await requirePipeline(ctx, resourceArn);
      return { tags: (await tagsOf(resourceArn)).map(({ name, value }) => ({ key: name, value })) };
    },
    async tagResource({ resourceArn, tags }, ctx) {
      await requirePipeline(ctx, resourceArn);
      const names = /* @__PURE__ */ new Set([...(await tagsOf(resourceArn)).map(({ name }) => name), ...tags.map(({ key }) => key)]);
      if (names.size > MOST_TAGS) throw errors.TooManyTagsException(`A resource can have at most ${MOST_TAGS} tags.`);
      await tools.commits.commit(tags.map(({ key, value }) => write(sql2.putTag, [resourceArn, key, value])));
      return {};
    },
    async untagResource({ resourceArn, tagKeys }, ctx) {
      await requirePipeline(ctx, resourceArn);
      await tools.commits.commit(tagKeys.map((key) => write(sql2.deleteTag, [resourceArn, key])));
      return {};
    }
  };
}

// src/kernel/rule-session.ts
var RULE_SESSION = "events:";
function ruleOf(principalArn) {
  const at = principalArn.indexOf(`/${RULE_SESSION}`);
  return at === -1 ? void 0 : principalArn.slice(at + 1 + RULE_SESSION.length);
}

// src/services/codepipeline/rules/view.ts
function pipelineView(state) {
  return {
    pipelineName: state.name,
    pipelineVersion: state.version,
    stageStates: declarationOf(state).stages.map(
      (stage) => stageView(
        state,
        stage.name,
        stage.actions.map((action) => action.name)
      )
    ),
    created: state.createdAt,
    updated: state.updatedAt
  };
}
function stageView(state, name, actions) {
  const stage = state.stages[name];
  const waiting = inFlight(state).filter((execution) => execution.phase === "waiting" && execution.stage === name);
  const inbound = waiting.at(-1);
  const latest = stage?.latest;
  return {
    stageName: name,
    ...inbound && { inboundExecution: inboundView(inbound) },
    inboundExecutions: waiting.map(inboundView),
    inboundTransitionState: transitionView(stage),
    actionStates: actions.map((action) => actionView(action, stage?.runs[action])),
    ...latest && {
      latestExecution: {
        pipelineExecutionId: latest.executionId,
        status: stageStatus(state, latest),
        type: latest.rollback ? "ROLLBACK" : "STANDARD"
      },
      ...conditionStates(latest),
      ...latest.retries && { retryStageMetadata: retriesView(latest.retries) }
    }
  };
}
function inboundView({ id, status, rollbackOf }) {
  const stopping2 = status === "Stopping" ? "Stopping" : "InProgress";
  return { pipelineExecutionId: id, status: stopping2, type: rollbackOf === void 0 ? "STANDARD" : "ROLLBACK" };
}
function retriesView({ auto, manual, latest }) {
  return {
    ...auto !== void 0 && { autoStageRetryAttempt: auto },
    ...manual !== void 0 && { manualStageRetryAttempt: manual },
    latestRetryTrigger: latest
  };
}
function conditionStates({ conditions }) {
  const { BEFORE_ENTRY, ON_SUCCESS, ON_FAILURE } = conditions;
  return {
    ...BEFORE_ENTRY && { beforeEntryConditionState: conditionView(BEFORE_ENTRY) },
    ...ON_SUCCESS && { onSuccessConditionState: conditionView(ON_SUCCESS) },
    ...ON_FAILURE && { onFailureConditionState: conditionView(ON_FAILURE) }
  };
}
function conditionView({ status, summary, changedAt, rules }) {
  const said = summary !== void 0 && { summary };
  return {
    latestExecution: { status, ...said },
    conditionStates: [
      { latestExecution: { status, ...said, lastStatusChange: changedAt }, ruleStates: Object.values(rules).map(ruleView) }
    ]
  };
}
function ruleView({ id, rule, status, changedAt, summary, ref, error }) {
  return {
    ruleName: rule,
    latestExecution: {
      ruleExecutionId: id,
      status,
      lastStatusChange: changedAt,
      ...summary !== void 0 && { summary },
      ...ref && { externalExecutionId: ref.id, externalExecutionUrl: ref.url },
      ...error && { errorDetails: error }
    }
  };
}
function stageStatus(state, latest) {
  const stopping2 = latest.status === "InProgress" && state.executions[latest.executionId]?.status === "Stopping";
  return stopping2 ? "Stopping" : latest.status;
}
function transitionView(stage) {
  const inbound = stage?.inbound;
  if (!inbound) return { enabled: true };
  const { enabled, by, at, reason } = inbound;
  return { enabled, lastChangedBy: by, lastChangedAt: at, ...!enabled && reason !== void 0 && { disabledReason: reason } };
}
function actionView(actionName, run) {
  if (!run) return { actionName };
  const { revision, ref, error, token, changedBy } = run;
  const summary = run.summary ?? revision?.summary;
  return {
    actionName,
    ...revision && {
      currentRevision: { revisionId: revision.revisionId, revisionChangeId: revision.revisionId, created: run.changedAt },
      ...revision.url !== void 0 && { revisionUrl: revision.url }
    },
    latestExecution: {
      actionExecutionId: run.id,
      status: run.status,
      lastStatusChange: run.changedAt,
      ...summary !== void 0 && { summary },
      ...token !== void 0 && run.status === "InProgress" && { token },
      ...changedBy !== void 0 && { lastUpdatedBy: changedBy },
      ...ref && { externalExecutionId: ref.id, externalExecutionUrl: ref.url },
      ...error && { errorDetails: { code: error.code, message: error.message } }
    }
  };
}

// src/services/codepipeline/operations/executions.ts
function triggerOf(ctx) {
  const rule = ctx.principal.session === "rule" ? ruleOf(ctx.principal.arn) : void 0;
  return rule === void 0 ? { type: "StartPipelineExecution", detail: ctx.principal.arn } : { type: "CloudWatchEvent", detail: rule };
}
function overridesOf(input) {
  return (input.sourceRevisions ?? []).map(({ actionName, revisionType, revisionValue }) => ({
    action: actionName,
    revisionType,
    revision: revisionValue
  }));
}
async function startedBefore(tools, ctx, name, token) {
  if (token === void 0) return void 0;
  const row = await tools.db.get(sql2.token, ctx.account, ctx.region, name, token);
  return row?.execution;
}
async function start3(tools, ctx, input) {
  const { name, clientRequestToken: token } = input;
  const executionId = tools.ids.uuid();
  const variables2 = Object.fromEntries((input.variables ?? []).map((variable) => [variable.name, variable.value]));
  const command = { type: "start", executionId, trigger: triggerOf(ctx), variables: variables2, overrides: overridesOf(input) };
  try {
    await tools.pipelines.send(keyOf(ctx, name), token === void 0 ? command : { ...command, token });
    return executionId;
  } catch (error) {
    const other = error instanceof WriteConflict && error.label === "token" ? await startedBefore(tools, ctx, name, token) : void 0;
    if (other === void 0) throw error;
    return other;
  }
}
async function newestExecution(tools, key) {
  const row = await tools.db.get(sql2.executionsBefore, ...key, "~", 1);
  return row && JSON.parse(row.data).id;
}
async function rollbackCandidate(tools, key, stage, id) {
  const row = await tools.db.get(sql2.execution, ...key, id);
  if (!row) return void 0;
  const { version, variables: variables2, artifacts, outputs, revisions, rollbackOf, only } = JSON.parse(row.data);
  const succeededInStage = await tools.db.get(sql2.success, ...key, stage, id) !== void 0;
  const carried = { artifacts, outputs, revisions };
  return { executionId: id, version, variables: variables2, ...carried, isRollback: rollbackOf !== void 0 || only !== void 0, succeededInStage };
}
function executionOperations(tools) {
  return {
    async startPipelineExecution(input, ctx) {
      const state = await pipelineState(tools, ctx, input.name);
      const overrides = overridesOf(input);
      const sources = new Set(declarationOf(state).stages[0].actions.map((action) => action.name));
      const stranger = overrides.find((override2) => !sources.has(override2.action));
      if (stranger)
        throw errors.ValidationException(
          `The source revision names the action '${stranger.action}', which is no source action of the pipeline.`
        );
      const before = await startedBefore(tools, ctx, input.name, input.clientRequestToken);
      return { pipelineExecutionId: before ?? await start3(tools, ctx, input) };
    },
    async stopPipelineExecution({ pipelineName, pipelineExecutionId: executionId, abandon = false, reason = "" }, ctx) {
      await pipelineState(tools, ctx, pipelineName);
      await tools.pipelines.send(keyOf(ctx, pipelineName), { type: "stop", executionId, abandon, reason });
      return { pipelineExecutionId: executionId };
    },
    async retryStageExecution({ pipelineName, stageName: stage, pipelineExecutionId: executionId, retryMode: mode }, ctx) {
      await pipelineState(tools, ctx, pipelineName);
      await tools.pipelines.send(keyOf(ctx, pipelineName), { type: "retry", stage, executionId, mode });
      return { pipelineExecutionId: executionId };
    },
    async rollbackStage({ pipelineName, stageName: stage, targetPipelineExecutionId }, ctx) {
      await pipelineState(tools, ctx, pipelineName);
      const target = await rollbackCandidate(tools, [ctx.account, ctx.region, pipelineName], stage, targetPipelineExecutionId);
      const executionId = tools.ids.uuid();
      await tools.pipelines.send(keyOf(ctx, pipelineName), { type: "rollback", executionId, stage, by: ctx.principal.arn, target });
      return { pipelineExecutionId: executionId };
    },
    async putActionRevision({ pipelineName, stageName, actionName: action, actionRevision }, ctx) {
      const declaration = declarationOf(await pipelineState(tools, ctx, pipelineName));
      const stage = requireStage(declaration, stageName);
      const declared = stage.actions.find(({ name }) => name === action);
      if (!declared) throw errors.ActionNotFoundException(`The stage '${stageName}' has no action '${action}'.`);
      if (declared.actionTypeId.category !== "Source")
        throw errors.ValidationException(`The action '${action}' is no source action: it takes no revisions.`);
      const executionId = tools.ids.uuid();
      const trigger = { type: "PutActionRevision", detail: ctx.principal.arn };
      const command = {
        type: "sourceChanged",
        executionId,
        action,
        revisionType: "COMMIT_ID",
        revision: actionRevision.revisionId,
        trigger
      };
      const state = await tools.pipelines.send(keyOf(ctx, pipelineName), command);
      const newRevision = state.executions[executionId] !== void 0;
      const pipelineExecutionId = newRevision ? executionId : await newestExecution(tools, [ctx.account, ctx.region, pipelineName]);
      return { newRevision, ...pipelineExecutionId !== void 0 && { pipelineExecutionId } };
    },
    getPipelineState: async ({ name }, ctx) => pipelineView(await pipelineState(tools, ctx, name))
  };
}

// src/protocol/page-token.ts
function encodePageToken(scope, cursor) {
  return Buffer.from(JSON.stringify([scope, cursor])).toString("base64url");
}
function decodePageToken(scope, token, invalid) {
  if (token === void 0) return void 0;
  const parsed = parse(token);
  if (!Array.isArray(parsed) || parsed.length !== 2 || parsed[0] !== scope) throw invalid();
  const cursor = parsed[1];
  if (typeof cursor !== "string" && typeof cursor !== "number") throw invalid();
  return cursor;
}
function parse(token) {
  try {
    return JSON.parse(Buffer.from(token, "base64url").toString());
  } catch {
    return void 0;
  }
}

// src/services/codepipeline/rules/execution-view.ts
function summaryOf(record) {
  if (record.supersededBy !== void 0) return `Superseded by ${record.supersededBy}`;
  return record.reason ?? record.stop?.reason;
}
function executionView(record, pipelineName) {
  const statusSummary = summaryOf(record);
  return {
    pipelineName,
    pipelineVersion: record.version,
    pipelineExecutionId: record.id,
    status: record.status,
    ...statusSummary !== void 0 && { statusSummary },
    artifactRevisions: Object.entries(record.revisions).map(([action, { artifact: artifact2, revisionId, summary, url }]) => ({
      name: artifact2 ?? action,
      revisionId,
      ...summary !== void 0 && { revisionSummary: summary },
      ...url !== void 0 && { revisionUrl: url }
    })),
    variables: Object.entries(record.variables).map(([name, resolvedValue]) => ({ name, resolvedValue })),
    trigger: { triggerType: record.trigger.type, triggerDetail: record.trigger.detail },
    executionMode: record.mode,
    ...executionType(record)
  };
}
function executionSummary(record) {
  const statusSummary = summaryOf(record);
  return {
    pipelineExecutionId: record.id,
    status: record.status,
    ...statusSummary !== void 0 && { statusSummary },
    startTime: record.startedAt,
    lastUpdateTime: record.updatedAt,
    sourceRevisions: Object.entries(record.revisions).map(([actionName, revision]) => ({
      actionName,
      revisionId: revision.revisionId,
      ...revision.summary !== void 0 && { revisionSummary: revision.summary },
      ...revision.url !== void 0 && { revisionUrl: revision.url }
    })),
    trigger: { triggerType: record.trigger.type, triggerDetail: record.trigger.detail },
    ...record.stop && { stopTrigger: { reason: record.stop.reason } },
    executionMode: record.mode,
    ...executionType(record)
  };
}
function executionType({ rollbackOf }) {
  if (rollbackOf === void 0) return { executionType: "STANDARD" };
  return { executionType: "ROLLBACK", rollbackMetadata: { rollbackTargetPipelineExecutionId: rollbackOf } };
}

// src/services/codepipeline/rules/rule-detail.ts
function ruleDetail(run, { stage, condition, execution, declaration }) {
  const declared = declaration.stages.find(({ name }) => name === stage);
  const rule = declared && conditionOf(declared, condition)?.rules?.find(({ name }) => name === run.rule);
  const summary = run.error?.message ?? run.summary;
  return {
    pipelineExecutionId: execution.id,
    ruleExecutionId: run.id,
    pipelineVersion: execution.version,
    stageName: stage,
    ruleName: run.rule,
    startTime: run.startedAt,
    lastUpdateTime: run.changedAt,
    status: run.status,
    input: {
      ...rule && { ruleTypeId: rule.ruleTypeId, configuration: rule.configuration ?? {} },
      ...rule?.region !== void 0 && { region: rule.region },
      ...rule?.roleArn !== void 0 && { roleArn: rule.roleArn },
      resolvedConfiguration: run.configuration,
      inputArtifacts: run.inputs.map(({ name, bucket, key }) => ({ name, s3location: { bucket, key } }))
    },
    output: {
      executionResult: {
        ...run.ref && { externalExecutionId: run.ref.id, externalExecutionUrl: run.ref.url },
        ...summary !== void 0 && { externalExecutionSummary: summary },
        ...run.error && { errorDetails: run.error }
      }
    }
  };
}

// src/services/codepipeline/rules/history.ts
var FINAL = {
  executionSucceeded: "Succeeded",
  executionFailed: "Failed",
  executionStopped: "Stopped",
  executionSuperseded: "Superseded"
};
function changedHistory(transitions, now) {
  const executions = /* @__PURE__ */ new Map();
  const actions = /* @__PURE__ */ new Map();
  const rules = /* @__PURE__ */ new Map();
  for (const { event, before, after } of transitions) {
    if (!("executionId" in event)) continue;
    const execution = after.executions[event.executionId] ?? before.executions[event.executionId];
    if (!execution) continue;
    const declaration = declarationOf(before.declarations[execution.version] ? before : after, execution.version);
    if (touchesExecution(event)) executions.set(execution.id, executionRecord(execution, declaration, event, now));
    const run = touchedRun(event, after);
    if (run && "stage" in event) actions.set(run.id, actionDetail(run, event.stage, execution, declaration));
    if ("condition" in event) {
      for (const rule of Object.values(after.executions[execution.id]?.passage.conditions[event.condition]?.rules ?? {}))
        rules.set(rule.id, ruleDetail(rule, { stage: event.stage, condition: event.condition, execution, declaration }));
    }
  }
  return { executions, actions, rules };
}
function touchesExecution(event) {
  if (event.type === "actionSucceeded") return event.revision !== void 0 || Object.keys(event.variables).length > 0;
  return !("action" in event) && !("condition" in event && event.type !== "conditionOverridden") && event.type !== "actionStarted";
}
function executionRecord(execution, declaration, event, now) {
  const { passage: _, ...kept } = execution;
  return {
    ...kept,
    status: FINAL[event.type] ?? execution.status,
    updatedAt: now,
    mode: declaration.executionMode ?? "SUPERSEDED",
    pipelineType: declaration.pipelineType ?? "V1",
    ...event.type === "executionSuperseded" && { supersededBy: event.by },
    ...event.type === "executionFailed" && event.reason !== void 0 && { reason: event.reason }
  };
}
function touchedRun(event, after) {
  if (!("action" in event) || event.type === "actionProgressed") return void 0;
  return after.executions[event.executionId]?.passage.runs[event.action];
}
function runningActions(state) {
  return inFlight(state).flatMap(
    (execution) => runsOf(execution).filter((run) => run.status === "InProgress").map((run) => actionDetail(run, execution.stage, execution, declarationOf(state, execution.version)))
  );
}
function actionDetail(run, stageName, execution, declaration) {
  const stage = declaration.stages.find((candidate) => candidate.name === stageName);
  const action = stage?.actions.find((candidate) => candidate.name === run.action);
  const artifacts = (list) => list.map(({ name, bucket, key }) => ({ name, s3location: { bucket, key } }));
  const summary = run.error?.message ?? run.summary ?? run.revision?.summary;
  const updatedBy = run.changedBy;
  return {
    pipelineExecutionId: execution.id,
    actionExecutionId: run.id,
    pipelineVersion: execution.version,
    stageName,
    actionName: run.action,
    startTime: run.startedAt,
    lastUpdateTime: run.changedAt,
    ...updatedBy !== void 0 && { updatedBy },
    status: run.status,
    input: {
      ...action && { actionTypeId: action.actionTypeId, configuration: action.configuration ?? {}, region: action.region },
      resolvedConfiguration: run.configuration,
      ...action?.roleArn !== void 0 && { roleArn: action.roleArn },
      ...action?.namespace !== void 0 && { namespace: action.namespace },
      inputArtifacts: artifacts(run.inputs)
    },
    output: {
      outputArtifacts: run.status === "Succeeded" ? artifacts(run.outputs) : [],
      executionResult: {
        // In PARALLEL mode this is where an approval's token is found: https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_PutApprovalResult.html
        ...run.token !== void 0 && { externalExecutionId: run.token },
        ...run.ref && { externalExecutionId: run.token ?? run.ref.id, externalExecutionUrl: run.ref.url },
        ...summary !== void 0 && { externalExecutionSummary: summary },
        ...run.error && { errorDetails: run.error }
      },
      outputVariables: run.variables ?? {}
    }
  };
}

// src/services/codepipeline/operations/history.ts
var NEWEST = "~";
var invalidToken = () => errors.InvalidNextTokenException("The next token is not valid.");
function historyOperations(tools) {
  return {
    async getPipelineExecution({ pipelineName, pipelineExecutionId }, ctx) {
      await pipelineState(tools, ctx, pipelineName);
      const row = await tools.db.get(sql2.execution, ctx.account, ctx.region, pipelineName, pipelineExecutionId);
      if (!row) {
        throw errors.PipelineExecutionNotFoundException(`Pipeline '${pipelineName}' has no execution with id '${pipelineExecutionId}'`);
      }
      return { pipelineExecution: executionView(JSON.parse(row.data), pipelineName) };
    },
    async listPipelineExecutions({ pipelineName, maxResults = 100, filter, nextToken }, ctx) {
      await pipelineState(tools, ctx, pipelineName);
      const stage = filter?.succeededInStage?.stageName;
      const scope = `executions/${pipelineName}/${stage ?? ""}`;
      const before = String(decodePageToken(scope, nextToken, invalidToken) ?? NEWEST);
      const key = [ctx.account, ctx.region, pipelineName];
      const rows = stage === void 0 ? await tools.db.all(sql2.executionsBefore, ...key, before, maxResults + 1) : await tools.db.all(sql2.successesBefore, ...key, stage, before, maxResults + 1);
      const records = rows.slice(0, maxResults).map((row) => JSON.parse(row.data));
      const more = rows.length > maxResults && { nextToken: encodePageToken(scope, records.at(-1).id) };
      return { pipelineExecutionSummaries: records.map(executionSummary), ...more };
    },
    async listActionExecutions({ pipelineName, filter, maxResults = 100, nextToken }, ctx) {
      const state = await pipelineState(tools, ctx, pipelineName);
      const of = filter?.pipelineExecutionId ?? filter?.latestInPipelineExecution?.pipelineExecutionId;
      const scope = `actions/${pipelineName}/${of ?? ""}`;
      const before = String(decodePageToken(scope, nextToken, invalidToken) ?? NEWEST);
      const key = [ctx.account, ctx.region, pipelineName];
      const rows = of === void 0 ? await tools.db.all(sql2.actionsBefore, ...key, before, maxResults + 1) : await tools.db.all(sql2.actionsOfExecution, ...key, of, before, maxResults + 1);
      const running2 = runningActions(state).filter(
        (detail) => idOf(detail) < before && (of ?? detail.pipelineExecutionId) === detail.pipelineExecutionId
      );
      const found = newestFirst([...running2, ...rows.map((row) => JSON.parse(row.data))]);
      const details = found.slice(0, maxResults);
      const more = found.length > maxResults && { nextToken: encodePageToken(scope, idOf(details.at(-1))) };
      return { actionExecutionDetails: filter?.latestInPipelineExecution ? latestOnly(details) : details, ...more };
    }
  };
}
var idOf = ({ actionExecutionId = "" }) => actionExecutionId;
function newestFirst(details) {
  const byId = new Map(details.map((detail) => [idOf(detail), detail]));
  return [...byId.values()].toSorted((a, b) => idOf(a) < idOf(b) ? 1 : -1);
}
function latestOnly(details) {
  const seen = /* @__PURE__ */ new Set();
  return details.filter(({ stageName, actionName }) => {
    const key = `${stageName}/${actionName}`;
    return !seen.has(key) && seen.add(key);
  });
}

// src/services/codepipeline/rules/validate-configuration.ts
function validateConfiguration(given, { settings: settings2 }, what, error) {
  for (const name of Object.keys(given)) {
    if (!Object.hasOwn(settings2, name)) throw error(`${what} contains unknown configuration '${name}'`);
  }
  for (const [name, property] of Object.entries(settings2)) {
    const value = given[name];
    if (value === void 0) {
      if (property.required) throw error(`${what} is missing required configuration '${name}'`);
    } else if (property.values && !value.includes("#{") && !property.values.includes(value)) {
      throw error(`${what} has the value '${value}' for '${name}'. Valid values: ${property.values.join(", ")}`);
    }
  }
}

// src/services/codepipeline/rules/validate-conditions.ts
var structure = (message) => errors.InvalidStructureException(message);
var RESULTS = {
  BEFORE_ENTRY: ["FAIL", "SKIP"],
  ON_SUCCESS: ["FAIL", "ROLLBACK"],
  ON_FAILURE: ["ROLLBACK", "FAIL"]
};
var SKIPPING = /* @__PURE__ */ new Set(["LambdaInvoke", "VariableCheck", "Dummy"]);
var NEEDS = { LambdaInvoke: "Lambda", CloudWatchAlarm: "CloudWatch alarms" };
function validateConditions(declaration, rules, place) {
  const { executionMode = "SUPERSEDED", pipelineType = "V1", stages } = declaration;
  if (executionMode !== "SUPERSEDED" && pipelineType !== "V2")
    throw structure(`Execution mode ${executionMode} is only available for pipelines of type V2`);
  for (const [index, stage] of stages.entries()) {
    if (!stage.beforeEntry && !stage.onSuccess && !stage.onFailure) continue;
    if (pipelineType !== "V2") throw structure(`Conditions in stage '${stage.name}' are only available for pipelines of type V2`);
    if (index === 0 && stage.beforeEntry) throw structure(`The source stage '${stage.name}' cannot have an entry condition`);
    validateFailure(stage);
    if (results(stage).includes("ROLLBACK")) {
      if (index === 0) throw structure(`The source stage '${stage.name}' cannot be rolled back`);
      if (executionMode === "PARALLEL") throw structure(`Stage '${stage.name}' cannot be rolled back in a pipeline in PARALLEL mode`);
    }
    for (const type of ["BEFORE_ENTRY", "ON_SUCCESS", "ON_FAILURE"]) {
      const condition = conditionOf(stage, type);
      if (condition) validateCondition({ stage, type, condition, rules, place });
    }
  }
}
function results(stage) {
  return [stage.onFailure?.result, conditionOf(stage, "ON_FAILURE")?.result, conditionOf(stage, "ON_SUCCESS")?.result];
}
function validateFailure({ name, onFailure }) {
  if (!onFailure) return;
  const { result, conditions = [], retryConfiguration } = onFailure;
  if (result !== void 0 && result !== "ROLLBACK" && result !== "RETRY")
    throw structure(`Stage '${name}' has the result ${result} on failure. Valid values: ROLLBACK, RETRY`);
  if (retryConfiguration && result !== "RETRY") throw structure(`Stage '${name}' has a retry configuration without the result RETRY`);
  if (result === "RETRY" && conditions.length > 0)
    throw structure(`Stage '${name}' cannot have both an automatic retry and a failure condition`);
}
function validateCondition({ stage, type, condition, rules, place }) {
  const where = `the ${type} condition of stage '${stage.name}'`;
  const { result, rules: declared = [] } = condition;
  if (declared.length === 0) throw structure(`There must be at least one rule in ${where}`);
  if (result === void 0 || !RESULTS[type].includes(result))
    throw structure(`The result of ${where} is ${String(result)}. Valid values: ${RESULTS[type].join(", ")}`);
  const names = /* @__PURE__ */ new Set();
  for (const rule of declared) {
    if (names.has(rule.name)) throw structure(`Rule names must be unique. '${rule.name}' has been used more than once in ${where}`);
    names.add(rule.name);
    if (result === "SKIP" && !SKIPPING.has(rule.ruleTypeId.provider))
      throw structure(`The rule '${rule.name}' in ${where} cannot skip the stage. Only LambdaInvoke and VariableCheck can`);
    validateRule(rule, where, rules, place);
  }
}
function validateRule(rule, where, rules, place) {
  const { provider } = rule.ruleTypeId;
  const entry = rules.find(rule.ruleTypeId, place);
  if (!entry) {
    const service = NEEDS[provider];
    if (service)
      throw errors.ValidationException(`The rule '${rule.name}' in ${where} needs ${service}, which Pipewright does not have yet.`);
    throw structure(`The rule type (Provider: '${provider}') of the rule '${rule.name}' in ${where} does not exist`);
  }
  const inputs = rule.inputArtifacts?.length ?? 0;
  if (inputs > entry.artifacts.inputs.max)
    throw structure(
      `The rule '${rule.name}' in ${where} has ${inputs} input artifacts. There can be at most ${entry.artifacts.inputs.max}`
    );
  validateConfiguration(rule.configuration ?? {}, entry, `Rule configuration for rule '${rule.name}'`, structure);
}

// src/services/codepipeline/rules/validate.ts
var MOST_ACTIONS_IN_STAGE = 50;
var MOST_STAGES = 50;
var RESERVED_NAMESPACES = /* @__PURE__ */ new Set(["codepipeline", "variables"]);
var structure2 = (message) => errors.InvalidStructureException(message);
var invalidAction = (message) => errors.InvalidActionDeclarationException(message);
function validatePipeline(declaration, { actions, rules }, place) {
  validateStages(declaration);
  validateArtifactStores(declaration);
  const variables2 = declaration.variables ?? [];
  unique(
    variables2,
    (name) => errors.InvalidStructureException(`Pipeline variable names must be unique. '${name}' is declared more than once.`)
  );
  for (const stage of declaration.stages) for (const action of stage.actions) validateAction(action, actions, place);
  validateConditions(declaration, rules, place);
  validateArtifacts(declaration.stages);
  validateNamespaces(declaration.stages);
}
function validateStages({ stages }) {
  if (stages.length < 2) {
    throw structure2(`Pipeline has only ${stages.length} stage(s). There should be a minimum of 2 stages in a pipeline`);
  }
  if (stages.length > MOST_STAGES)
    throw structure2(`Pipeline has ${stages.length} stage(s). There can be at most ${MOST_STAGES} stages in a pipeline`);
  unique(
    stages,
    (name) => structure2(`Stage names must be unique within a pipeline. The stage name '${name}' has been used more than once.`)
  );
  if (!stages[0].actions.every(isSource)) throw structure2("Pipeline should start with a stage that only contains source actions");
  for (const stage of stages.slice(1)) {
    const source = stage.actions.find(isSource);
    if (source)
      throw structure2(`Source actions can only be in the first stage. Stage '${stage.name}' contains the source action '${source.name}'.`);
  }
  for (const stage of stages) validateStage(stage);
}
function validateStage(stage) {
  if (stage.actions.length === 0) throw invalidAction(`Stage '${stage.name}' must have at least one action`);
  if (stage.actions.length > MOST_ACTIONS_IN_STAGE) {
    throw structure2(
      `Stage '${stage.name}' has ${stage.actions.length} actions. There can be at most ${MOST_ACTIONS_IN_STAGE} actions in a stage`
    );
  }
  unique(
    stage.actions,
    (name) => structure2(`Action names must be unique within a stage. '${name}' has been used more than once in stage '${stage.name}'.`)
  );
}
function isSource(action) {
  return action.actionTypeId.category === "Source";
}
function validateArtifactStores({ artifactStore, artifactStores }) {
  if (artifactStore && artifactStores)
    throw errors.ValidationException("You must include either artifactStore or artifactStores in your pipeline, but you cannot use both.");
  if (!artifactStore && !artifactStores)
    throw errors.ValidationException("You must include either artifactStore or artifactStores in your pipeline.");
}
function validateAction(action, catalogue, place) {
  const { category, owner, provider, version } = action.actionTypeId;
  const entry = catalogue.find(action.actionTypeId, place);
  if (!entry) {
    const type = `(Category: '${category}', Provider: '${provider}', Owner: '${owner}', Version: '${version}')`;
    throw invalidAction(
      `ActionType ${type} in action '${action.name}' is not available in region ${place.region.toUpperCase().replaceAll("-", "_")}`
    );
  }
  count(action.name, "input", action.inputArtifacts?.length ?? 0, entry.artifacts.inputs);
  count(action.name, "output", action.outputArtifacts?.length ?? 0, entry.artifacts.outputs);
  validateConfiguration(action.configuration ?? {}, entry, `Action configuration for action '${action.name}'`, invalidAction);
  if (action.timeoutInMinutes !== void 0 && category !== "Approval") {
    throw invalidAction(`Action '${action.name}' declares timeoutInMinutes, which only manual approval actions support`);
  }
}
function count(action, direction, has, bounds) {
  const declares = `Action ${action} declares ${has} ${direction} artifacts which is`;
  if (has < bounds.min) throw invalidAction(`${declares} less than the minimum count (${bounds.min})`);
  if (has > bounds.max) throw invalidAction(`${declares} more than the maximum count (${bounds.max})`);
}
function validateArtifacts(stages) {
  const produced = /* @__PURE__ */ new Set();
  for (const stage of stages) {
    for (const order of runOrders(stage)) {
      const actions = stage.actions.filter((action) => (action.runOrder ?? 1) === order);
      for (const action of actions) {
        const missing = action.inputArtifacts?.find(({ name }) => !produced.has(name));
        if (missing)
          throw invalidAction(`Input Artifact Bundle ${missing.name} in action ${action.name} is not produced by any preceding action`);
      }
      for (const { name } of actions.flatMap((action) => action.outputArtifacts ?? [])) {
        if (produced.has(name))
          throw invalidAction(`Output Artifact Bundle name must be unique within the pipeline. ${name} has been used more than once.`);
        produced.add(name);
      }
    }
  }
}
function validateNamespaces(stages) {
  const seen = /* @__PURE__ */ new Set();
  for (const stage of stages) {
    for (const order of runOrders(stage)) {
      const actions = stage.actions.filter((action) => (action.runOrder ?? 1) === order);
      for (const action of actions) {
        const unknown = namespacesIn(action.configuration ?? {}).find((name) => !seen.has(name) && !RESERVED_NAMESPACES.has(name));
        if (unknown !== void 0) {
          throw invalidAction(
            `Valid format for a pipeline execution variable reference is a namespace and a key separated by a period (.). The following pipeline execution variables are referencing a namespace that does not exist. StageName=[${stage.name}], ActionName=[${action.name}], ActionConfigurationKey=[${keyOf2(action, unknown)}], VariableReferenceText=[${unknown}]`
          );
        }
      }
      for (const action of actions) if (action.namespace !== void 0) claim(seen, stage, action);
    }
  }
}
function claim(seen, stage, action) {
  const namespace = action.namespace;
  if (seen.has(namespace) || RESERVED_NAMESPACES.has(namespace)) {
    const place = `StageName=[${stage.name}], ActionName=[${action.name}], Namespace=[${namespace}]`;
    throw invalidAction(
      `Namespaces must be unique across the pipeline definition. The following occur more than once in the pipeline. ${place}`
    );
  }
  seen.add(namespace);
}
function keyOf2(action, namespace) {
  return Object.entries(action.configuration ?? {}).find(([, text]) => text.includes(`#{${namespace}.`))?.[0] ?? "";
}
function runOrders(stage) {
  return [...new Set(stage.actions.map((action) => action.runOrder ?? 1))].toSorted((a, b) => a - b);
}
function unique(named, error) {
  const seen = /* @__PURE__ */ new Set();
  for (const { name } of named) {
    if (seen.has(name)) throw error(name);
    seen.add(name);
  }
}

// src/services/codepipeline/operations/pipelines.ts
function versioned(declaration, version) {
  const artifactStore = declaration.artifactStore;
  const stages = declaration.stages.map((stage) => ({
    ...stage,
    actions: stage.actions.map((action) => ({
      ...action,
      runOrder: action.runOrder ?? 1,
      configuration: action.configuration ?? {},
      outputArtifacts: action.outputArtifacts ?? [],
      inputArtifacts: action.inputArtifacts ?? []
    }))
  }));
  const defaults = { executionMode: "SUPERSEDED", pipelineType: "V1" };
  return { ...defaults, ...declaration, ...artifactStore && { artifactStore }, stages, version };
}
function refuseUnbuilt(declaration) {
  const refuse = (what) => errors.ValidationException(`Pipewright does not run ${what} yet; see docs/differences-from-aws.md.`);
  if (declaration.triggers?.length) throw refuse("pipeline triggers");
  for (const stage of declaration.stages) {
    if (stage.blockers?.length) throw refuse(`stage blockers (stage '${stage.name}')`);
  }
}
async function creationRun(tools, ctx, declaration) {
  const variables2 = declaration.variables ?? [];
  if (variables2.some((variable) => variable.defaultValue === void 0)) return void 0;
  try {
    const overrides = await tools.triggers.newest(declaration, ctx);
    return overrides && { executionId: tools.ids.uuid(), by: ctx.principal.arn, overrides };
  } catch (error) {
    tools.log.warn("a source could not be looked at", { pipeline: declaration.name, error: String(error) });
    return { executionId: tools.ids.uuid(), by: ctx.principal.arn, overrides: [] };
  }
}
function pipelineOperations(tools) {
  return {
    async createPipeline({ pipeline: pipeline2, tags }, ctx) {
      validatePipeline(pipeline2, tools.catalogues, ctx);
      refuseUnbuilt(pipeline2);
      const declaration = versioned(pipeline2, 1);
      const start4 = await creationRun(tools, ctx, declaration);
      const state = await tools.pipelines.send(keyOf(ctx, pipeline2.name), { type: "create", declaration, ...start4 && { start: start4 } });
      const arn = pipelineArn(state);
      await tools.commits.commit((tags ?? []).map(({ key, value }) => write(sql2.putTag, [arn, key, value])));
      return { pipeline: declaration, ...tags && { tags } };
    },
    async updatePipeline({ pipeline: pipeline2 }, ctx) {
      const before = await pipelineState(tools, ctx, pipeline2.name);
      validatePipeline(pipeline2, tools.catalogues, ctx);
      refuseUnbuilt(pipeline2);
      const state = await tools.pipelines.send(keyOf(ctx, pipeline2.name), {
        type: "update",
        declaration: versioned(pipeline2, before.version + 1)
      });
      return { pipeline: { ...declarationOf(state), version: state.version } };
    },
    async deletePipeline({ name }, ctx) {
      const state = await tools.pipelines.state(keyOf(ctx, name));
      if (state?.exists) await tools.pipelines.send(keyOf(ctx, name), { type: "delete" });
    },
    async getPipeline({ name, version }, ctx) {
      const state = await pipelineState(tools, ctx, name);
      const wanted = version ?? state.version;
      const row = await tools.db.get(sql2.version, ctx.account, ctx.region, name, wanted);
      if (!row) throw errors.PipelineVersionNotFoundException(`${notFound({ account: ctx.account, name })} and version '${wanted}'`);
      const metadata = { pipelineArn: pipelineArn(state), created: state.createdAt, updated: state.updatedAt };
      return { pipeline: { ...JSON.parse(row.declaration), version: wanted }, metadata };
    },
    async listPipelines({ nextToken, maxResults }, ctx) {
      const limit = maxResults ?? 1e3;
      const after = decodePageToken("pipelines", nextToken, () => errors.InvalidNextTokenException("The next token is not valid."));
      const rows = await tools.db.all(sql2.pipelinesAfter, ctx.account, ctx.region, String(after ?? ""), limit + 1);
      const page = rows.slice(0, limit);
      const pipelines = page.map(({ type, mode, ...row }) => ({ ...row, pipelineType: type, executionMode: mode }));
      return { pipelines, ...rows.length > limit && { nextToken: encodePageToken("pipelines", page.at(-1).name) } };
    }
  };
}

// src/services/codepipeline/operations/rules.ts
var NEWEST2 = "~";
function ruleType({ type, settings: settings2, artifacts }) {
  return {
    id: type,
    settings: {},
    ruleConfigurationProperties: Object.entries(settings2).map(([name, property]) => ({
      name,
      required: property.required,
      key: true,
      secret: property.secret ?? false,
      queryable: false,
      description: property.description,
      type: property.type
    })),
    inputArtifactDetails: { minimumCount: artifacts.inputs.min, maximumCount: artifacts.inputs.max }
  };
}
function ruleOperations(tools) {
  return {
    listRuleTypes: async () => ({ ruleTypes: tools.rules.all().map(ruleType) }),
    async listRuleExecutions({ pipelineName, filter, maxResults = 100, nextToken }, ctx) {
      await pipelineState(tools, ctx, pipelineName);
      const of = filter?.pipelineExecutionId ?? filter?.latestInPipelineExecution?.pipelineExecutionId;
      const scope = `rules/${pipelineName}/${of ?? ""}`;
      const invalid = () => errors.InvalidNextTokenException("The next token is not valid.");
      const before = String(decodePageToken(scope, nextToken, invalid) ?? NEWEST2);
      const key = [ctx.account, ctx.region, pipelineName];
      const rows = of === void 0 ? await tools.db.all(sql2.rulesBefore, ...key, before, maxResults + 1) : await tools.db.all(sql2.rulesOfExecution, ...key, of, before, maxResults + 1);
      const page = rows.slice(0, maxResults);
      const more = rows.length > maxResults && { nextToken: encodePageToken(scope, page.at(-1).id) };
      return { ruleExecutionDetails: page.map((row) => JSON.parse(row.data)), ...more };
    },
    async overrideStageCondition({ pipelineName, stageName: stage, pipelineExecutionId: executionId, conditionType: condition }, ctx) {
      await pipelineState(tools, ctx, pipelineName);
      await tools.pipelines.send(keyOf(ctx, pipelineName), { type: "override", stage, executionId, condition, by: ctx.principal.arn });
    }
  };
}

// src/services/codepipeline/operations/stages.ts
function stageOperations(tools) {
  const entrance = async (ctx, name, stageName, type) => {
    const { stages } = declarationOf(await pipelineState(tools, ctx, name));
    const index = stages.findIndex((stage2) => stage2.name === stageName);
    if (index === -1) throw errors.StageNotFoundException(`The pipeline '${name}' has no stage '${stageName}'.`);
    const stage = type === "Inbound" ? stages[index] : stages[index + 1];
    if (!stage) throw errors.ValidationException(`The stage '${stageName}' is the last one: it has no outbound transition.`);
    return stage.name;
  };
  return {
    async enableStageTransition({ pipelineName, stageName, transitionType }, ctx) {
      const stage = await entrance(ctx, pipelineName, stageName, transitionType);
      await tools.pipelines.send(keyOf(ctx, pipelineName), { type: "transition", stage, enabled: true, by: ctx.principal.arn });
    },
    async disableStageTransition({ pipelineName, stageName, transitionType, reason }, ctx) {
      const stage = await entrance(ctx, pipelineName, stageName, transitionType);
      await tools.pipelines.send(keyOf(ctx, pipelineName), { type: "transition", stage, enabled: false, reason, by: ctx.principal.arn });
    },
    async putApprovalResult({ pipelineName, stageName: stage, actionName: action, result, token }, ctx) {
      await pipelineState(tools, ctx, pipelineName);
      const { status, summary } = result;
      const command = { type: "approve", stage, action, token, summary, approved: status === "Approved", by: ctx.principal.arn };
      const state = await tools.pipelines.send(keyOf(ctx, pipelineName), command);
      return { approvedAt: state.stages[stage]?.runs[action]?.changedAt ?? tools.clock.now() };
    }
  };
}

// src/kernel/pipeline-session.ts
var PREFIX = "codepipeline-";
function pipelineSession(executionId, pipeline2) {
  return `${PREFIX}${executionId}-${pipeline2}`;
}

// src/services/codepipeline/performers.ts
function findRun(state, { runId, executionId }, tools) {
  const found = findRunById(state, runId, executionId);
  if (!found) return void 0;
  const declaration = declarationOf(state, found.execution.version);
  const stage = declaration.stages.find(({ name }) => name === found.execution.stage);
  return stage && (found.kind === "action" ? actionOf(state, stage, found, tools) : ruleOf2(state, stage, found, tools));
}
function actionOf(state, stage, { execution, run }, tools) {
  const declared = stage.actions.find(({ name }) => name === run.action);
  const provider = declared && tools.providers.find(declared.actionTypeId, state);
  if (!declared || !provider) return void 0;
  const { commands, environmentVariables, outputVariables } = declared;
  const job = {
    ...commonJob(state, execution, declared, run),
    action: run.action,
    outputs: run.outputs,
    ...pinned(execution, run.action),
    ...run.token !== void 0 && { token: run.token },
    ...commands && { commands },
    ...environmentVariables && { environmentVariables },
    ...outputVariables && { outputVariables }
  };
  return { kind: "action", run, job, provider };
}
function ruleOf2(state, stage, { execution, condition, run }, tools) {
  const declared = conditionOf(stage, condition)?.rules?.find(({ name }) => name === run.rule);
  const provider = declared && tools.rules.find(declared.ruleTypeId);
  if (!declared || !provider) return void 0;
  const { commands } = declared;
  const common = commonJob(state, execution, declared, run);
  const job = { ...common, rule: run.rule, condition, startedAt: run.startedAt, ...commands && { commands } };
  return { kind: "rule", run, job, provider };
}
function commonJob(state, execution, declared, run) {
  return {
    id: run.id,
    account: state.account,
    region: declared.region ?? state.region,
    pipeline: { name: state.name, version: execution.version, arn: pipelineArn(state) },
    executionId: execution.id,
    stage: execution.stage,
    role: declared.roleArn ?? declarationOf(state, execution.version).roleArn,
    configuration: run.configuration,
    inputs: run.inputs,
    deadline: run.deadline
  };
}
function pinned(execution, action) {
  const mine = execution.overrides.filter((override2) => override2.action === action);
  const objectKey = mine.find(({ revisionType }) => revisionType === "S3_OBJECT_KEY")?.revision;
  const revision = mine.find(({ revisionType }) => revisionType !== "S3_OBJECT_KEY")?.revision;
  return { ...revision !== void 0 && { revision }, ...objectKey !== void 0 && { objectKey } };
}
function toolsFor(job, tools, signal) {
  const { account, region, role } = job;
  const caller = { session: pipelineSession(job.executionId, job.pipeline.name), purpose: "pipeline", account, region, signal };
  return { aws: tools.aws.as(role === void 0 ? caller : { ...caller, role }), clock: tools.clock, log: tools.log, signal };
}
function progressCommand({ runId, executionId }, progress) {
  return { type: "progress", runId, progress, ...executionId !== void 0 && { executionId } };
}
function pipelinePerformers(tools, aggregates) {
  const find = async (id, effect) => {
    const state = await aggregates().state(id);
    return state && findRun(state, effect.payload, tools);
  };
  const start4 = async (id, effect, { signal }) => {
    const found = await find(id, effect);
    if (!found) return void 0;
    const rights = toolsFor(found.job, tools, signal);
    const progress = await (found.kind === "action" ? found.provider.start(found.job, rights) : found.provider.start(found.job, rights));
    return progressCommand(effect.payload, progress);
  };
  const stop2 = async (id, effect, { signal }) => {
    const found = await find(id, effect);
    if (!found) return void 0;
    const rights = toolsFor(found.job, tools, signal);
    await (found.kind === "action" ? found.provider.stop(found.job, found.run.ref, rights) : found.provider.stop(found.job, found.run.ref, rights));
    return void 0;
  };
  return { "start-action": start4, "start-rule": start4, "stop-action": stop2, "stop-rule": stop2 };
}

// src/services/codepipeline/rules/public-events.ts
var PIPELINE = "CodePipeline Pipeline Execution State Change";
var STAGE = "CodePipeline Stage Execution State Change";
var ACTION = "CodePipeline Action Execution State Change";
var EXECUTION_STATES = {
  executionStarted: "STARTED",
  executionStopping: "STOPPING",
  executionStopped: "STOPPED",
  executionSucceeded: "SUCCEEDED",
  executionFailed: "FAILED",
  executionSuperseded: "SUPERSEDED"
};
var STAGE_STATES = {
  stageSucceeded: "SUCCEEDED",
  stageFailed: "FAILED",
  stageStopped: "STOPPED"
};
var ACTION_STATES = {
  actionStarted: "STARTED",
  actionSucceeded: "SUCCEEDED",
  actionFailed: "FAILED",
  actionAbandoned: "ABANDONED"
};
function publicEvents({ event, before, after }) {
  if (!("executionId" in event)) return [];
  const execution = after.executions[event.executionId] ?? before.executions[event.executionId];
  if (!execution) return [];
  const common = {
    pipeline: after.name,
    "execution-id": execution.id,
    "start-time": new Date(execution.startedAt).toISOString(),
    version: execution.version,
    "pipeline-execution-attempt": execution.attempt
  };
  const at = event.type === "actionStarted" ? event.run.startedAt : event.at;
  const resumed = event.type === "stageRetried" || event.type === "conditionOverridden" && before.executions[execution.id]?.phase === "ended";
  const pipelineState2 = resumed ? "RESUMED" : EXECUTION_STATES[event.type];
  const stageState = resumed ? "RESUMED" : begins(event, execution, after) ? "STARTED" : STAGE_STATES[event.type];
  const actionState = ACTION_STATES[event.type];
  const events = [];
  if (pipelineState2)
    events.push({ detailType: PIPELINE, at, detail: { ...common, state: pipelineState2, ...pipelineFields(event, execution) } });
  if (stageState && "stage" in event) events.push({ detailType: STAGE, at, detail: { ...common, stage: event.stage, state: stageState } });
  if (actionState)
    events.push({ detailType: ACTION, at, detail: { ...common, state: actionState, ...actionFields(event, execution, after) } });
  return events;
}
function begins(event, execution, after) {
  if (event.type !== "stageEntered" && event.type !== "conditionEnded" && event.type !== "conditionOverridden") return false;
  const stage = declarationOf(after, execution.version).stages.find(({ name }) => name === event.stage);
  const entry = stage && execution.only?.action === void 0 ? conditionOf(stage, "BEFORE_ENTRY") : void 0;
  if (event.type === "stageEntered") return !entry;
  if (event.condition !== "BEFORE_ENTRY") return false;
  return event.type === "conditionOverridden" || event.status === "Succeeded" || entry?.result !== "SKIP";
}
function pipelineFields(event, execution) {
  if (event.type === "executionStopping") return { "stop-execution-comments": event.reason };
  if (event.type !== "executionStarted") return {};
  return { "execution-trigger": { "trigger-type": execution.trigger.type, "trigger-detail": execution.trigger.detail } };
}
function actionFields(event, execution, after) {
  if (!("stage" in event)) return {};
  const name = event.type === "actionStarted" ? event.run.action : "action" in event ? event.action : void 0;
  const run = name === void 0 ? void 0 : after.executions[execution.id]?.passage.runs[name] ?? after.stages[event.stage]?.runs[name];
  if (!run) return {};
  const stage = declarationOf(after, execution.version).stages.find((candidate) => candidate.name === event.stage);
  const declared = stage?.actions.find((action) => action.name === run.action);
  return {
    stage: event.stage,
    action: run.action,
    "action-execution-id": run.id,
    region: declared?.region ?? after.region,
    ...declared && { type: { ...declared.actionTypeId } },
    "input-artifacts": run.inputs.map(artifact),
    ...run.status === "Succeeded" && { "output-artifacts": run.outputs.map(artifact) },
    ...executionResult(run)
  };
}
function artifact({ name, bucket, key }) {
  return { name, s3location: { bucket, key } };
}
function executionResult(run) {
  if (run.status === "InProgress") return {};
  const summary = run.error?.message ?? run.summary;
  return {
    "execution-result": {
      ...run.ref?.url !== void 0 && { "external-execution-url": run.ref.url },
      ...run.ref && { "external-execution-id": run.ref.id },
      ...summary !== void 0 && { "external-execution-summary": summary },
      ...run.error && { "error-code": run.error.code }
    }
  };
}

// src/services/codepipeline/projection.ts
function project({ before, after, events, transitions, now, newId }, bus) {
  const { account, region, name } = after;
  const key = [account, region, name];
  if (!after.exists) return deletion(after);
  const writes = [];
  if (after.version !== before.version || !before.exists) writes.push(...definition(after));
  for (const event of events) {
    if (event.type !== "executionStarted" || event.token === void 0) continue;
    writes.push(write(sql2.insertToken, [...key, event.token, event.executionId], { label: "token" }));
  }
  const { executions, actions, rules } = changedHistory(transitions, now);
  for (const record of executions.values()) {
    writes.push(write(sql2.upsertExecution, [...key, record.id, record.status, record.updatedAt, JSON.stringify(record)]));
  }
  for (const detail of actions.values()) {
    const { actionExecutionId = "", pipelineExecutionId = "", lastUpdateTime = now } = detail;
    writes.push(write(sql2.upsertAction, [...key, actionExecutionId, pipelineExecutionId, lastUpdateTime, JSON.stringify(detail)]));
  }
  for (const detail of rules.values()) {
    const { ruleExecutionId = "", pipelineExecutionId = "", lastUpdateTime = now } = detail;
    writes.push(write(sql2.upsertRule, [...key, ruleExecutionId, pipelineExecutionId, lastUpdateTime, JSON.stringify(detail)]));
  }
  for (const event of events) {
    if (event.type === "stageSucceeded" && !event.refused)
      writes.push(write(sql2.insertSuccess, [...key, event.stage, event.executionId, event.at]));
  }
  const frame = { account, region, bus: "default", source: "aws.codepipeline", resources: [pipelineArn(after)] };
  for (const { detailType, at, detail } of transitions.flatMap(publicEvents)) {
    writes.push(bus.write({ ...frame, id: newId(), time: at, detailType, detail }));
  }
  return writes;
}
function definition(state) {
  const { account, region, name, version } = state;
  const declaration = declarationOf(state);
  const mode = declaration.executionMode ?? "SUPERSEDED";
  const type = declaration.pipelineType ?? "V1";
  return [
    write(sql2.insertPipeline, [account, region, name, version, type, mode, state.createdAt, state.updatedAt]),
    write(sql2.insertVersion, [account, region, name, version, JSON.stringify(declaration)], { label: "version" })
  ];
}
function deletion(state) {
  const key = [state.account, state.region, state.name];
  const tables = [
    sql2.deletePipeline,
    sql2.deleteVersions,
    sql2.deleteExecutions,
    sql2.deleteActions,
    sql2.deleteRules,
    sql2.deleteSuccesses,
    sql2.deleteTokens
  ];
  return [...tables.map((statement2) => write(statement2, key)), write(sql2.deleteTags, [pipelineArn(state)])];
}

// src/services/codepipeline/rules/start-action.ts
function startAction(starting) {
  const { execution, stage, action, step } = starting;
  const again = execution.only?.configuration;
  const resolved = again ? { ok: true, configuration: again } : resolve(action.configuration ?? {}, execution);
  const missing = (action.inputArtifacts ?? []).find(({ name }) => !execution.artifacts[name]);
  const run = newRun(starting, resolved.ok ? resolved.configuration : action.configuration ?? {});
  const started = { type: "actionStarted", executionId: execution.id, stage: stage.name, run };
  const fail2 = (message) => {
    const place = { executionId: execution.id, stage: stage.name, action: action.name, at: step.now };
    return [started, { type: "actionFailed", ...place, code: "ConfigurationError", message }];
  };
  if (!resolved.ok)
    return fail2(`The variable reference ${resolved.reference} cannot be resolved: no earlier action of this execution has set it.`);
  if (missing) return fail2(`The input artifact ${missing.name} was not produced by this execution.`);
  return [started];
}
function newRun(starting, configuration) {
  const { state, execution, action, step, catalogues } = starting;
  const minutes = action.timeoutInMinutes ?? catalogues.actions.find(action.actionTypeId, state)?.timeoutMinutes ?? 60;
  return {
    id: step.id(),
    action: action.name,
    executionId: execution.id,
    status: "InProgress",
    startedAt: step.now,
    changedAt: step.now,
    deadline: step.now + minutes * 6e4,
    configuration,
    inputs: (action.inputArtifacts ?? []).flatMap(({ name }) => execution.artifacts[name] ?? []),
    outputs: (action.outputArtifacts ?? []).map(({ name }) => outputLocation(starting, name)),
    ...action.actionTypeId.category === "Approval" && { token: step.id() }
  };
}
function outputLocation({ declaration, action, state, step }, name) {
  const store = declaration.artifactStore ?? declaration.artifactStores?.[action.region ?? state.region];
  const random = step.id().replaceAll("-", "").slice(-7);
  return { name, bucket: store?.location ?? "", key: `${declaration.name.slice(0, 20)}/${name.slice(0, 10)}/${random}` };
}

// src/services/codepipeline/rules/in-stage.ts
function inStage(state, execution, step, catalogues) {
  const declaration = declarationOf(state, execution.version);
  const stage = declaration.stages.find(({ name }) => name === execution.stage);
  const place = { executionId: execution.id, stage: stage.name, at: step.now };
  const now = { state, execution, declaration, stage, step, catalogues, place };
  const late = lateRuns(now);
  if (late.length > 0) return late;
  if (execution.status === "Stopping") return stopping(now);
  const gate = execution.only?.action === void 0;
  if (gate && !isPassed(now, "BEFORE_ENTRY")) return evaluate(now, "BEFORE_ENTRY") ?? refusedEntry(now);
  const runs = runsOf(execution);
  const busy = runs.some((run) => run.status === "InProgress");
  if (runs.some((run) => run.status === "Failed" || run.status === "Abandoned")) return busy ? [] : failing(now);
  const due = dueActions(now, runs);
  if (due.length > 0) return due.flatMap((action) => startAction({ ...now, action }));
  if (busy) return [];
  if (gate && !isPassed(now, "ON_SUCCESS")) return evaluate(now, "ON_SUCCESS") ?? refusedExit(now);
  return leave(now, "stageSucceeded");
}
function leave({ declaration, execution, stage, place }, how) {
  const { executionId, at } = place;
  const next = execution.only ? void 0 : declaration.stages[declaration.stages.indexOf(stage) + 1];
  const done = { type: how, ...place };
  return next ? [done, { type: "stageArrived", executionId, stage: next.name, at }] : [done, { type: "executionSucceeded", executionId, at }];
}
function fail({ place }, reason) {
  const { executionId, at } = place;
  return [
    { type: "stageFailed", ...place },
    { type: "executionFailed", executionId, at, ...reason !== void 0 && { reason } }
  ];
}
function conditionFailed({ stage }, type) {
  return `The ${type} condition of the stage '${stage.name}' failed.`;
}
function refusedEntry(now) {
  if (conditionOf(now.stage, "BEFORE_ENTRY")?.result === "SKIP") return leave(now, "stageSkipped");
  return fail(now, conditionFailed(now, "BEFORE_ENTRY"));
}
function refusedExit(now) {
  const reason = conditionFailed(now, "ON_SUCCESS");
  if (conditionOf(now.stage, "ON_SUCCESS")?.result !== "ROLLBACK") return fail(now, reason);
  const { executionId, at } = now.place;
  return [
    { type: "stageSucceeded", ...now.place, refused: true },
    { type: "executionFailed", executionId, at, reason },
    ...automaticRollback(now)
  ];
}
function failing(now) {
  const { onFailure } = now.stage;
  if (!onFailure || now.execution.only) return fail(now);
  if (conditionOf(now.stage, "ON_FAILURE") && !isPassed(now, "ON_FAILURE")) {
    const events = evaluate(now, "ON_FAILURE");
    if (events) return events;
    const result = conditionOf(now.stage, "ON_FAILURE")?.result;
    return result === "ROLLBACK" ? [...fail(now), ...automaticRollback(now)] : fail(now);
  }
  if (onFailure.result === "ROLLBACK") return [...fail(now), ...automaticRollback(now)];
  if (onFailure.result === "RETRY" && now.execution.passage.retries?.auto === void 0) {
    const mode = onFailure.retryConfiguration?.retryMode ?? "FAILED_ACTIONS";
    return [
      { type: "stageFailed", ...now.place },
      { type: "stageRetried", ...now.place, mode, automatic: true }
    ];
  }
  return fail(now);
}
function stopping({ execution, place }) {
  const abandon = execution.stop?.abandon === true;
  const open = Object.entries(execution.passage.conditions).filter(([, { status }]) => status === "InProgress");
  if (open.length > 0) {
    const status = abandon ? "Abandoned" : "Cancelled";
    return open.map(([condition]) => ({ type: "conditionEnded", ...place, condition, status }));
  }
  const running2 = runsOf(execution).filter((run) => run.status === "InProgress");
  if (running2.length === 0)
    return [
      { type: "stageStopped", ...place },
      { type: "executionStopped", executionId: execution.id, at: place.at }
    ];
  if (!abandon) return [];
  return running2.map((run) => ({ type: "actionAbandoned", ...place, action: run.action }));
}
function lateRuns({ execution, step, place }) {
  const isLate = (run) => run.status === "InProgress" && run.deadline <= step.now;
  const error = (what, run) => ({
    code: "TimedOut",
    message: `The ${what} did not end within ${Math.round((run.deadline - run.startedAt) / 6e4)} minutes.`
  });
  const actions = runsOf(execution).filter(isLate).map((run) => ({ type: "actionFailed", ...place, action: run.action, ...error("action", run) }));
  const rules = Object.entries(execution.passage.conditions).flatMap(
    ([condition, { rules: runs }]) => Object.values(runs).filter(isLate).map(({ rule, ...run }) => {
      const ended = { type: "ruleEnded", ...place, condition, rule, status: "Failed" };
      return { ...ended, error: error("rule", run) };
    })
  );
  return [...actions, ...rules];
}
function dueActions({ stage, execution }, runs) {
  const started = new Map(runs.map((run) => [run.action, run]));
  const only = execution.only?.action;
  const wanted = only === void 0 ? stage.actions : stage.actions.filter(({ name }) => name === only);
  const open = wanted.filter((action) => started.get(action.name)?.status !== "Succeeded");
  const order = Math.min(...open.map((action) => action.runOrder ?? 1));
  return open.filter((action) => (action.runOrder ?? 1) === order && !started.has(action.name));
}

// src/services/codepipeline/rules/decide.ts
function decide(state, step, catalogues) {
  if (!state.exists) return [];
  const executions = inFlight(state);
  for (const execution of executions) {
    const events = execution.phase === "waiting" ? atEntrance(state, execution, executions, step.now) : inStage(state, execution, step, catalogues);
    if (events.length > 0) return events;
  }
  return [];
}
function atEntrance(state, execution, all, at) {
  const { id: executionId, stage } = execution;
  if (execution.status === "Stopping") return [{ type: "executionStopped", executionId, at }];
  const mode = modeOf(state, execution);
  const here = all.filter((other) => other.stage === stage && modeOf(state, other) !== "PARALLEL");
  const waiting = here.filter((other) => other.phase === "waiting" && other.status === "InProgress");
  if (mode === "SUPERSEDED" && !execution.only) {
    const newest = waiting.filter((other) => !other.only && modeOf(state, other) === "SUPERSEDED").at(-1);
    if (newest && newest.id !== executionId) return [{ type: "executionSuperseded", executionId, by: newest.id, at }];
  }
  if (!execution.only && state.stages[stage]?.inbound?.enabled === false) return [];
  if (mode !== "PARALLEL") {
    const first = waiting.find((other) => other.only) ?? waiting[0];
    if (first?.id !== executionId || here.some((other) => other.phase === "running")) return [];
  }
  return [{ type: "stageEntered", executionId, stage, at }];
}
function wakeAt(state) {
  let earliest;
  for (const execution of inFlight(state)) {
    if (execution.phase !== "running") continue;
    for (const run of [...runsOf(execution), ...ruleRunsOf(execution)]) {
      if (run.status === "InProgress" && (earliest === void 0 || run.deadline < earliest)) earliest = run.deadline;
    }
  }
  return earliest;
}

// src/services/codepipeline/rules/evolve-stage.ts
var MOST_ENDED = 100;
var FRESH = { runs: {}, conditions: {} };
function withExecution(state, id, change) {
  const execution = state.executions[id];
  return execution ? { ...state, executions: { ...state.executions, [id]: { ...execution, ...change } } } : state;
}
function withoutExecution(state, id) {
  const { [id]: gone, ...executions } = state.executions;
  return gone ? withoutOldDeclarations({ ...state, executions }) : state;
}
function withStage(state, name, change) {
  const stage = state.stages[name] ?? { runs: {} };
  return { ...state, stages: { ...state.stages, [name]: { ...stage, ...change } } };
}
function withoutOldDeclarations(state) {
  const used = /* @__PURE__ */ new Set([state.version, ...Object.values(state.executions).map((execution) => execution.version)]);
  const kept = Object.entries(state.declarations).filter(([version]) => used.has(Number(version)));
  return kept.length === Object.keys(state.declarations).length ? state : { ...state, declarations: Object.fromEntries(kept) };
}
function withOccupant(state, at, change) {
  const latest = state.stages[at.stage]?.latest;
  return latest?.executionId === at.executionId ? withStage(state, at.stage, { latest: { ...latest, ...change } }) : state;
}
function withRun(state, at, change) {
  const execution = state.executions[at.executionId];
  const run = execution?.passage.runs[at.action];
  if (!execution || !run) return state;
  const changed = { ...run, ...change };
  const { passage } = execution;
  const next = withExecution(state, execution.id, { passage: { ...passage, runs: { ...passage.runs, [at.action]: changed } } });
  const shown = state.stages[at.stage]?.runs ?? {};
  return shown[at.action]?.id === run.id ? withStage(next, at.stage, { runs: { ...shown, [at.action]: changed } }) : next;
}
function actionStarted(state, { executionId, stage, run }) {
  const execution = state.executions[executionId];
  if (!execution) return state;
  const passage = { ...execution.passage, runs: { ...execution.passage.runs, [run.action]: run } };
  const next = withExecution(state, executionId, { passage });
  return withStage(next, stage, { runs: { ...next.stages[stage]?.runs, [run.action]: run } });
}
function withCondition(state, at, change) {
  const execution = state.executions[at.executionId];
  if (!execution) return state;
  const conditions = { ...execution.passage.conditions, [at.condition]: change(execution.passage.conditions[at.condition]) };
  const next = withExecution(state, execution.id, { passage: { ...execution.passage, conditions } });
  return withOccupant(next, at, { conditions });
}
function withRule(state, event, change) {
  const rule = state.executions[event.executionId]?.passage.conditions[event.condition]?.rules[event.rule];
  if (!rule) return state;
  return withCondition(state, event, (condition) => ({
    ...condition,
    rules: { ...condition.rules, [event.rule]: { ...rule, ...change, changedAt: event.at } }
  }));
}
function conditionEnded(condition, { status, summary, at }) {
  const rules = Object.entries(condition.rules).map(([name, rule]) => {
    const over2 = { ...rule, status: "Abandoned", changedAt: at, wakeOn: void 0, wakeAt: void 0 };
    return [name, rule.status === "InProgress" ? over2 : rule];
  });
  return { ...condition, status, changedAt: at, rules: Object.fromEntries(rules), ...summary !== void 0 && { summary } };
}
function stageEntered(state, event) {
  const { executionId, stage } = event;
  const execution = state.executions[executionId];
  if (!execution) return state;
  const previous = state.stages[stage]?.latest?.executionId;
  const takesOver = previous !== void 0 && previous !== executionId && modeOf(state, execution) !== "PARALLEL";
  let next = takesOver && state.executions[previous]?.phase === "ended" ? withoutExecution(state, previous) : state;
  const latest = {
    executionId,
    status: "InProgress",
    conditions: {},
    ...execution.rollbackOf !== void 0 && { rollback: true }
  };
  next = withStage(next, stage, { latest });
  return withExecution(next, executionId, { phase: "running", stage, passage: FRESH });
}
function stageRetried(state, event) {
  const execution = state.executions[event.executionId];
  if (!execution) return state;
  const { runs, conditions, retries } = execution.passage;
  const stands = ({ status }) => status === "Succeeded" || status === "InProgress" || status === "Overridden";
  const passage = {
    runs: event.mode === "ALL_ACTIONS" ? {} : Object.fromEntries(Object.entries(runs).filter(([, run]) => stands(run))),
    conditions: conditions.BEFORE_ENTRY && stands(conditions.BEFORE_ENTRY) ? { BEFORE_ENTRY: conditions.BEFORE_ENTRY } : {},
    retries: {
      ...retries,
      ...event.automatic ? { auto: (retries?.auto ?? 0) + 1 } : { manual: (retries?.manual ?? 0) + 1 },
      latest: event.automatic ? "AutomatedStageRetry" : "ManualStageRetry"
    }
  };
  const attempt = execution.attempt + 1;
  const next = withExecution(state, execution.id, { status: "InProgress", phase: "running", attempt, stop: void 0, passage });
  return withOccupant(next, event, { status: "InProgress", conditions: passage.conditions, retries: passage.retries });
}
function carriedOf({ artifacts, outputs, revisions }) {
  return { artifacts, outputs, revisions };
}
function stageEnded(state, event, status) {
  const execution = state.executions[event.executionId];
  const next = withOccupant(state, event, { status });
  if (status !== "Succeeded" || event.refused || !execution || execution.only) return next;
  if (declarationOf(state, execution.version).stages[0]?.name === event.stage) return next;
  const { id, version, variables: variables2 } = execution;
  return withStage(next, event.stage, { lastSuccess: { executionId: id, version, variables: variables2, ...carriedOf(execution) } });
}
function conditionOverridden(state, event) {
  const ended = { status: "Overridden", summary: `Overridden by ${event.by}`, at: event.at };
  const next = withCondition(state, event, (condition) => conditionEnded(condition, ended));
  return withOccupant(withExecution(next, event.executionId, { status: "InProgress", phase: "running" }), event, { status: "InProgress" });
}
function executionEnded(state, id, status) {
  const execution = state.executions[id];
  if (execution?.phase !== "running" || execution.only?.action !== void 0) return withoutExecution(state, id);
  const next = withExecution(state, id, { status, phase: "ended" });
  if (modeOf(state, execution) !== "PARALLEL") return next;
  const ended = Object.values(next.executions).filter((other) => other.phase === "ended" && modeOf(next, other) === "PARALLEL");
  return ended.length > MOST_ENDED ? withoutExecution(next, ended[0].id) : next;
}

// src/services/codepipeline/rules/evolve.ts
var NOTHING = { artifacts: {}, outputs: {}, revisions: {} };
function executionStarted(state, event) {
  const { executionId: id, version, at: startedAt, trigger, variables: variables2, overrides, stage, carried = NOTHING } = event;
  const { rollbackOf, only, declaration } = event;
  const fresh = { status: "InProgress", phase: "waiting", attempt: 1, passage: FRESH };
  const begun = { ...rollbackOf !== void 0 && { rollbackOf }, ...only && { only } };
  const execution = { id, version, startedAt, trigger, variables: variables2, overrides, stage, ...fresh, ...carried, ...begun };
  const seen = { ...state.seen, ...Object.fromEntries(overrides.map(({ action, revision }) => [action, revision])) };
  const declarations = declaration ? { ...state.declarations, [version]: declaration } : state.declarations;
  return { ...state, seen, declarations, executions: { ...state.executions, [id]: execution } };
}
function actionSucceeded(state, event) {
  const { stage, action, at, variables: variables2, ref, revision, summary, by } = event;
  const execution = state.executions[event.executionId];
  const run = execution?.passage.runs[action];
  if (!execution || !run) return state;
  const declared = declarationOf(state, execution.version).stages.find(({ name }) => name === stage)?.actions.find(({ name }) => name === action);
  const known = {
    ...ref && { ref },
    ...revision && { revision },
    ...summary !== void 0 && { summary },
    ...by && { changedBy: by }
  };
  const seen = revision ? { ...state.seen, [action]: revision.revisionId } : state.seen;
  const next = withRun({ ...state, seen }, event, {
    status: "Succeeded",
    changedAt: at,
    variables: variables2,
    wakeOn: void 0,
    wakeAt: void 0,
    ...known
  });
  return withExecution(next, execution.id, {
    artifacts: { ...execution.artifacts, ...Object.fromEntries(run.outputs.map((output) => [output.name, output])) },
    ...declared?.namespace && { outputs: { ...execution.outputs, [declared.namespace]: variables2 } },
    ...revision && { revisions: { ...execution.revisions, [action]: { ...revision, artifact: run.outputs[0]?.name } } }
  });
}
function actionFailed(state, event) {
  const { at, code, message, ref, summary, by } = event;
  const known = { ...ref && { ref }, ...summary !== void 0 && { summary }, ...by && { changedBy: by } };
  return withRun(state, event, {
    status: "Failed",
    changedAt: at,
    error: { code, message },
    wakeOn: void 0,
    wakeAt: void 0,
    ...known
  });
}
function actionProgressed(state, event) {
  const { at, ref, wakeOn, wakeAt: wakeAt2, summary } = event;
  return withRun(state, event, { changedAt: at, ref, wakeOn, wakeAt: wakeAt2, ...summary !== void 0 && { summary } });
}
function pipelineEvent(state, event) {
  switch (event.type) {
    case "pipelineCreated":
      return { ...state, exists: true, declarations: { 1: event.declaration }, version: 1, createdAt: event.at, updatedAt: event.at };
    case "pipelineUpdated": {
      const declarations = { ...state.declarations, [event.version]: event.declaration };
      return withoutOldDeclarations({ ...state, declarations, version: event.version, updatedAt: event.at });
    }
    case "pipelineDeleted":
      return { ...state, exists: false };
    case "transitionChanged": {
      const { enabled, reason, by, at } = event;
      return withStage(state, event.stage, { inbound: { enabled, by, at, ...reason !== void 0 && { reason } } });
    }
    default:
      return unreachable(event);
  }
}
function conditionEvent(state, event) {
  switch (event.type) {
    case "conditionStarted": {
      const rules = Object.fromEntries(event.rules.map((run) => [run.rule, run]));
      return withCondition(state, event, () => ({ status: "InProgress", changedAt: event.at, rules }));
    }
    case "conditionEnded":
      return withCondition(state, event, (condition) => conditionEnded(condition, event));
    case "conditionOverridden":
      return conditionOverridden(state, event);
    case "ruleProgressed": {
      const { ref, wakeOn, wakeAt: wakeAt2, summary } = event;
      return withRule(state, event, { ref, wakeOn, wakeAt: wakeAt2, ...summary !== void 0 && { summary } });
    }
    case "ruleEnded": {
      const { status, error, ref, summary } = event;
      const known = { ...error && { error }, ...ref && { ref }, ...summary !== void 0 && { summary } };
      return withRule(state, event, { status, wakeOn: void 0, wakeAt: void 0, ...known });
    }
    default:
      return unreachable(event);
  }
}
function evolve(state, event) {
  switch (event.type) {
    case "pipelineCreated":
    case "pipelineUpdated":
    case "pipelineDeleted":
    case "transitionChanged":
      return pipelineEvent(state, event);
    case "executionStarted":
      return executionStarted(state, event);
    case "stageArrived":
      return withExecution(state, event.executionId, { phase: "waiting", stage: event.stage, attempt: 1, passage: FRESH });
    case "stageEntered":
      return stageEntered(state, event);
    case "stageSucceeded":
      return stageEnded(state, event, "Succeeded");
    case "stageFailed":
      return stageEnded(state, event, "Failed");
    case "stageStopped":
      return stageEnded(state, event, "Stopped");
    case "stageRetried":
      return stageRetried(state, event);
    case "stageSkipped":
      return stageEnded(state, event, "Skipped");
    case "conditionStarted":
    case "conditionEnded":
    case "conditionOverridden":
    case "ruleProgressed":
    case "ruleEnded":
      return conditionEvent(state, event);
    case "actionStarted":
      return actionStarted(state, event);
    case "actionProgressed":
      return actionProgressed(state, event);
    case "actionSucceeded":
      return actionSucceeded(state, event);
    case "actionFailed":
      return actionFailed(state, event);
    case "actionAbandoned":
      return withRun(state, event, { status: "Abandoned", changedAt: event.at, wakeOn: void 0, wakeAt: void 0 });
    case "executionStopping": {
      const { abandon, reason } = event;
      return withExecution(state, event.executionId, { status: "Stopping", stop: { abandon, reason } });
    }
    case "executionStopped":
      return executionEnded(state, event.executionId, "Stopped");
    case "executionFailed":
      return executionEnded(state, event.executionId, "Failed");
    case "executionSucceeded":
    case "executionSuperseded":
      return withoutExecution(state, event.executionId);
    default:
      return unreachable(event);
  }
}

// src/services/codepipeline/rules/upcast.ts
function upcast(snapshot, version) {
  if (version !== 1) throw new Error(`a pipeline's snapshot of shape ${version} is not known`);
  const old = snapshot;
  const executions = Object.values(old.executions).map((execution) => {
    const runs = Object.entries(old.stages[execution.stage]?.runs ?? {}).filter(
      ([, run]) => run.current === true && run.executionId === execution.id
    );
    return { ...execution, passage: { ...FRESH, runs: Object.fromEntries(runs) } };
  });
  const stages = Object.entries(old.stages).map(([name, stage]) => {
    return [name, stage.latest ? { ...stage, latest: { ...stage.latest, conditions: {} } } : stage];
  });
  return { ...old, stages: Object.fromEntries(stages), executions: Object.fromEntries(executions.map((one) => [one.id, one])) };
}

// src/services/codepipeline/process.ts
function pipelineProcess(catalogues, bus) {
  return {
    name: "pipeline",
    version: 2,
    initial: emptyPipeline,
    evolve,
    receive,
    decide: (state, step) => decide(state, step, catalogues),
    effects,
    cancels,
    gaveUp(effect, message) {
      const { runId, executionId } = effect.payload;
      return { type: "errored", runId, message, ...executionId !== void 0 && { executionId } };
    },
    project: (projection) => project(projection, bus),
    wakeAt,
    isOpen: (state) => state.exists && inFlight(state).length > 0,
    isGone: (state) => !state.exists,
    upcast: (snapshot, version) => upcast(snapshot, version)
  };
}
function effects(event, state) {
  if (event.type === "actionStarted") return [startEffect("start-action", event.run)];
  if (event.type === "conditionStarted") return event.rules.map((run) => startEffect("start-rule", run));
  if (event.type === "actionFailed" && event.code === "TimedOut")
    return runsOfAction(event, state).map((run) => stopEffect("stop-action", run));
  if (event.type === "ruleEnded" && event.error?.code === "TimedOut")
    return runsOfRule(event, state).map((run) => stopEffect("stop-rule", run));
  if (event.type === "conditionEnded" || event.type === "conditionOverridden") {
    return rulesOf(event, state).filter((run) => run.status === "Abandoned").map((run) => stopEffect("stop-rule", run));
  }
  return [];
}
function runsOfAction(event, state) {
  const run = state.executions[event.executionId]?.passage.runs[event.action];
  return run ? [run] : [];
}
function rulesOf(event, state) {
  return Object.values(state.executions[event.executionId]?.passage.conditions[event.condition]?.rules ?? {});
}
function runsOfRule(event, state) {
  return rulesOf(event, state).filter((run) => run.rule === event.rule);
}
function startEffect(kind, { id: runId, executionId }) {
  const payload = { runId, executionId };
  return { id: runId, kind, honest: "keyed", payload };
}
function stopEffect(kind, { id: runId, executionId }) {
  const payload = { runId, executionId };
  return { id: `${runId}/stop`, kind, honest: "repeatable", payload };
}
function cancels(event, state) {
  return over(event, state).map(({ id }) => id);
}
function over(event, state) {
  if (event.type === "pipelineDeleted")
    return Object.values(state.executions).flatMap((execution) => [...runsOf(execution), ...ruleRunsOf(execution)]);
  if (event.type === "actionFailed" || event.type === "actionAbandoned" || event.type === "actionSucceeded")
    return runsOfAction(event, state);
  if (event.type === "ruleEnded") return runsOfRule(event, state);
  if (event.type === "conditionEnded" || event.type === "conditionOverridden") return rulesOf(event, state);
  return [];
}

// src/services/codepipeline/rules/catalogue.ts
function catalogueKey({ category, owner = "AWS", provider, version = "1" }) {
  return `${category}/${owner}/${provider}/${version}`;
}
function fixedCatalogue(entries) {
  const byKey = new Map(entries.map((entry) => [catalogueKey(entry.type), entry]));
  return { find: (type) => byKey.get(catalogueKey(type)), all: () => entries };
}

// src/engine/follower.ts
var PAGE = 500;
var Follower = class {
  #bus;
  #log;
  #listener;
  #cursor = 0;
  #reading = false;
  #again = false;
  #unsubscribe;
  constructor(bus, log, listener) {
    this.#bus = bus;
    this.#log = log;
    this.#listener = listener;
  }
  /** Follows from now on. */
  async start() {
    this.#cursor = (await this.#bus.bounds()).last;
    this.#unsubscribe = this.#bus.onAppend(() => void this.#read());
  }
  stop() {
    this.#unsubscribe?.();
  }
  async #read() {
    this.#again = true;
    if (this.#reading) return;
    this.#reading = true;
    try {
      while (this.#again) {
        this.#again = false;
        for (; ; ) {
          const events = await this.#bus.read(this.#cursor, PAGE);
          if (events.length === 0) break;
          this.#cursor = events.at(-1).position;
          this.#listener(events);
        }
      }
    } catch (error) {
      this.#log.error("cannot read the event log", { error: messageOf(error) });
    } finally {
      this.#reading = false;
    }
  }
};

// src/services/codepipeline/triggers.ts
var POLL_MS = 6e4;
var Triggers = class {
  #tools;
  #aggregates;
  #sleeper;
  #sources = /* @__PURE__ */ new Map();
  #versions = /* @__PURE__ */ new Map();
  #abort = new AbortController();
  #follower;
  #unsubscribe;
  constructor(tools, aggregates) {
    this.#tools = tools;
    this.#aggregates = aggregates;
    this.#sleeper = tools.sleeper;
    this.#follower = new Follower(tools.bus, tools.log, (events) => {
      const changed = new Set(events.flatMap((event) => event.resources));
      for (const sources of this.#sources.values()) {
        for (const source of sources) if (source.watches !== void 0 && changed.has(source.watches)) this.#look(source);
      }
    });
  }
  /** Looks at every source once: what changed while nobody was here starts an execution now. */
  async start() {
    await this.#follower.start();
    this.#unsubscribe = this.#aggregates.onStep((id, state) => this.#follow(id, state));
    for (const row of await this.#tools.db.all(sql2.everyPipeline)) {
      const declaration = JSON.parse(row.declaration);
      this.#watch(aggregateId(row.account, row.region, row.name), row, declaration);
    }
    for (const sources of this.#sources.values()) for (const source of sources) this.#look(source);
  }
  stop() {
    this.#unsubscribe?.();
    this.#follower.stop();
    this.#abort.abort();
  }
  /** The newest revision of each source, or undefined where one has none yet. */
  async newest(declaration, place) {
    const found = [];
    for (const action of declaration.stages[0]?.actions ?? []) {
      const provider = this.#tools.providers.find(action.actionTypeId, place);
      if (!provider?.latest) continue;
      const configuration = action.configuration ?? {};
      const source = {
        ...place,
        pipeline: declaration.name,
        role: action.roleArn ?? declaration.roleArn,
        action: action.name,
        configuration,
        provider,
        watches: void 0
      };
      const seen = await this.#latest(source);
      if (!seen) return void 0;
      found.push({ action: action.name, revisionType: "COMMIT_ID", revision: seen.revisionId });
    }
    return found;
  }
  #follow(id, state) {
    if (!state.exists) {
      this.#sources.delete(id);
      this.#versions.delete(id);
      return;
    }
    if (this.#versions.get(id) === state.version) return;
    this.#versions.set(id, state.version);
    const declaration = state.declarations[state.version];
    if (declaration) this.#watch(id, state, declaration);
  }
  #watch(id, { account, region, name }, declaration) {
    const sources = [];
    for (const action of declaration.stages[0]?.actions ?? []) {
      const provider = this.#tools.providers.find(action.actionTypeId, { account, region });
      const configuration = action.configuration ?? {};
      if (!provider?.latest || configuration.PollForSourceChanges === "false") continue;
      const watches = provider.watches?.(configuration, { account, region });
      sources.push({
        account,
        region,
        pipeline: name,
        role: action.roleArn ?? declaration.roleArn,
        action: action.name,
        configuration,
        provider,
        watches
      });
    }
    this.#sources.set(id, sources);
    for (const source of sources) if (source.watches === void 0) this.#pollLater(source);
  }
  #pollLater(source) {
    const id = aggregateId(source.account, source.region, source.pipeline);
    this.#sleeper.set(`source ${id}/${source.action}`, this.#tools.clock.now() + POLL_MS, () => {
      if (!this.#sources.get(id)?.includes(source)) return;
      this.#look(source);
      this.#pollLater(source);
    });
  }
  #look(source) {
    void this.#startWhereChanged(source).catch((error) => {
      const { pipeline: pipeline2, action } = source;
      this.#tools.log.warn("a source could not be looked at", { pipeline: pipeline2, action, error: messageOf(error) });
    });
  }
  async #startWhereChanged(source) {
    const seen = await this.#latest(source);
    if (!seen || this.#abort.signal.aborted) return;
    const executionId = this.#tools.ids.uuid();
    const { action, account, region, pipeline: pipeline2 } = source;
    const command = { type: "sourceChanged", executionId, action, revisionType: "COMMIT_ID", revision: seen.revisionId };
    await this.#aggregates.send(aggregateId(account, region, pipeline2), command);
  }
  #latest({ account, region, role, configuration, provider }) {
    const { aws, clock, log } = this.#tools;
    const signal = this.#abort.signal;
    const caller = { role, session: "codepipeline-source", purpose: "pipeline", account, region, signal };
    return provider.latest(configuration, { aws: aws.as(caller), clock, log, signal });
  }
};

// src/services/codepipeline/watcher.ts
var RETRY_MS = 1e3;
var Watcher = class {
  #tools;
  #aggregates;
  #sleeper;
  #runs = /* @__PURE__ */ new Map();
  #byPipeline = /* @__PURE__ */ new Map();
  #byArn = /* @__PURE__ */ new Map();
  /** Polls under way; true where another look was asked for meanwhile. */
  #polling = /* @__PURE__ */ new Map();
  #abort = new AbortController();
  #follower;
  #unsubscribe;
  constructor(tools, aggregates) {
    this.#tools = tools;
    this.#aggregates = aggregates;
    this.#sleeper = tools.sleeper;
    this.#follower = new Follower(tools.bus, tools.log, (events) => {
      for (const event of events) for (const arn of event.resources) for (const id of this.#byArn.get(arn) ?? []) this.#look(id);
    });
  }
  async start() {
    await this.#follower.start();
    this.#unsubscribe = this.#aggregates.onStep((id, state) => this.#follow(id, state));
    for (const [id, state] of this.#aggregates.open()) this.#follow(id, state);
  }
  stop() {
    this.#unsubscribe?.();
    this.#follower.stop();
    this.#abort.abort();
  }
  #follow(pipeline2, state) {
    const now = /* @__PURE__ */ new Set();
    for (const execution of inFlight(state)) {
      if (execution.phase !== "running") continue;
      for (const run of [...runsOf(execution), ...ruleRunsOf(execution)]) {
        if (run.status !== "InProgress" || !run.ref) continue;
        now.add(run.id);
        const known = this.#runs.get(run.id);
        if (known && String(known.wakeOn) === String(run.wakeOn) && known.wakeAt === run.wakeAt) continue;
        this.#watch({ pipeline: pipeline2, runId: run.id, executionId: execution.id, wakeOn: run.wakeOn ?? [], wakeAt: run.wakeAt });
      }
    }
    for (const id of this.#byPipeline.get(pipeline2) ?? []) if (!now.has(id)) this.#unwatch(id);
    if (now.size > 0) this.#byPipeline.set(pipeline2, now);
    else this.#byPipeline.delete(pipeline2);
  }
  #watch(watched) {
    this.#unwatch(watched.runId);
    this.#runs.set(watched.runId, watched);
    for (const arn of watched.wakeOn) this.#byArn.set(arn, (this.#byArn.get(arn) ?? /* @__PURE__ */ new Set()).add(watched.runId));
    if (watched.wakeAt !== void 0) this.#sleeper.set(`run ${watched.runId}`, watched.wakeAt, () => this.#look(watched.runId));
    if (watched.wakeOn.length > 0) this.#look(watched.runId);
  }
  #unwatch(id) {
    for (const arn of this.#runs.get(id)?.wakeOn ?? []) {
      const ids = this.#byArn.get(arn);
      ids?.delete(id);
      if (ids?.size === 0) this.#byArn.delete(arn);
    }
    this.#runs.delete(id);
    this.#sleeper.set(`run ${id}`, void 0, () => {
    });
  }
  #look(id) {
    if (this.#polling.has(id)) this.#polling.set(id, true);
    else void this.#poll(id);
  }
  async #poll(id) {
    this.#polling.set(id, false);
    try {
      await this.#ask(id);
    } catch (error) {
      this.#tools.log.warn("a running action could not be looked at", { action: id, error: messageOf(error) });
      this.#sleeper.set(`run ${id}`, this.#tools.clock.now() + RETRY_MS, () => this.#look(id));
    }
    const again = this.#polling.get(id);
    this.#polling.delete(id);
    if (again && this.#runs.has(id)) void this.#poll(id);
  }
  async #ask(id) {
    const watched = this.#runs.get(id);
    if (!watched) return;
    const state = await this.#aggregates.state(watched.pipeline);
    const found = state && findRun(state, watched, this.#tools);
    if (!found?.run.ref || found.run.status !== "InProgress") return;
    const rights = toolsFor(found.job, this.#tools, this.#abort.signal);
    const { ref } = found.run;
    const progress = await (found.kind === "action" ? found.provider.poll(found.job, ref, rights) : found.provider.poll(found.job, ref, rights));
    await this.#aggregates.send(watched.pipeline, progressCommand(watched, progress));
  }
};

// src/services/codepipeline/index.ts
function createCodePipeline(tools) {
  const providers = fixedCatalogue(tools.providers);
  const rules = fixedCatalogue(tools.rules);
  const catalogues = { actions: providers, rules };
  const shared = { ...tools, providers, rules, catalogues, sleeper: tools.engine.sleeper };
  const performers = pipelinePerformers(shared, () => pipelines);
  const pipelines = tools.engine.register(pipelineProcess(catalogues, tools.bus), performers);
  const watcher = new Watcher(shared, pipelines);
  const triggers = new Triggers(shared, pipelines);
  const operationTools = { ...shared, pipelines, triggers };
  return {
    model,
    migrations,
    operations: {
      ...pipelineOperations(operationTools),
      ...executionOperations(operationTools),
      ...stageOperations(operationTools),
      ...historyOperations(operationTools),
      ...ruleOperations(operationTools),
      ...catalogueOperations(operationTools)
    },
    async start() {
      await watcher.start();
      await triggers.start();
    },
    async stop() {
      watcher.stop();
      triggers.stop();
    }
  };
}

// src/store/sqlite/batch.ts
var BEGIN = statement("BEGIN IMMEDIATE");
var COMMIT = statement("COMMIT");
var ROLLBACK = statement("ROLLBACK");
var SAVEPOINT = statement("SAVEPOINT unit");
var RELEASE = statement("RELEASE unit");
var ROLLBACK_TO = statement("ROLLBACK TO unit");
var LOST_RACES = /* @__PURE__ */ new Set(["SQLITE_CONSTRAINT_PRIMARYKEY", "SQLITE_CONSTRAINT_UNIQUE", "SQLITE_CONSTRAINT_FOREIGNKEY"]);
function codeOf(error) {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : void 0;
}
function performUnit(connection, unit) {
  for (let index = 0; index < unit.length; index++) {
    const { statement: statement2, params, expect, label } = unit[index];
    let changed;
    try {
      globalThis.__n=(globalThis.__n||{}); globalThis.__n[globalThis.phase]=(globalThis.__n[globalThis.phase]||0)+1; changed = connection.run(statement2, params);
    } catch (error) {
      if (LOST_RACES.has(codeOf(error) ?? "")) return new WriteConflict(index, label, error.message);
      throw error;
    }
    if (expect !== void 0 && changed !== expect) return new WriteConflict(index, label, `changed ${changed} rows instead of ${expect}`);
  }
  return void 0;
}
function performSaved(connection, unit) {
  connection.run(SAVEPOINT, []);
  const conflict = performUnit(connection, unit);
  if (conflict) connection.run(ROLLBACK_TO, []);
  connection.run(RELEASE, []);
  return conflict;
}
function performBatch(connection, units) {
  try {
    connection.run(BEGIN, []);
    const results2 = units.length === 1 ? [performUnit(connection, units[0])] : units.map((unit) => performSaved(connection, unit));
    const nothingToKeep = results2.every((result) => result !== void 0);
    const t2=process.hrtime.bigint(); connection.run(nothingToKeep ? ROLLBACK : COMMIT, []); {const k='COMMIT '+(globalThis.phase||''); const e=(globalThis.__st??=new Map()).get(k)??[0,0]; e[0]++; e[1]+=Number(process.hrtime.bigint()-t2); globalThis.__st.set(k,e);}
    return results2;
  } catch (error) {
    rollBack(connection);
    throw error;
  }
}
function rollBack(connection) {
  if (connection.inTransaction()) connection.run(ROLLBACK, []);
}

// src/store/sqlite/connection.ts
import Libsql from "libsql";
function countParameters(sql3) {
  return sql3.replaceAll(/'(?:[^']|'')*'|"[^"]*"/g, "").split("?").length - 1;
}
function check(statement2, params, expected) {
  if (params.length !== expected) throw badParameter(statement2, `takes ${expected} parameters, was given ${params.length}`);
  for (const value of params) {
    if (typeof value === "string" || value === null || value instanceof Uint8Array) continue;
    if (typeof value !== "number" || !Number.isFinite(value)) throw badParameter(statement2, `cannot take a ${typeof value} parameter`);
  }
  return params;
}
function badParameter(statement2, problem) {
  return new PipewrightError("BadParameter", `${problem}: ${statement2.sql}`);
}
function toBytes(value) {
  if (value instanceof ArrayBuffer) return new Uint8Array(value);
  if (Buffer.isBuffer(value)) return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
  throw new PipewrightError("UnknownValue", `the database gave a ${value.constructor.name}`);
}
function toRow(columns, values) {
  const row = {};
  for (let i = 0; i < columns.length; i++) {
    const value = values[i];
    row[columns[i]] = typeof value === "object" && value !== null ? toBytes(value) : value;
  }
  return row;
}
function prepare(native, sql3) {
  const prepared = native.prepare(sql3);
  const columns = prepared.reader ? prepared.columns().map((column) => column.name) : [];
  if (columns.length > 0) prepared.raw(true);
  return { native: prepared, parameters: countParameters(sql3), columns };
}
function openConnection(path, pragmas) {
  const native = new Libsql(path);
  for (const pragma of pragmas) native.pragma(pragma);
  const cache = /* @__PURE__ */ new Map();
  const find = (statement2) => {
    let found = cache.get(statement2.sql);
    if (!found) cache.set(statement2.sql, found = prepare(native, statement2.sql));
    return found;
  };
  return {
    run(statement2, params) {
      const prepared = find(statement2);
      const values = check(statement2, params, prepared.parameters);
      return prepared.columns.length > 0 ? prepared.native.all(values).length : prepared.native.run(values).changes;
    },
    all(statement2, params) {
      const prepared = find(statement2);
      const rows = prepared.native.all(check(statement2, params, prepared.parameters));
      return rows.map((values) => toRow(prepared.columns, values));
    },
    get(statement2, params) {
      const prepared = find(statement2);
      const values = prepared.native.get(check(statement2, params, prepared.parameters));
      return values && toRow(prepared.columns, values);
    },
    prepare: (statement2) => void find(statement2),
    exec: (sql3) => void native.exec(sql3),
    forget: () => cache.clear(),
    inTransaction: () => native.inTransaction,
    close: () => void native.close()
  };
}

// src/store/sqlite/migrations.ts
var CREATE = `CREATE TABLE IF NOT EXISTS pipewright_migrations (owner TEXT NOT NULL, id TEXT NOT NULL, PRIMARY KEY (owner, id))`;
var APPLIED = statement(`SELECT id FROM pipewright_migrations WHERE owner = ?`);
var RECORD = statement(`INSERT INTO pipewright_migrations (owner, id) VALUES (?, ?)`);
var TABLES = statement(`SELECT name FROM sqlite_master
  WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name <> 'pipewright_migrations'`);
function transact(connection, work) {
  connection.exec("BEGIN IMMEDIATE");
  try {
    work();
    connection.exec("COMMIT");
  } catch (error) {
    rollBack(connection);
    throw error;
  }
}
function apply(connection, owner, migration) {
  transact(connection, () => {
    for (const sql3 of migration.sql) connection.exec(sql3);
    connection.run(RECORD, [owner, migration.id]);
  });
}
function migrate(connection, sets) {
  connection.exec(CREATE);
  for (const { owner, migrations: migrations2 } of sets) {
    const applied = new Set(connection.all(APPLIED, [owner]).map((row) => String(row.id)));
    const known = new Set(migrations2.map(({ id }) => id));
    for (const id of applied) {
      if (!known.has(id)) throw new PipewrightError("DataTooNew", `the database has migration ${owner}/${id} of a newer program`);
    }
    const missing = migrations2.filter(({ id }) => !applied.has(id)).toSorted((a, b) => a.id < b.id ? -1 : 1);
    for (const migration of missing) apply(connection, owner, migration);
  }
}
function emptyTables(connection) {
  transact(connection, () => {
    connection.exec("PRAGMA defer_foreign_keys = ON");
    for (const { name } of connection.all(TABLES, [])) connection.exec(`DELETE FROM "${String(name)}"`);
  });
}

// src/store/sqlite/index.ts
var WRITER = ["journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON", "busy_timeout = 5000", "temp_store = MEMORY"];
var READER = ["query_only = ON", "wal_autocheckpoint = 0", "busy_timeout = 5000", "temp_store = MEMORY"];
function openWriter(path, log) {
  let connection = openConnection(path, WRITER);
  return {
    use(work) {
      try {
        return work(connection);
      } catch (error) {
        if (connection.inTransaction()) {
          log.error("the writing connection is replaced", { error: messageOf(error) });
          connection.close();
          connection = openConnection(path, WRITER);
        }
        throw error;
      }
    },
    close: () => connection.close()
  };
}
function openSqlite({ path, log = silentLogger }) {
  const writer = openWriter(path, log);
  const reader = openConnection(path, READER);
  return {
    all: async (...[statement2, ...params]) => reader.all(statement2, params),
    get: async (...[statement2, ...params]) => reader.get(statement2, params),
    writeBatch: async (units) => units.length === 0 ? [] : writer.use((connection) => performBatch(connection, units)),
    migrate: async (sets) => {
      writer.use((connection) => {
        migrate(connection, sets);
        connection.forget();
      });
      reader.forget();
    },
    prepare: (statement2) => reader.prepare(statement2),
    clear: async () => writer.use(emptyTables),
    close: async () => {
      reader.close();
      writer.close();
    }
  };
}

// bench/engine.ts
var ACTIONS = 10;
var context = {
  principal: { kind: "root", account: "000000000000", arn: "arn:aws:iam::000000000000:root", id: "000000000000" },
  account: "000000000000",
  region: "us-east-1",
  requestId: "bench",
  signal: new AbortController().signal,
  endpoint: "http://localhost"
};
function pipeline(name) {
  const action = (index) => ({
    name: `A${index}`,
    actionTypeId: { category: index === 0 ? "Source" : "Build", owner: "Custom", provider: "Dummy", version: "1" },
    runOrder: Math.max(index, 1)
  });
  const [source, ...rest] = Array.from({ length: ACTIONS }, (_, index) => action(index));
  const stages = [
    { name: "Source", actions: [source] },
    { name: "Build", actions: rest }
  ];
  return { name, roleArn: "arn:aws:iam::000000000000:role/p", artifactStore: { type: "S3", location: "bucket" }, stages };
}
async function main() {
  const dir = mkdtempSync(join(tmpdir(), "bench-engine-"));
  const database = openSqlite({ path: join(dir, "bench.db") });
  await database.migrate([
    { owner: "engine", migrations: engineMigrations },
    { owner: "codepipeline", migrations },
    { owner: "bench", migrations: [{ id: "1", sql: ["CREATE TABLE floor (id INTEGER PRIMARY KEY, data TEXT)"] }] }
  ]);
  const commits = new Committer(database);
  const bus = createEventLog(database, commits);
  const [clock, ids, log] = [systemClock, randomIds(systemClock), silentLogger];
  const engine = createEngine({ reader: database, commits, clock, ids, log });
  const aws = { as: () => ({}) };
  const service = createCodePipeline({ db: database, commits, bus, clock, ids, log, engine, aws, providers: dummyProviders(), rules: [] });
  await engine.start();
  await service.start();
  const insert = statement("INSERT INTO floor (data) VALUES (?)");
  const floorPerSecond = async (steps) => {
    const start4 = performance.now();
    for (let i = 0; i < steps; i++) await commits.commit([write(insert, ["x".repeat(200)])]);
    return steps * 1e3 / (performance.now() - start4);
  };
  const ended = /* @__PURE__ */ new Map();
  bus.onAppend(() => void drain());
  let cursor = 0;
  const drain = async () => {
    for (const event of await bus.read(cursor, 1e4)) {
      cursor = event.position;
      if (event.detailType.startsWith("CodePipeline Pipeline") && event.detail.state === "SUCCEEDED")
        ended.get(event.detail["execution-id"])?.();
    }
  };
  const run = async (name) => {
    const { pipelineExecutionId = "" } = await service.operations.startPipelineExecution({ name }, context);
    await new Promise((resolve2) => ended.set(pipelineExecutionId, resolve2));
    ended.delete(pipelineExecutionId);
  };
  const measure = async (pipelines, rounds) => {
    const names = Array.from({ length: pipelines }, (_, index) => `p${pipelines}-${index}`);
    for (const name of names) await service.operations.createPipeline({ pipeline: pipeline(name) }, context);
    await Promise.all(names.map(run));
    const actions = pipelines * rounds * ACTIONS;
    const cpu = process.cpuUsage();
    const start4 = performance.now();
    for (let round = 0; round < rounds; round++) await Promise.all(names.map(run));
    const { user, system } = process.cpuUsage(cpu);
    return { perSecond: actions * 1e3 / (performance.now() - start4), cpuMs: (user + system) / 1e3 / actions };
  };
  const row = (label, value) => process.stdout.write(`${label.padEnd(52)} ${value}
`);
  for (let round = 1; round <= 3; round++) {
    globalThis.phase='floor'; const floor = await floorPerSecond(2e3); globalThis.phase='one';
    const one = await measure(1, 60); globalThis.phase='fifty';
    const fifty = await measure(50, 8);
    row(`run ${round}: floor, one bare commit after the other`, `${floor.toFixed(0)}/s`);
    row("  one pipeline, actions", `${one.perSecond.toFixed(0)}/s = ${(one.perSecond / floor).toFixed(2)} \xD7 floor`);
    row("  50 pipelines at once, actions", `${fifty.perSecond.toFixed(0)}/s, ${fifty.cpuMs.toFixed(3)} ms CPU an action`);
    for (const name of ["p1-0", ...Array.from({ length: 50 }, (_, index) => `p50-${index}`)])
      await service.operations.deletePipeline({ name }, context);
  }
  engine.close();
  await service.stop();
  await commits.drained();
  await database.close();
  rmSync(dir, { recursive: true });
}
await main();

for(const [k,[n,t]] of [...(globalThis.__st??[])].sort((a,b)=>b[1][1]-a[1][1])) console.log(n,(t/n/1000).toFixed(1)+'us',(t/1e6).toFixed(0)+'ms',k.replace(/\s+/g,' ')); console.log(globalThis.__n)