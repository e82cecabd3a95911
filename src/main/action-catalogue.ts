import { actionProviders } from '../actions/registry.ts';
import { ruleProviders } from '../conditions/registry.ts';
import type { ApprovalLinks } from '../ports/approval-links.ts';
import type { Artifacts } from '../ports/artifacts.ts';
import type { Blobs } from '../ports/blobs.ts';
import type { GitConnections } from '../ports/connections.ts';
import type { Git } from '../ports/git.ts';
import { fixedCatalogue, type CatalogueEntry, type Catalogues } from '../services/codepipeline/rules/catalogue.ts';

/** A custom or third-party type: a file says not what the server it is for has. */
const BROUGHT: CatalogueEntry = {
  open: true,
  timeoutMinutes: 60,
  settings: {},
  // The model's bounds of what a type may declare.
  artifacts: { inputs: { min: 0, max: 10 }, outputs: { min: 0, max: 10 } },
};

/** What types of actions and rules there are, for `lint`: data, for which providers are made without touching their ports. */
export function actionCatalogue(): Catalogues {
  const ports = {
    git: {} as Git,
    artifacts: {} as Artifacts,
    blobs: {} as Blobs,
    connections: {} as GitConnections,
    approvals: {} as ApprovalLinks,
  };
  const own = fixedCatalogue(actionProviders(ports));
  const actions: Catalogues['actions'] = { find: (type) => own.find(type) ?? (type.owner === 'AWS' ? undefined : BROUGHT) };
  return { actions, rules: fixedCatalogue(ruleProviders()) };
}
