import type { Build } from '../services/codebuild/api.gen.ts';
import type { Paint, Style } from './paint.ts';
import { duration } from './render.ts';

const AGENT = /^\[Container\] (\d{4})\/(\d\d)\/(\d\d) (\d\d:\d\d:\d\d)\.(\d{3})\d* ([^]*)$/;

/** What one command of a build did, as the log tells it. */
export interface CommandSummary {
  readonly phase: string;
  readonly command: string;
  /** Epoch ms. */
  readonly from: number;
  /** Absent where the log ends before. */
  to?: number;
  exitCode?: number;
  /** Of its output. */
  lines: number;
}

/** Reads commands, their times and their exit codes out of a build's log, one event after the other. */
export class CommandLog {
  readonly commands: CommandSummary[] = [];
  #phase = '';
  #running: CommandSummary | undefined;

  event(message: string): void {
    const agent = AGENT.exec(message);
    if (!agent) {
      if (this.#running) this.#running.lines++;
      return;
    }
    const [, year, month, day, time, millis, text = ''] = agent;
    this.#agent(text, Date.parse(`${year}-${month}-${day}T${time}.${millis}Z`));
  }

  #agent(text: string, at: number): void {
    // A breakpoint is a command that goes on.
    if (text.startsWith('The build is paused') || text === 'The build goes on') return;
    const failed = /^Command did not exit successfully [^]* exit status (\d+)$/.exec(text)?.[1];
    this.#end(at, failed === undefined ? 0 : Number(failed));
    const entered = /^Entering phase (\w+)$/.exec(text)?.[1];
    if (entered !== undefined) this.#phase = entered;
    if (!text.startsWith('Running command ')) return;
    this.#running = { phase: this.#phase, command: text.slice('Running command '.length), from: at, lines: 0 };
    this.commands.push(this.#running);
  }

  #end(at: number, exitCode: number): void {
    if (this.#running) Object.assign(this.#running, { to: at, exitCode });
    this.#running = undefined;
  }
}

function styleOf(status: string | undefined): Style {
  if (status === undefined || status === 'IN_PROGRESS') return 'busy';
  return status === 'SUCCEEDED' ? 'good' : 'bad';
}

function commandLine({ command, from, to, exitCode, lines }: CommandSummary, paint: Paint): string {
  const [first = '', ...more] = command.trim().split('\n');
  const took = (to === undefined ? '' : duration(to - from)).padStart(9);
  const ended = to === undefined ? 'not ended' : `exit ${exitCode}`;
  const output = `${lines} ${lines === 1 ? 'line' : 'lines'}`;
  const style = exitCode === 0 ? 'quiet' : 'bad';
  return `    ${paint('quiet', took)}  ${paint(style, ended.padEnd(9))} ${paint('quiet', output.padStart(12))}  ${first}${more.length > 0 ? ' …' : ''}`;
}

/** A build's phases, and in each its commands: how long, how they ended, how much they printed. */
export function buildSummary(build: Build, commands: readonly CommandSummary[], paint: Paint): readonly string[] {
  const { id = '', buildStatus = '', startTime = 0, endTime } = build;
  const total = endTime === undefined ? '' : ` in ${duration(endTime - startTime)}`;
  const lines = [`${paint('strong', id)}  ${paint(styleOf(buildStatus), buildStatus)}${total}`];
  for (const { phaseType = '', phaseStatus, startTime: from = 0, endTime: to, contexts = [] } of build.phases ?? []) {
    if (phaseType === 'COMPLETED') continue;
    const took = to === undefined ? '' : duration(to - from);
    lines.push(`  ${phaseType.padEnd(16)} ${took.padStart(8)}  ${paint(styleOf(phaseStatus), phaseStatus ?? 'IN_PROGRESS')}`);
    for (const command of commands) if (command.phase === phaseType) lines.push(commandLine(command, paint));
    if (phaseStatus !== 'SUCCEEDED')
      for (const { message } of contexts) if (message) lines.push(`    ${paint('bad', message.trim().split('\n')[0]!)}`);
  }
  return lines;
}
