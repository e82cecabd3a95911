import { messageOf } from '../../kernel/errors.ts';
import type { Scope } from '../../services/codebuild/rules/expressions/evaluate.ts';
import { holds, parseCondition, parseTemplate, render } from '../../services/codebuild/rules/expressions/template.ts';
import { ExpressionError, type ValueMap } from '../../services/codebuild/rules/expressions/value.ts';
import { hashFiles } from './hash-files.ts';
import { contextsOf, type ListScope } from './scope.ts';
import type { Session } from './session.ts';
import { StepError } from './step-error.ts';

type Env = Readonly<Record<string, string>>;

/** Thrown by an evaluation that needs a hash which is not there yet: files are not read while it runs. */
class HashWanted extends Error {
  readonly patterns: readonly string[];
  constructor(patterns: readonly string[]) {
    super();
    this.patterns = patterns;
  }
}

/** Evaluates the expressions of one step. */
export class Expressions {
  readonly #session: Session;
  readonly #list: ListScope;
  readonly #contexts: ValueMap;

  /** `env`: the step's own variables. */
  constructor(session: Session, list: ListScope, env: Env = {}) {
    this.#session = session;
    this.#list = list;
    this.#contexts = contextsOf(session, list, env);
  }

  text(text: string): Promise<string> {
    return text.includes('${{') ? this.#evaluated((scope) => render(parseTemplate(text), scope)) : Promise.resolve(text);
  }

  async texts(map: Env): Promise<Env> {
    const found: [string, string][] = [];
    for (const [name, text] of Object.entries(map)) found.push([name, await this.text(text)]);
    return Object.fromEntries(found);
  }

  /** An `if`; without one, the steps before must have gone well. */
  condition(text = ''): Promise<boolean> {
    return this.#evaluated((scope) => holds(parseCondition(text), scope));
  }

  async #evaluated<T>(work: (scope: Scope) => T): Promise<T> {
    const hashes = new Map<string, string>();
    for (;;) {
      try {
        return work(this.#scope(hashes));
      } catch (error) {
        if (error instanceof ExpressionError) throw new StepError(error.message);
        if (!(error instanceof HashWanted)) throw error;
        hashes.set(JSON.stringify(error.patterns), await this.#hash(error.patterns));
      }
    }
  }

  #hash(patterns: readonly string[]): Promise<string> {
    return hashFiles(this.#session.build.sourceDirectory, patterns).catch((error: unknown) => {
      throw new StepError(`hashFiles: ${messageOf(error)}`);
    });
  }

  #scope(hashes: ReadonlyMap<string, string>): Scope {
    return {
      contexts: this.#contexts,
      status: this.#list.progress.status,
      hashFiles(patterns) {
        const hash = hashes.get(JSON.stringify(patterns));
        if (hash === undefined) throw new HashWanted(patterns);
        return hash;
      },
    };
  }
}
