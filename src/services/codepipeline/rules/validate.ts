import { errors, type ActionDeclaration, type PipelineDeclaration, type StageDeclaration } from '../api.gen.ts';
import type { Catalogue, CatalogueEntry, Catalogues, Place } from './catalogue.ts';
import { validateCommands } from './validate-commands.ts';
import { validateConditions } from './validate-conditions.ts';
import { validateConfiguration } from './validate-configuration.ts';
import { validateTriggers } from './validate-triggers.ts';
import { quotasOf, type Quotas } from './quotas.ts';
import { namespacesIn } from './variables.ts';

const RESERVED_NAMESPACES = new Set(['codepipeline', 'variables']);

const structure = (message: string) => errors.InvalidStructureException(message);
const invalidAction = (message: string) => errors.InvalidActionDeclarationException(message);

/**
 * What the model's own constraints cannot say of a pipeline's structure. Throws AWS's error for the first thing that is
 * wrong, in the words AWS uses where those are known.
 */
export function validatePipeline(
  declaration: PipelineDeclaration,
  { actions, rules }: Catalogues,
  place: Place,
  quotas = quotasOf(),
): void {
  validateStages(declaration, quotas);
  validateArtifactStores(declaration);
  const variables = declaration.variables ?? [];
  unique(variables, (name) =>
    errors.InvalidStructureException(`Pipeline variable names must be unique. '${name}' is declared more than once.`),
  );
  for (const action of declaration.stages.flatMap((stage) => stage.actions)) validateAction(action, actions, place, declaration);
  validateConditions(declaration, rules, place);
  validateArtifacts(declaration.stages);
  validateNamespaces(declaration.stages);
  validateTriggers(declaration);
}

function validateStages({ stages }: PipelineDeclaration, quotas: Quotas): void {
  if (stages.length < 2) {
    throw structure(`Pipeline has only ${stages.length} stage(s). There should be a minimum of 2 stages in a pipeline`);
  }
  if (stages.length > quotas.stages)
    throw structure(`Pipeline has ${stages.length} stage(s). There can be at most ${quotas.stages} stages in a pipeline`);
  unique(stages, (name) =>
    structure(`Stage names must be unique within a pipeline. The stage name '${name}' has been used more than once.`),
  );
  if (!stages[0]!.actions.every(isSource)) throw structure('Pipeline should start with a stage that only contains source actions');
  for (const stage of stages.slice(1)) {
    const source = stage.actions.find(isSource);
    if (source)
      throw structure(`Source actions can only be in the first stage. Stage '${stage.name}' contains the source action '${source.name}'.`);
  }
  for (const stage of stages) validateStage(stage, quotas);
  const actions = stages.flatMap((stage) => stage.actions);
  if (actions.length > quotas.actionsPerPipeline)
    throw structure(`Pipeline has ${actions.length} action(s). There can be at most ${quotas.actionsPerPipeline} actions in a pipeline`);
  for (const { name, configuration = {} } of actions) {
    const long = Object.entries(configuration).find(([, value]) => value.length > quotas.configurationValue);
    if (long)
      throw invalidAction(
        `Action configuration for action '${name}' has a value of ${long[1].length} characters for '${long[0]}'. There can be at most ${quotas.configurationValue}`,
      );
  }
}

function validateStage(stage: StageDeclaration, quotas: Quotas): void {
  if (stage.actions.length === 0) throw invalidAction(`Stage '${stage.name}' must have at least one action`);
  if (stage.actions.length > quotas.actionsPerStage) {
    throw structure(
      `Stage '${stage.name}' has ${stage.actions.length} actions. There can be at most ${quotas.actionsPerStage} actions in a stage`,
    );
  }
  unique(stage.actions, (name) =>
    structure(`Action names must be unique within a stage. '${name}' has been used more than once in stage '${stage.name}'.`),
  );
}

function isSource(action: ActionDeclaration): boolean {
  return action.actionTypeId.category === 'Source';
}

function validateArtifactStores({ artifactStore, artifactStores }: PipelineDeclaration): void {
  if (artifactStore && artifactStores)
    throw errors.ValidationException('You must include either artifactStore or artifactStores in your pipeline, but you cannot use both.');
  if (!artifactStore && !artifactStores)
    throw errors.ValidationException('You must include either artifactStore or artifactStores in your pipeline.');
}

function validateAction(action: ActionDeclaration, catalogue: Catalogue, place: Place, declaration: PipelineDeclaration): void {
  const { category, owner, provider, version } = action.actionTypeId;
  const entry = catalogue.find(action.actionTypeId, place);
  if (!entry) {
    const type = `(Category: '${category}', Provider: '${provider}', Owner: '${owner}', Version: '${version}')`;
    throw invalidAction(
      `ActionType ${type} in action '${action.name}' is not available in region ${place.region.toUpperCase().replaceAll('-', '_')}`,
    );
  }
  validatePipelineType(action, entry, declaration);
  count(action.name, 'input', action.inputArtifacts?.length ?? 0, entry.artifacts.inputs);
  count(action.name, 'output', action.outputArtifacts?.length ?? 0, entry.artifacts.outputs);
  validateConfiguration(action.configuration ?? {}, entry, `Action configuration for action '${action.name}'`, invalidAction);
  validateCommands(action, entry, `Action '${action.name}'`, invalidAction);
  validateInvoke(action, declaration, place);
  if (action.timeoutInMinutes !== undefined && category !== 'Approval') {
    throw invalidAction(`Action '${action.name}' declares timeoutInMinutes, which only manual approval actions support`);
  }
}

