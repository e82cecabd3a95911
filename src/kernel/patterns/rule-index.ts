import { EventReader } from './event-reader.ts';
import { buildIndex, matcherOf, newEntry, type Branch } from './index-build.ts';
import type { Node, Scalar } from './pattern.ts';

type Members = Readonly<Record<string, unknown>>;

/**
 * Finds the rules that an event fits. Rules are filed by the field that tells the most of them apart (of many rules that is the
 * source or the detail type), those that share its value by the next, and so on; what is left is tried one by one.
 */
export class RuleIndex<Rule> {
  readonly #root: Branch<Rule>;
  readonly #reader = new EventReader();
  #search = 0;

  constructor(rules: Iterable<readonly [Rule, Node]>) {
    this.#root = buildIndex(Array.from(rules, ([rule, node]) => newEntry(rule, node)));
  }

  /** In no particular order, each once. */
  match(event: object): Rule[] {
    const found: Rule[] = [];
    this.#search++;
    this.#visit(this.#root, event as Members, found);
    this.#reader.reset();
    return found;
  }

  #visit(branch: Branch<Rule>, event: Members, found: Rule[]): void {
    if (branch.kind === 'split') {
      const value = this.#reader.valuesAt(event, branch.path);
      if (value !== undefined) this.#look(branch, value, event, found);
      if (branch.silent) this.#visit(branch.silent, event, found);
      return;
    }
    const { straight } = this.#reader;
    for (const { entry, rest } of branch.candidates) {
      if (entry.seen === this.#search) continue;
      entry.seen = this.#search;
      const matches = straight ? rest : matcherOf(entry);
      if (matches === undefined || matches(event)) found.push(entry.rule);
    }
  }

  #look(branch: Branch<Rule> & { kind: 'split' }, value: unknown, event: Members, found: Rule[]): void {
    if (Array.isArray(value)) {
      for (const item of value) this.#look(branch, item, event, found);
      return;
    }
    if (branch.present) this.#visit(branch.present, event, found);
    const exact = typeof value === 'string' ? branch.texts.get(value) : branch.others.get(value as Scalar);
    if (exact) this.#visit(exact, event, found);
    if (branch.prefixes && typeof value === 'string')
      for (const prefixed of branch.prefixes.prefixesOf(value)) this.#visit(prefixed, event, found);
  }
}
