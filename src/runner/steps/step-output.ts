import { Buffer } from 'node:buffer';
import type { BuildLog } from '../output/build-log.ts';
import { SHORTEST } from '../output/secret-forms.ts';
import { CommandLines } from './command-lines.ts';
import { parseWorkflowCommand, type WorkflowCommand } from './workflow-command.ts';

/** Commands that a program's output may no longer give, because what it prints is often not its own. */
const UNSAFE = new Set(['set-env', 'add-path']);
const MATCHERS = new Set(['add-matcher', 'remove-matcher']);
const ANNOTATIONS = new Set(['error', 'warning', 'notice']);

/** Each value that is masked makes every line of the log dearer. */
const MOST_MASKED = 500;
/** Characters of outputs and state that a program may give in its output. */
const LONGEST = 16 * 1024 * 1024;

/** Reads the output of a step's program: what is for the log goes there, what is for the runner is kept. */
export class StepOutput {
  readonly outputs: Record<string, string> = {};
  readonly state: Record<string, string> = {};
  /** Why the step has failed, whatever its program says. */
  failure: string | undefined;
  readonly #log: BuildLog;
  readonly #debugging: boolean;
  readonly #lines: CommandLines;
  /** The word that ends the pause in which no commands are read. */
  #pausedUntil: string | undefined;
  #kept = 0;

  constructor(log: BuildLog, debugging: boolean) {
    this.#log = log;
    this.#debugging = debugging;
    this.#lines = new CommandLines(
      (bytes) => log.show(bytes),
      (line) => this.#read(line),
    );
  }

  write(chunk: Uint8Array): void {
    this.#lines.write(chunk);
  }

  end(): void {
    this.#lines.end();
  }

  /** False where the line is to be shown as it is. */
  #read(line: string): boolean {
    const command = parseWorkflowCommand(line);
    if (!command) return false;
    if (this.#pausedUntil !== undefined) {
      if (command.name === this.#pausedUntil) this.#pausedUntil = undefined;
      return this.#pausedUntil === undefined;
    }
    return this.#annotated(command) || this.#obeyed(command);
  }

  #annotated({ name, value, properties }: WorkflowCommand): boolean {
    if (name === 'debug') {
      if (this.#debugging) this.#show('debug', value);
    } else if (ANNOTATIONS.has(name)) this.#show(name, `${placeOf(properties)}${value}`);
    else if (name === 'group' || name === 'endgroup') this.#show(name, value);
    // Matchers find annotations in the output of compilers; nobody looks at annotations here.
    else return MATCHERS.has(name) || name === 'echo';
    return true;
  }

  #obeyed({ name, value, properties }: WorkflowCommand): boolean {
    if (name === 'add-mask') this.#mask(value);
    else if (name === 'set-output') this.#keep(this.outputs, properties['name'], value);
    else if (name === 'save-state') this.#keep(this.state, properties['name'], value);
    else if (name === 'stop-commands') this.#pausedUntil = value.toLowerCase();
    else if (UNSAFE.has(name))
      this.#fail(`the command ${name} is not obeyed, as its output may be somebody else's: write to $GITHUB_ENV or $GITHUB_PATH`);
    else return false;
    return true;
  }

  #keep(where: Record<string, string>, name: string | undefined, value: string): void {
    this.#kept += value.length + (name?.length ?? 0);
    if (name === undefined || name === '') this.#fail('an output or a state has no name');
    else if (this.#kept > LONGEST) this.#fail('its outputs are too long');
    else where[name] = value;
  }

  #fail(reason: string): void {
    if (this.failure === undefined) this.#show('error', reason);
    this.failure ??= reason;
  }

  #mask(value: string): void {
    if (this.#log.hiddenValues >= MOST_MASKED) return this.#fail(`more than ${MOST_MASKED} values are to be masked`);
    const parts = [value, ...value.split(/\r?\n/)].map((part) => part.trim()).filter((part) => part !== '');
    this.#log.hide(parts.filter((part) => Buffer.byteLength(part) >= SHORTEST));
    if (parts.some((part) => Buffer.byteLength(part) < SHORTEST)) this.#log.agent('A value is too short to be masked in this log');
  }

  #show(kind: string, text: string): void {
    this.#log.show(Buffer.from(`##[${kind}]${text}\n`));
  }
}

function placeOf({ file, line, col }: Readonly<Record<string, string>>): string {
  if (file === undefined) return '';
  return `${[file, line, col].filter((part) => part !== undefined).join(':')}: `;
}
