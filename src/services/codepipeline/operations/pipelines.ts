import type { CallContext } from '../../../protocol/context.ts';
import { decodePageToken, encodePageToken } from '../../../protocol/page-token.ts';
import { write } from '../../../ports/database.ts';
import { errors, type Api, type PipelineDeclaration, type PipelineSummary } from '../api.gen.ts';
import type { CreationRun } from '../rules/commands.ts';
import { notFound } from '../rules/receive.ts';
import { maskDeclaration, sealDeclaration } from '../rules/secret-values.ts';
import { declarationOf, pipelineArn } from '../rules/state.ts';
import { validatePipeline } from '../rules/validate.ts';
import { sql } from '../tables.ts';
import { keyOf, pipelineState, requireRoom, type OperationTools } from './tools.ts';

type Operations = Pick<Api, 'createPipeline' | 'updatePipeline' | 'deletePipeline' | 'getPipeline' | 'listPipelines'>;

/** AWS keeps the newest version number in the structure it returns, whatever the caller sent. */
function versioned(declaration: PipelineDeclaration, version: number): PipelineDeclaration {
  const artifactStore = declaration.artifactStore;
  const stages = declaration.stages.map((stage) => ({
    ...stage,
    actions: stage.actions.map((action) => ({
      ...action,
      runOrder: action.runOrder ?? 1,
      configuration: action.configuration ?? {},
      outputArtifacts: action.outputArtifacts ?? [],
      inputArtifacts: action.inputArtifacts ?? [],
    })),
  }));
  const defaults = { executionMode: 'SUPERSEDED', pipelineType: 'V1' } as const;
  return { ...defaults, ...declaration, ...(artifactStore && { artifactStore }), stages, version };
}

/** What is not built is refused rather than left out. */
function refuseUnbuilt(declaration: PipelineDeclaration): void {
  const refuse = (what: string) => errors.ValidationException(`Pipewright does not run ${what} yet; see docs/differences-from-aws.md.`);
  for (const stage of declaration.stages) {
    if (stage.blockers?.length) throw refuse(`stage blockers (stage '${stage.name}')`);
  }
}

/** As it is stored: in a world without a secret box nothing is secret. */
function sealed(
  tools: OperationTools,
  ctx: CallContext,
  declaration: PipelineDeclaration,
  before?: PipelineDeclaration,
): PipelineDeclaration {
  const { secrets, catalogues } = tools;
  if (!secrets) return declaration;
  return sealDeclaration(declaration, { actions: catalogues.actions, place: ctx, secrets, ...(before && { before }) });
}

async function creationRun(tools: OperationTools, ctx: CallContext, declaration: PipelineDeclaration): Promise<CreationRun | undefined> {
  const variables = declaration.variables ?? [];
  if (variables.some((variable) => variable.defaultValue === undefined)) return undefined;
  try {
    const overrides = await tools.triggers.newest(declaration, ctx);
    return overrides && { executionId: tools.ids.uuid(), by: ctx.principal.arn, overrides };
  } catch (error) {
    // A source that cannot be reached must not forbid the pipeline; the execution will say what is wrong.
    tools.log.warn('a source could not be looked at', { pipeline: declaration.name, error: String(error) });
    return { executionId: tools.ids.uuid(), by: ctx.principal.arn, overrides: [] };
  }
}

export function pipelineOperations(tools: OperationTools): Operations {
  return {
    async createPipeline({ pipeline, tags }, ctx) {
      await tools.providers.ready();
      validatePipeline(pipeline, tools.catalogues, ctx, tools.quotas);
      refuseUnbuilt(pipeline);
      await requireRoom(tools, sql.countPipelines, ctx, tools.quotas.pipelines, 'pipelines');
      const declaration = sealed(tools, ctx, versioned(pipeline, 1));
      const start = await creationRun(tools, ctx, declaration);
      const state = await tools.pipelines.send(keyOf(ctx, pipeline.name), { type: 'create', declaration, ...(start && { start }) });
      const arn = pipelineArn(state);
      await tools.commits.commit((tags ?? []).map(({ key, value }) => write(sql.putTag, [arn, key, value])));
      return { pipeline: maskDeclaration(declaration), ...(tags && { tags }) };
    },

    async updatePipeline({ pipeline }, ctx) {
      const before = await pipelineState(tools, ctx, pipeline.name);
      await tools.providers.ready();
      validatePipeline(pipeline, tools.catalogues, ctx, tools.quotas);
      refuseUnbuilt(pipeline);
      const declaration = sealed(tools, ctx, versioned(pipeline, before.version + 1), declarationOf(before));
      const state = await tools.pipelines.send(keyOf(ctx, pipeline.name), { type: 'update', declaration });
      return { pipeline: { ...maskDeclaration(declarationOf(state)), version: state.version } };
    },

    async deletePipeline({ name }, ctx) {
      // Deleting what is not there succeeds, as in AWS.
      const state = await tools.pipelines.state(keyOf(ctx, name));
      if (state?.exists) await tools.pipelines.send(keyOf(ctx, name), { type: 'delete' });
    },

    async getPipeline({ name, version }, ctx) {
      const state = await pipelineState(tools, ctx, name);
      const wanted = version ?? state.version;
      const row = await tools.db.get<{ declaration: string }>(sql.version, ctx.account, ctx.region, name, wanted);
      if (!row) throw errors.PipelineVersionNotFoundException(`${notFound({ account: ctx.account, name })} and version '${wanted}'`);
      const metadata = { pipelineArn: pipelineArn(state), created: state.createdAt, updated: state.updatedAt };
      return { pipeline: { ...maskDeclaration(JSON.parse(row.declaration) as PipelineDeclaration), version: wanted }, metadata };
    },

    async listPipelines({ nextToken, maxResults }, ctx) {
      const limit = maxResults ?? 1000;
      const after = decodePageToken('pipelines', nextToken, () => errors.InvalidNextTokenException('The next token is not valid.'));
      type Row = {
        name: string;
        version: number;
        type: PipelineSummary['pipelineType'];
        mode: PipelineSummary['executionMode'];
        created: number;
        updated: number;
      };
      const rows = await tools.db.all<Row>(sql.pipelinesAfter, ctx.account, ctx.region, String(after ?? ''), limit + 1);
      const page = rows.slice(0, limit);
      const pipelines = page.map(({ type, mode, ...row }) => ({ ...row, pipelineType: type, executionMode: mode }));
      return { pipelines, ...(rows.length > limit && { nextToken: encodePageToken('pipelines', page.at(-1)!.name) }) };
    },
  };
}
