import { actionProviders } from '../actions/registry.ts';
import type { Artifacts } from '../ports/artifacts.ts';
import type { Blobs } from '../ports/blobs.ts';
import type { Git } from '../ports/git.ts';
import { fixedCatalogue, type Catalogue } from '../services/codepipeline/rules/catalogue.ts';

/** What action types there are, for `lint`: data, for which providers are made without touching their ports. */
export function actionCatalogue(): Catalogue {
  const ports = { git: {} as Git, artifacts: {} as Artifacts, blobs: {} as Blobs };
  return fixedCatalogue(actionProviders(ports));
}
