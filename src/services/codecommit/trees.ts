import type { Git, GitTreeEntry } from '../../ports/git.ts';
import { FOLDER_MODE } from './rules/modes.ts';

/** Walks the trees of one commit; what it has read it keeps, so that a request reads each folder once. */
export class Trees {
  readonly #git: Git;
  readonly #repository: string;
  readonly #read = new Map<string, Promise<readonly GitTreeEntry[]>>();

  constructor(git: Git, repository: string) {
    this.#git = git;
    this.#repository = repository;
  }

  /** The entries of a folder; of no folder where the id leads to none. */
  entries(tree: string): Promise<readonly GitTreeEntry[]> {
    const known = this.#read.get(tree);
    if (known) return known;
    const read = this.#git.tree(this.#repository, tree).then((entries) => entries ?? []);
    this.#read.set(tree, read);
    return read;
  }

  /** What lies at a path (clean, without slashes at its ends): the root for the empty one. */
  async at(root: string, path: string): Promise<GitTreeEntry | undefined> {
    let found: GitTreeEntry | undefined = { name: '', mode: FOLDER_MODE, id: root };
    for (const name of path === '' ? [] : path.split('/')) {
      if (found.mode !== FOLDER_MODE) return undefined;
      found = (await this.entries(found.id)).find((entry) => entry.name === name);
      if (!found) return undefined;
    }
    return found;
  }
}
