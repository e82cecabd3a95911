import { formatArn } from '../../../kernel/arn.ts';
import { connectionId } from '../../../ports/connections.ts';
import type { ActionDeclaration, PipelineDeclaration, PipelineTriggerDeclaration } from '../api.gen.ts';
import type { Declared, DeclarationListener } from '../declarations.ts';
import { triggerOf } from '../rules/git-triggers.ts';

/** A source action whose repository tells us of pushes. */
export interface GitSource {
  /** The pipeline's aggregate. */
  readonly pipelineId: string;
  readonly account: string;
  /** The pipeline's. */
  readonly region: string;
  /** The source action's own. */
  readonly sourceRegion: string;
  readonly pipeline: string;
  readonly role: string;
  readonly action: string;
  readonly kind: 'connection' | 'codecommit';
  /** The connection's ARN, or the repository's. */
  readonly arn: string;
  readonly repository: string;
  readonly branch: string;
  readonly trigger: PipelineTriggerDeclaration | undefined;
  /** Whether a push to the branch starts the pipeline without a trigger. */
  readonly detects: boolean;
}

function connectionSource(common: Common, action: ActionDeclaration): GitSource | undefined {
  const { ConnectionArn: arn = '', FullRepositoryId: repository = '', BranchName: branch = '', DetectChanges } = action.configuration ?? {};
  if (connectionId(arn) === undefined) return undefined;
  return { ...common, kind: 'connection', arn, repository, branch, detects: !common.trigger && DetectChanges !== 'false' };
}

function codeCommitSource(common: Common, action: ActionDeclaration): GitSource {
  const { RepositoryName: repository = '', BranchName: branch = '' } = action.configuration ?? {};
  const arn = formatArn('codecommit', common.sourceRegion, common.account, repository);
  // Without a trigger its changes are seen otherwise (triggers.ts).
  return { ...common, kind: 'codecommit', arn, repository, branch, detects: false };
}

type Common = Omit<GitSource, 'kind' | 'arn' | 'repository' | 'branch' | 'detects'>;

/** The source actions of a pipeline that git events may start. */
export function gitSources({ id, account, region, declaration }: Declared): readonly GitSource[] {
  return (declaration.stages[0]?.actions ?? []).flatMap((action) => {
    const { provider, owner } = action.actionTypeId;
    const common: Common = {
      pipelineId: id,
      account,
      region,
      sourceRegion: action.region ?? region,
      pipeline: declaration.name,
      role: action.roleArn ?? declaration.roleArn,
      action: action.name,
      trigger: triggerOf(declaration, action.name),
    };
    if (owner !== 'AWS') return [];
    if (provider === 'CodeStarSourceConnection') return connectionSource(common, action) ?? [];
    return provider === 'CodeCommit' && common.trigger ? [codeCommitSource(common, action)] : [];
  });
}

/** The connections whose commits an execution of this declaration runs, by source action. */
export function connectionActions(declaration: PipelineDeclaration): readonly ActionDeclaration[] {
  return (declaration.stages[0]?.actions ?? []).filter(({ actionTypeId }) => actionTypeId.provider === 'CodeStarSourceConnection');
}

/** A repository as events name it. GitHub tells capitals apart from small letters as little as we do. */
export function repositoryKey(arn: string, repository: string): string {
  const id = connectionId(arn);
  return id === undefined ? arn : `${id}/${repository.toLowerCase()}`;
}

/** All git sources there are, by pipeline and by repository. */
export class GitSources implements DeclarationListener {
  readonly #byPipeline = new Map<string, readonly GitSource[]>();
  readonly #byRepository = new Map<string, Set<GitSource>>();

  declared(pipeline: Declared): void {
    this.gone(pipeline.id);
    const sources = gitSources(pipeline);
    if (sources.length === 0) return;
    this.#byPipeline.set(pipeline.id, sources);
    for (const source of sources) {
      const key = repositoryKey(source.arn, source.repository);
      this.#byRepository.set(key, (this.#byRepository.get(key) ?? new Set()).add(source));
    }
  }

  gone(id: string): void {
    for (const source of this.#byPipeline.get(id) ?? []) {
      const key = repositoryKey(source.arn, source.repository);
      const others = this.#byRepository.get(key);
      others?.delete(source);
      if (others?.size === 0) this.#byRepository.delete(key);
    }
    this.#byPipeline.delete(id);
  }

  of(arn: string, repository: string): readonly GitSource[] {
    return [...(this.#byRepository.get(repositoryKey(arn, repository)) ?? [])];
  }

  find(pipelineId: string, action: string): GitSource | undefined {
    return this.#byPipeline.get(pipelineId)?.find((source) => source.action === action);
  }

  /** Whether a pipeline's commits come through a connection. */
  connected(pipelineId: string): boolean {
    return this.#byPipeline.get(pipelineId)?.some(({ kind }) => kind === 'connection') ?? false;
  }
}
