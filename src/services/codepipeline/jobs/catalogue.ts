import type { ServiceTools } from '../../../protocol/service.ts';
import type { Providers } from '../performers.ts';
import type { ActionProvider } from '../provider.ts';
import { fixedCatalogue, type Catalogue } from '../rules/catalogue.ts';
import { CustomTypes, type KnownType } from './custom-types.ts';
import { jobProvider } from './provider.ts';

export interface AllProviders extends Providers {
  readonly types: CustomTypes;
  /** What new structures may use: no type that was deleted. */
  readonly usable: Catalogue;
}

/** The action types there are: our own everywhere, and what an account has brought in a region. */
export function allProviders(fixed: readonly ActionProvider[], tools: ServiceTools): AllProviders {
  const own = fixedCatalogue(fixed);
  const types = new CustomTypes(tools.db, tools.commits);
  const made = new WeakMap<KnownType, ActionProvider>();
  const providerOf = (type: KnownType): ActionProvider => {
    const known = made.get(type) ?? jobProvider(type, tools);
    made.set(type, known);
    return known;
  };
  return {
    types,
    ready: () => types.ready(),
    usable: {
      find(id, place) {
        const custom = types.find(id, place);
        return own.find(id) ?? (custom && !custom.deleted ? providerOf(custom) : undefined);
      },
    },
    find(id, place) {
      const found = own.find(id);
      // Jobs of a deleted type that a worker has go on: https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_DeleteCustomActionType.html
      const custom = found ? undefined : types.find(id, place);
      return found ?? (custom && providerOf(custom));
    },
    all: (place) => [...own.all(), ...types.known(place).map(providerOf)],
  };
}