function validatePipelineType(
  { name, actionTypeId }: ActionDeclaration,
  entry: CatalogueEntry,
  { pipelineType = 'V1' }: PipelineDeclaration,
): void {
  const { pipelineTypes } = entry;
  if (pipelineTypes && !pipelineTypes.includes(pipelineType))
    throw invalidAction(
      `Action '${name}' of the provider ${actionTypeId.provider} is only available for pipelines of type ${pipelineTypes.join(', ')}`,
    );
}

/**
 * A longer circle is found when it is run: any of its pipelines may change in between. It is looked for in one region, and AWS's page
 * knows no other.
 */
function validateInvoke(
  { name, actionTypeId, configuration, region }: ActionDeclaration,
  pipeline: PipelineDeclaration,
  place: Place,
): void {
  const { category, owner, provider } = actionTypeId;
  if (category !== 'Invoke' || owner !== 'AWS' || provider !== 'CodePipeline') return;
  if (configuration?.PipelineName === pipeline.name)
    throw invalidAction(`Action '${name}' invokes the pipeline '${pipeline.name}' that it belongs to`);
  if (region !== undefined && region !== place.region)
    throw invalidAction(`Action '${name}' invokes a pipeline in ${region}, and can do so in ${place.region} only`);
}

function count(action: string, direction: 'input' | 'output', has: number, bounds: { readonly min: number; readonly max: number }): void {
  const declares = `Action ${action} declares ${has} ${direction} artifacts which is`;
  if (has < bounds.min) throw invalidAction(`${declares} less than the minimum count (${bounds.min})`);
  if (has > bounds.max) throw invalidAction(`${declares} more than the maximum count (${bounds.max})`);
}

/** Inputs must come from an earlier stage or a lower run order; output names are unique in the pipeline. */
function validateArtifacts(stages: readonly StageDeclaration[]): void {
  const produced = new Set<string>();
  for (const stage of stages) {
    for (const order of runOrders(stage)) {
      const actions = stage.actions.filter((action) => (action.runOrder ?? 1) === order);
      for (const action of actions) {
        const missing = action.inputArtifacts?.find(({ name }) => !produced.has(name));
        if (missing)
          throw invalidAction(`Input Artifact Bundle ${missing.name} in action ${action.name} is not produced by any preceding action`);
      }
      for (const { name } of actions.flatMap((action) => action.outputArtifacts ?? [])) {
        if (produced.has(name))
          throw invalidAction(`Output Artifact Bundle name must be unique within the pipeline. ${name} has been used more than once.`);
        produced.add(name);
      }
    }
  }
}

function validateNamespaces(stages: readonly StageDeclaration[]): void {
  const seen = new Set<string>();
  for (const stage of stages) {
    for (const order of runOrders(stage)) {
      const actions = stage.actions.filter((action) => (action.runOrder ?? 1) === order);
      for (const action of actions) {
        const unknown = namespacesIn(action).find(({ namespace }) => !seen.has(namespace) && !RESERVED_NAMESPACES.has(namespace));
        if (unknown) {
          throw invalidAction(
            `Valid format for a pipeline execution variable reference is a namespace and a key separated by a period (.). The following pipeline execution variables are referencing a namespace that does not exist. StageName=[${stage.name}], ActionName=[${action.name}], ActionConfigurationKey=[${unknown.key}], VariableReferenceText=[${unknown.namespace}]`,
          );
        }
      }
      for (const action of actions) if (action.namespace !== undefined) claim(seen, stage, action);
    }
  }
}

function claim(seen: Set<string>, stage: StageDeclaration, action: ActionDeclaration): void {
  const namespace = action.namespace!;
  if (seen.has(namespace) || RESERVED_NAMESPACES.has(namespace)) {
    const place = `StageName=[${stage.name}], ActionName=[${action.name}], Namespace=[${namespace}]`;
    throw invalidAction(
      `Namespaces must be unique across the pipeline definition. The following occur more than once in the pipeline. ${place}`,
    );
  }
  seen.add(namespace);
}

function runOrders(stage: StageDeclaration): readonly number[] {
  return [...new Set(stage.actions.map((action) => action.runOrder ?? 1))].toSorted((a, b) => a - b);
}

function unique(named: readonly { readonly name: string }[], error: (name: string) => Error): void {
  const seen = new Set<string>();
  for (const { name } of named) {
    if (seen.has(name)) throw error(name);
    seen.add(name);
  }
}
