import type { PipewrightClient } from '../client/client.ts';
import { BuildLogs } from './build-logs.ts';
import { failingPart } from './failing-part.ts';
import { look } from './look.ts';
import { colours } from './paint.ts';
import { changes, lines } from './render.ts';
import { printable, Screen } from './screen.ts';
import { actionsOf, approvalIn, type ActionView, type Approval, type Snapshot } from './snapshot.ts';
import { WakeUps, type HeardEvent } from './wake-ups.ts';

/** The display moves so often, ms: spinners and times. */
const FRAME_MS = 100;
/** Output of builds raises no events and is looked for so often while one runs, ms. */
const LOGS_MS = 200;
/** State is looked at even though nothing was heard, ms: a stream may be lost. */
const STALE_MS = 10_000;
/** Lines kept of each build's output, and of these what a failure shows. */
const KEPT_LINES = 500;
const SHOWN_LINES = 40;

export interface FollowOptions {
  readonly client: PipewrightClient;
  readonly pipeline: string;
  readonly executionId: string;
  readonly out: NodeJS.WriteStream;
  /** Draw in place, in colours; else a line for each change. */
  readonly live: boolean;
  /** Show what builds print. */
  readonly logs: boolean;
  /** A command of ours as the user would call it on this server; absent where the server ends with us. */
  readonly suggest?: (command: string) => string;
  /**
   * Called once for each approval that is waited for; nothing is drawn until it resolves, with the number of lines it has written.
   * The signal tells that somebody else has decided meanwhile.
   */
  readonly onApproval?: (approval: Approval, decided: AbortSignal) => Promise<number>;
}

interface Asking {
  readonly token: string;
  readonly decided: AbortController;
}

/** Follows one execution until it is over; answers how it ended. */
export async function follow(options: FollowOptions): Promise<Snapshot> {
  return new Follower(options).run();
}

class Follower {
  readonly #options: FollowOptions;
  readonly #screen: Screen;
  readonly #logs: BuildLogs;
  readonly #wakeUps: WakeUps;
  readonly #tails = new Map<string, string[]>();
  /** Builds whose output has been read to its end. */
  readonly #read = new Set<string>();
  readonly #asked = new Set<string>();
  #asking: Asking | undefined;
  #failure: { readonly error: unknown } | undefined;
  #shown: Snapshot | undefined;

  constructor(options: FollowOptions) {
    this.#options = options;
    this.#screen = new Screen(options.out);
    this.#logs = new BuildLogs(options.client);
    this.#wakeUps = new WakeUps(options.client, (event) => this.#concerns(event));
  }

  async run(): Promise<Snapshot> {
    try {
      let snapshot = await this.#look();
      let seen = Date.now();
      for (;;) {
        await this.#readLogs(snapshot);
        this.#show(snapshot);
        if (snapshot.over) return this.#report(snapshot);
        this.#ask(snapshot);
        const heard = await this.#wakeUps.next(this.#pause(snapshot));
        if (this.#failure) throw this.#failure.error;
        if (!heard && Date.now() - seen < STALE_MS) continue;
        snapshot = await this.#look();
        seen = Date.now();
      }
    } finally {
      this.#wakeUps.close();
    }
  }

  #look(): Promise<Snapshot> {
    const { client, pipeline, executionId } = this.#options;
    return look(client, pipeline, executionId);
  }

  #concerns({ source, detail }: HeardEvent): boolean {
    if (source === 'aws.codebuild') return [...this.#tails.keys()].some((id) => String(detail['build-id']).endsWith(`/${id}`));
    return source === 'aws.codepipeline' && detail['pipeline'] === this.#options.pipeline;
  }

  #pause(snapshot: Snapshot): number {
    if (this.#options.live && !this.#asking) return FRAME_MS;
    return actionsOf(snapshot).some((action) => this.#isUnread(action)) ? LOGS_MS : STALE_MS;
  }

  #isUnread({ buildId }: ActionView): boolean {
    return buildId !== undefined && !this.#read.has(buildId);
  }

  async #readLogs(snapshot: Snapshot): Promise<void> {
    for (const action of actionsOf(snapshot)) {
      const { buildId: id } = action;
      if (id === undefined || !this.#isUnread(action)) continue;
      const news = (await this.#logs.news(id)).map(printable);
      this.#tails.set(id, [...(this.#tails.get(id) ?? []), ...news].slice(-KEPT_LINES));
      // A build's last words are in its log before its end is told.
      if (action.status !== 'InProgress') this.#read.add(id);
      if (this.#options.logs && !this.#options.live) for (const line of news) this.#print(`  ${action.name} | ${line}`);
    }
  }

  #show(snapshot: Snapshot): void {
    const now = Date.now();
    const { live, pipeline, suggest } = this.#options;
    const approve = suggest?.(`approve ${pipeline}`) ?? '';
    if (!live) {
      for (const line of changes(this.#shown, snapshot, now)) this.#print(line);
      if (approve !== '' && approvalIn(snapshot) && !(this.#shown && approvalIn(this.#shown)))
        this.#print(`It waits for an approval: ${approve}`);
    } else if (!this.#asking) {
      const tail = (id: string) => (this.#options.logs ? (this.#tails.get(id) ?? []) : []);
      this.#screen.draw(lines(snapshot, { paint: colours, now, height: this.#screen.height, approve, tail }));
    }
    this.#shown = snapshot;
  }

  #ask(snapshot: Snapshot): void {
    const { onApproval } = this.#options;
    const approval = approvalIn(snapshot);
    if (this.#asking && approval?.token !== this.#asking.token) this.#asking.decided.abort();
    if (!onApproval || this.#asking || !approval || this.#asked.has(approval.token)) return;
    this.#asked.add(approval.token);
    const asking = { token: approval.token, decided: new AbortController() };
    this.#asking = asking;
    void onApproval(approval, asking.decided.signal)
      .then(
        (written) => this.#screen.skip(written),
        (error: unknown) => (this.#failure = { error }),
      )
      .then(() => {
        this.#asking = undefined;
        this.#wakeUps.ring();
      });
  }

  /** What failed builds printed last, unless it has all been printed already. */
  #report(snapshot: Snapshot): Snapshot {
    const { live, logs, suggest } = this.#options;
    for (const { status, name, stage, buildId } of actionsOf(snapshot)) {
      if (status !== 'Failed' || buildId === undefined || (logs && !live)) continue;
      const all = suggest ? ` (all of it: ${suggest(`logs ${buildId}`)})` : '';
      this.#print(`\nThe last that ${stage}/${name} printed${all}:\n`);
      for (const line of failingPart(this.#tails.get(buildId) ?? []).slice(-SHOWN_LINES)) this.#print(`  ${line}`);
    }
    return snapshot;
  }

  #print(line: string): void {
    this.#options.out.write(`${line}\n`);
  }
}
