import { actionProviders } from '../actions/registry.ts';
import { ruleProviders } from '../conditions/registry.ts';
import type { ApprovalLinks } from '../ports/approval-links.ts';
import type { Artifacts } from '../ports/artifacts.ts';
import type { Blobs } from '../ports/blobs.ts';
import type { GitConnections } from '../ports/connections.ts';
import type { Git } from '../ports/git.ts';
import { fixedCatalogue, type Catalogues } from '../services/codepipeline/rules/catalogue.ts';

/** What types of actions and rules there are, for `lint`: data, for which providers are made without touching their ports. */
export function actionCatalogue(): Catalogues {
  const ports = {
    git: {} as Git,
    artifacts: {} as Artifacts,
    blobs: {} as Blobs,
    connections: {} as GitConnections,
    approvals: {} as ApprovalLinks,
  };
  return { actions: fixedCatalogue(actionProviders(ports)), rules: fixedCatalogue(ruleProviders()) };
}
