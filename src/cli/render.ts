import { withoutStamp } from './failing-part.ts';
import type { Paint, Style } from './paint.ts';
import { approvalIn, actionsOf, type ActionView, type ConditionView, type Snapshot, type StageView } from './snapshot.ts';

const MARKS: Readonly<Record<string, string>> = {
  Succeeded: '✓',
  Overridden: '✓',
  Failed: '✗',
  Errored: '✗',
  Stopping: '■',
  Stopped: '■',
  Abandoned: '■',
  Waiting: '·',
  Skipped: '↷',
};
const SPINNER = '⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏';
/** A spinner's step, ms. */
const STEP_MS = 100;
/** What is shown of a running build's output. */
const TAIL_LINES = 8;

export interface RenderOptions {
  readonly paint: Paint;
  /** Epoch ms. */
  readonly now: number;
  /** Lines there is room for. */
  readonly height: number;
  /** How to give the approval that is waited for; empty where it is asked for elsewhere. */
  readonly approve: string;
  /** The last lines of a build's output. */
  readonly tail: (buildId: string) => readonly string[];
}

/** Milliseconds as people read them: `0.4s`, `2m 05s`. */
export function duration(ms: number): string {
  const tenths = Math.max(0, Math.round(ms / 100));
  if (tenths < 600) return `${(tenths / 10).toFixed(1)}s`;
  const seconds = Math.round(ms / 1000);
  const two = (value: number) => String(value).padStart(2, '0');
  if (seconds < 3600) return `${Math.floor(seconds / 60)}m ${two(seconds % 60)}s`;
  return `${Math.floor(seconds / 3600)}h ${two(Math.floor((seconds % 3600) / 60))}m`;
}

function styleOf(status: string): Style {
  if (status === 'Succeeded') return 'good';
  if (status === 'Failed' || status === 'Errored') return 'bad';
  return status === 'InProgress' || status === 'Stopping' ? 'busy' : 'quiet';
}

function mark(status: string, { paint, now }: RenderOptions): string {
  const shown = status === 'InProgress' ? SPINNER[Math.floor(now / STEP_MS) % SPINNER.length]! : (MARKS[status] ?? '■');
  return paint(styleOf(status), shown);
}

/** From the first action's start to now, or to the last one's end. */
function elapsed(actions: readonly ActionView[], now: number): string {
  const begun = actions.filter((action) => action.from !== undefined);
  if (begun.length === 0) return '';
  const end = Math.max(...begun.map((action) => action.to ?? now));
  return duration(end - Math.min(...begun.map((action) => action.from!)));
}

function actionLine(action: ActionView, width: number, options: RenderOptions): string {
  const { paint } = options;
  const note = action.approval ? paint('busy', `waits for you${action.note && ': '}${action.note}`) : noteOf(action, paint);
  const symbol = action.approval ? paint('busy', '?') : mark(action.status, options);
  return `  ${symbol} ${action.name.padEnd(width)} ${paint('quiet', elapsed([action], options.now).padStart(8))}  ${note}`.trimEnd();
}

function noteOf({ status, note }: ActionView, paint: Paint): string {
  const word = MARKS[status] === '■' || status === 'Failed' ? status.toLowerCase() : '';
  const text = [word, note].filter((part) => part !== '').join(': ');
  return paint(status === 'Failed' ? 'bad' : 'quiet', text);
}

function tailLines(action: ActionView, { paint, tail }: RenderOptions): readonly string[] {
  if (action.status !== 'InProgress' || action.buildId === undefined) return [];
  return tail(action.buildId)
    .slice(-TAIL_LINES)
    .map((line) => paint('quiet', `    │ ${withoutStamp(line)}`));
}

function conditionLine({ name, status, note }: ConditionView, width: number, options: RenderOptions): string {
  const { paint } = options;
  const word = status === 'Succeeded' || status === 'InProgress' ? '' : status.toLowerCase();
  const said = [word, note].filter((part) => part !== '').join(': ');
  return `  ${mark(status, options)} ${paint('quiet', name.padEnd(width + 9))}  ${paint(status === 'Failed' || status === 'Errored' ? 'bad' : 'quiet', said)}`.trimEnd();
}

function stageLines(stage: StageView, width: number, options: RenderOptions): readonly string[] {
  const { paint } = options;
  const told = [stage.status === 'Skipped' ? 'skipped' : '', stage.note].filter((part) => part !== '').join('; ');
  const note = told && `  ${paint('busy', told)}`;
  const quiet = stage.status === 'Waiting' || stage.status === 'Skipped' ? paint('quiet', stage.name) : paint('strong', stage.name);
  return [
    `${mark(stage.status, options)} ${quiet}${note}`,
    ...stage.conditions.map((condition) => conditionLine(condition, width, options)),
    ...stage.actions.flatMap((action) => [actionLine(action, width, options), ...tailLines(action, options)]),
  ];
}

