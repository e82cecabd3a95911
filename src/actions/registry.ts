import type { ApprovalLinks } from '../ports/approval-links.ts';
import type { Artifacts } from '../ports/artifacts.ts';
import type { Blobs } from '../ports/blobs.ts';
import type { GitConnections } from '../ports/connections.ts';
import type { Git } from '../ports/git.ts';
import type { ActionProvider } from '../services/codepipeline/provider.ts';
import { codeBuildProviders } from './codebuild/index.ts';
import { codePipelineInvoke } from './codepipeline-invoke/index.ts';
import { commandsAction } from './commands/index.ts';
import { codeCommitSource } from './codecommit-source/index.ts';
import { codeStarConnection } from './codestar-connection/index.ts';
import { dummyProviders } from './dummy/index.ts';
import { gitSource } from './git-source/index.ts';
import { manualApproval } from './manual-approval/index.ts';
import { s3Deploy } from './s3-deploy/index.ts';
import { s3Source } from './s3-source/index.ts';

/** Every action provider there is, one line each: a folder that is missing here fails registry.test.ts. */
export function actionProviders(ports: {
  readonly git: Git;
  readonly artifacts: Artifacts;
  readonly blobs: Blobs;
  readonly connections: GitConnections;
  readonly approvals: ApprovalLinks;
}): readonly ActionProvider[] {
  return [
    codeCommitSource(ports.git),
    s3Source,
    gitSource(ports.git),
    codeStarConnection(ports),
    ...codeBuildProviders,
    commandsAction,
    codePipelineInvoke,
    manualApproval(ports.approvals),
    s3Deploy(ports),
    ...dummyProviders(),
  ];
}
