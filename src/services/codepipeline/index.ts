import { messageOf } from '../../kernel/errors.ts';
import type { Engine } from '../../engine/engine.ts';
import type { Aggregates } from '../../engine/process.ts';
import type { Service, ServiceTools } from '../../protocol/service.ts';
import type { Aws } from '../aws.gen.ts';
import type { Api as PipewrightApi } from '../pipewright/api.gen.ts';
import { model, type Api } from './api.gen.ts';
import { Declarations } from './declarations.ts';
import { gitTriggers, type GitHostTools } from './git/index.ts';
import { insightOperations } from './insight/index.ts';
import { catalogueOperations } from './operations/catalogue.ts';
import { decisionOperations } from './operations/decisions.ts';
import { executionOperations } from './operations/executions.ts';
import { historyOperations } from './operations/history.ts';
import { pipelineOperations } from './operations/pipelines.ts';
import { ruleOperations } from './operations/rules.ts';
import { stageOperations } from './operations/stages.ts';
import type { OperationTools } from './operations/tools.ts';
import { pipelinePerformers } from './performers.ts';
import { pipelineProcess } from './process.ts';
import type { ActionProvider, RuleProvider } from './provider.ts';
import { fixedCatalogue } from './rules/catalogue.ts';
import type { PipelineCommand } from './rules/commands.ts';
import type { PipelineState } from './rules/state.ts';
import { allProviders } from './jobs/catalogue.ts';
import { thirdPartyClientOperation } from './operations/third-party-client.ts';
import { workerOperations, type WorkerTools } from './operations/workers.ts';
import { quotasOf } from './rules/quotas.ts';
import { migrations } from './tables.ts';
import { Triggers } from './triggers.ts';
import { Watcher } from './watcher.ts';
import { webhookOperations } from './webhooks/operations.ts';
import { registrationOperations } from './webhooks/registration.ts';
import { receiveWebhook, type WebhookAnswer, type WebhookCall } from './webhooks/receive.ts';

export interface CodePipelineTools extends ServiceTools {
  readonly engine: Engine;
  readonly aws: Aws;
  readonly providers: readonly ActionProvider[];
  readonly rules: readonly RuleProvider[];
  /** `relaxed` where absent. */
  readonly quotas?: 'relaxed' | 'aws';
  /** Absent in a world where no worker can call. */
  readonly workers?: WorkerTools;
  /** Absent in a world that no git host can reach. */
  readonly gitHosts?: GitHostTools;
}

export interface CodePipeline extends Service<Api> {
  readonly ownOperations: Partial<PipewrightApi>;
  /** Takes calls of the webhooks that PutWebhook makes. */
  receiveHook(call: WebhookCall): Promise<WebhookAnswer | undefined>;
}

/** AWS CodePipeline: the table of contents of this service. */
export function createCodePipeline(tools: CodePipelineTools): CodePipeline {
  const providers = allProviders(tools.providers, tools);
  const { types } = providers;
  const rules = fixedCatalogue(tools.rules);
  const catalogues = { actions: providers, rules };
  const secrets = tools.workers && { secrets: tools.workers.secrets };
  const shared = { ...tools, ...secrets, providers, rules, catalogues, sleeper: tools.engine.sleeper };
  const performers = pipelinePerformers(shared, () => pipelines);
  const pipelines: Aggregates<PipelineState, PipelineCommand> = tools.engine.register(pipelineProcess(catalogues, tools.bus), performers);
  const watcher = new Watcher(shared, pipelines);
  const triggers = new Triggers(shared, pipelines);
  const git = tools.gitHosts && gitTriggers({ ...shared, ...tools.gitHosts, pipelines });
  const declarations = new Declarations(tools.db, pipelines, [triggers, ...(git ? [git.sources] : [])]);
  const operationTools: OperationTools = {
    ...shared,
    quotas: quotasOf(tools.quotas),
    catalogues: { actions: providers.usable, rules },
    pipelines,
    triggers,
  };
  let opening: Promise<void> | undefined;
  const open = async (): Promise<void> => {
    await declarations.start();
    await git?.start();
    await triggers.start();
  };
  return {
    model,
    migrations,
    operations: {
      ...pipelineOperations(operationTools),
      ...executionOperations(operationTools),
      ...stageOperations(operationTools),
      ...historyOperations(operationTools),
      ...ruleOperations(operationTools),
      ...catalogueOperations(operationTools, types),
      ...(tools.workers && workerOperations(operationTools, shared, tools.workers, types)),
      ...(tools.gitHosts && webhookOperations(operationTools, tools.gitHosts.secrets)),
      ...(tools.gitHosts && registrationOperations({ ...operationTools, ...tools.gitHosts })),
    },
    ownOperations: {
      ...decisionOperations(operationTools),
      ...insightOperations({ ...shared, ...operationTools }),
      ...(tools.workers && thirdPartyClientOperation(types, tools.workers.secrets)),
    },
    receiveHook: async (call) => (tools.gitHosts ? receiveWebhook({ ...operationTools, ...tools.gitHosts }, call) : undefined),
    async start() {
      await types.ready();
      await watcher.start();
      // Thousands of pipelines are no reason to answer nobody: what may start them is looked at behind the start.
      opening = open().catch((error: unknown) => tools.log.error('the sources of pipelines are not watched', { error: messageOf(error) }));
    },
    async stop() {
      declarations.stop();
      watcher.stop();
      triggers.stop();
      await opening;
      await git?.stop();
    },
  };
}
