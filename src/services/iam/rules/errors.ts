import { errors } from '../api.gen.ts';
import type { Kind } from './names.ts';

type Refusal = ReturnType<typeof errors.NoSuchEntityException>;

export function noSuch(kind: Kind, name: string): Refusal {
  if (kind === 'policy') return errors.NoSuchEntityException(`Policy ${name} was not found.`);
  if (kind === 'instance-profile') return errors.NoSuchEntityException(`Instance Profile ${name} cannot be found.`);
  return errors.NoSuchEntityException(`The ${kind} with name ${name} cannot be found.`);
}

export function alreadyExists(kind: Kind, name: string): Refusal {
  if (kind === 'policy')
    return errors.EntityAlreadyExistsException(`A policy called ${name} already exists. Duplicate names are not allowed.`);
  if (kind === 'instance-profile') return errors.EntityAlreadyExistsException(`Instance Profile ${name} already exists.`);
  return errors.EntityAlreadyExistsException(`${kind[0]!.toUpperCase()}${kind.slice(1)} with name ${name} already exists.`);
}

export function overQuota(quota: string, limit: number): Refusal {
  return errors.LimitExceededException(`Cannot exceed quota for ${quota}: ${limit}`);
}

export function concurrent(): Refusal {
  return errors.ConcurrentModificationException('The resource was changed by another request at the same time. Please try again.');
}
