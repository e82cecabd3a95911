import { errors, type ActionDeclaration, type PipelineDeclaration } from '../api.gen.ts';
import { catalogueKey, type Catalogue, type Place } from './catalogue.ts';
import type { Variables } from './values.ts';

/** What a secret value of a configuration begins with, wherever it is kept. */
const SEALED = 'pipewright-sealed:';
/** What is shown of it, as in AWS. */
export const MASK = '****';

/** A configuration as people may see it. */
export function maskSecrets(configuration: Variables): Variables {
  const values = Object.entries(configuration).map(([name, value]) => [name, value.startsWith(SEALED) ? MASK : value] as const);
  return Object.fromEntries(values);
}

/** What was shown, with the sealed values of the declaration again in the places of the masks. */
export function unmaskSecrets(shown: Variables, declared: Variables): Variables {
  const values = Object.entries(shown).map(
    ([name, value]) => [name, value === MASK && isSealed(declared[name]) ? declared[name]! : value] as const,
  );
  return Object.fromEntries(values);
}

function isSealed(value: string | undefined): boolean {
  return value?.startsWith(SEALED) === true;
}

export function maskDeclaration(declaration: PipelineDeclaration): PipelineDeclaration {
  const stages = declaration.stages.map((stage) => ({
    ...stage,
    actions: stage.actions.map((action) =>
      action.configuration ? { ...action, configuration: maskSecrets(action.configuration) } : action,
    ),
  }));
  return { ...declaration, stages };
}

/** A configuration as the one who does the work needs it. */
export function openSecrets(configuration: Variables, secrets: { open(sealed: string): string } | undefined): Variables {
  if (!secrets || !Object.values(configuration).some((value) => value.startsWith(SEALED))) return configuration;
  const open = (value: string) => (value.startsWith(SEALED) ? secrets.open(value.slice(SEALED.length)) : value);
  return Object.fromEntries(Object.entries(configuration).map(([name, value]) => [name, open(value)]));
}

interface Sealing {
  readonly actions: Catalogue;
  readonly place: Place;
  readonly secrets: { seal(plain: string): string };
  /** What stands now: a value that comes back as it was shown is the one that stands. */
  readonly before?: PipelineDeclaration;
}

/** The declaration with its secret values sealed: so it is stored. References to variables are no secrets. */
export function sealDeclaration(declaration: PipelineDeclaration, { actions, place, secrets, before }: Sealing): PipelineDeclaration {
  const stages = declaration.stages.map((stage) => ({
    ...stage,
    actions: stage.actions.map((action) => {
      refuseSealed(action);
      const settings = actions.find(action.actionTypeId, place)?.settings ?? {};
      const secret = Object.keys(action.configuration ?? {}).filter((name) => settings[name]?.secret === true);
      if (secret.length === 0) return action;
      const standing = standingIn(before, stage.name, action);
      const seal = (name: string, value: string): string => {
        const known = standing?.configuration?.[name];
        if (/^\*+$/.test(value) && known?.startsWith(SEALED)) return known;
        return value.includes('#{') ? value : `${SEALED}${secrets.seal(value)}`;
      };
      const sealed = secret.map((name) => [name, seal(name, action.configuration![name]!)] as const);
      return { ...action, configuration: { ...action.configuration, ...Object.fromEntries(sealed) } };
    }),
  }));
  return { ...declaration, stages };
}

/** Nobody is shown a sealed value, so nobody has one to give. */
function refuseSealed({ name, configuration = {} }: ActionDeclaration): void {
  const forged = Object.keys(configuration).find((key) => configuration[key]!.startsWith(SEALED));
  if (forged !== undefined)
    throw errors.InvalidActionDeclarationException(`Action configuration for action '${name}' has no valid value for '${forged}'`);
}

/** The action as it stands, where it is still of the same type: a secret is not handed on to another type's workers. */
function standingIn(before: PipelineDeclaration | undefined, stage: string, action: ActionDeclaration): ActionDeclaration | undefined {
  const standing = before?.stages.find(({ name }) => name === stage)?.actions.find(({ name }) => name === action.name);
  return standing && catalogueKey(standing.actionTypeId) === catalogueKey(action.actionTypeId) ? standing : undefined;
}
