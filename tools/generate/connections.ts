import type { Botocore } from './botocore.ts';

/** Git servers that AWS does not connect to and we do. Forgejo speaks Gitea's API. */
const OWN_PROVIDERS = ['Gitea', 'Forgejo'];

/** The older of the service's two names knows the newer one's ARNs nowhere but here; one implementation serves both. */
const HOST_ARN = 'arn:aws(-[\\w]+)*:(codestar-connections|codeconnections):.+:[0-9]{12}:host\\/.+';

/** Adds our own provider types to those of AWS's model, and takes hosts' ARNs in both spellings. */
export function withOwnProviders(model: Botocore): Botocore {
  const { ProviderType: provider, HostArn: host } = model.shapes;
  const shapes = {
    ...model.shapes,
    ProviderType: { ...provider!, enum: [...(provider!.enum ?? []), ...OWN_PROVIDERS] },
    HostArn: { ...host!, pattern: HOST_ARN },
  };
  return { ...model, shapes };
}