function footer(snapshot: Snapshot, { paint, approve }: RenderOptions): readonly string[] {
  if (snapshot.over) return ['', paint(styleOf(snapshot.status), `${snapshot.status}${snapshot.reason && `: ${snapshot.reason}`}`)];
  return approve !== '' && approvalIn(snapshot) ? ['', `It waits for an approval: ${paint('strong', approve)}`] : [];
}

/** An execution as lines for a terminal, as many as fit: stages where nothing happens are folded first. */
export function lines(snapshot: Snapshot, options: RenderOptions): readonly string[] {
  const { paint, height } = options;
  const width = Math.max(12, ...actionsOf(snapshot).map((action) => action.name.length));
  const time = elapsed(actionsOf(snapshot), options.now);
  const head = [
    `${paint('strong', snapshot.pipeline)} ${paint('quiet', `${snapshot.executionId}  ${time}`)}`.trimEnd(),
    ...rollback(snapshot),
    ...revisions(snapshot),
  ];
  const foot = footer(snapshot, options);
  const room = height - head.length - 1 - foot.length;
  const whole = snapshot.stages.map((stage) => stageLines(stage, width, options));
  const long = whole.flat().length > room;
  const body = whole.flatMap((part, index) => (long && isQuiet(snapshot.stages[index]!) ? part.slice(0, 1) : part));
  return [...head, '', ...body.slice(Math.max(0, body.length - room)), ...foot];
}

function rollback({ rollbackOf }: Snapshot): readonly string[] {
  return rollbackOf === undefined ? [] : [`Rolls back to ${rollbackOf}`];
}

function revisions(snapshot: Snapshot): readonly string[] {
  return snapshot.revisions.map(({ id, summary }) => `${id} ${summary}`.trimEnd());
}

function isQuiet(stage: StageView): boolean {
  return stage.status === 'Succeeded' || stage.status === 'Skipped' || (stage.status === 'Waiting' && stage.note === '');
}

/** What changed between two looks, a line each: for logs and pipes. */
export function changes(before: Snapshot | undefined, after: Snapshot, now: number): readonly string[] {
  const earlier = before ? actionsOf(before) : [];
  const notes = after.stages.filter((stage, index) => stage.note !== '' && stage.note !== before?.stages[index]?.note);
  return [
    ...(before ? [] : [`${after.pipeline} ${after.executionId}`, ...rollback(after)]),
    ...revisionsNew(before, after),
    ...actionsOf(after).flatMap((action) => (isNews(find(earlier, action), action) ? [change(action, now)] : [])),
    ...conditionChanges(before, after),
    ...skips(before, after),
    ...notes.map((stage) => `${stage.name}: ${stage.note}`),
    ...(after.over && !before?.over ? [`${after.status}${after.reason && `: ${after.reason}`}`] : []),
  ];
}

function conditionChanges(before: Snapshot | undefined, after: Snapshot): readonly string[] {
  const text = ({ stage, name, status, note }: ConditionView) => `${stage} ${name}: ${status}${note && ` - ${note}`}`;
  const all = (snapshot: Snapshot | undefined) => (snapshot?.stages ?? []).flatMap(({ conditions }) => conditions.map(text));
  const known = new Set(all(before));
  return all(after).filter((line) => !known.has(line));
}

function skips(before: Snapshot | undefined, after: Snapshot): readonly string[] {
  const known = new Set(before?.stages.flatMap(({ name, status }) => (status === 'Skipped' ? [name] : [])));
  return after.stages.flatMap(({ name, status }) => (status === 'Skipped' && !known.has(name) ? [`${name}: Skipped`] : []));
}

function find(actions: readonly ActionView[], { stage, name }: ActionView): ActionView | undefined {
  return actions.find((action) => action.stage === stage && action.name === name);
}

/** Another status, another attempt, or an approval that begins to wait. */
function isNews(before: ActionView | undefined, after: ActionView): boolean {
  if (after.status !== (before?.status ?? 'Waiting')) return true;
  return after.approval !== undefined && before?.approval?.token !== after.approval.token;
}

function revisionsNew(before: Snapshot | undefined, after: Snapshot): readonly string[] {
  const known = new Set(before ? revisions(before) : []);
  return revisions(after).filter((line) => !known.has(line));
}

function change(action: ActionView, now: number): string {
  const word = action.approval ? 'Waits for approval' : action.status;
  const time = action.to === undefined ? '' : ` in ${elapsed([action], now)}`;
  const note = action.status === 'InProgress' && !action.approval ? '' : action.note;
  return `${action.stage}/${action.name}: ${word}${time}${note && ` - ${note}`}`;
}
