import type { SecretBox } from '../../../ports/secrets.ts';
import { errors, type Api } from '../../pipewright/api.gen.ts';
import type { CustomTypes } from '../jobs/custom-types.ts';
import { catalogueKey } from '../rules/catalogue.ts';

/** Of our own API: what the workers of a third party's action type show. In AWS the partner and AWS agree on it beforehand. */
export function thirdPartyClientOperation(types: CustomTypes, secrets: SecretBox): Pick<Api, 'getThirdPartyClient'> {
  return {
    async getThirdPartyClient({ actionTypeId }, ctx) {
      await types.ready();
      const client = types.find(actionTypeId, ctx)?.type.client;
      if (!client) throw errors.InvalidInputException(`There is no third-party action type ${catalogueKey(actionTypeId)}.`);
      return { clientId: client.id, clientToken: secrets.open(client.token) };
    },
  };
}
