import type { Service } from '../../protocol/service.ts';
import { model, type Api } from './api.gen.ts';
import { deleteOperations } from './operations/delete-parameters.ts';
import { describeOperations } from './operations/describe-parameters.ts';
import { getOperations } from './operations/get-parameters.ts';
import { labelOperations } from './operations/labels.ts';
import { putOperations } from './operations/put-parameter.ts';
import { sessionOperations, type SessionTools } from './operations/sessions.ts';
import { tagOperations } from './operations/tags.ts';
import { migrations } from './tables.ts';
import type { SsmTools } from './tools.ts';

/** Parameter Store and Session Manager, the parts of AWS Systems Manager that there are here: the table of contents of this service. */
export function createSsm(tools: SsmTools & SessionTools): Service<Api> {
  return {
    model,
    migrations,
    operations: {
      ...putOperations(tools),
      ...getOperations(tools),
      ...describeOperations(tools),
      ...deleteOperations(tools),
      ...labelOperations(tools),
      ...tagOperations(tools),
      ...sessionOperations(tools),
    },
  };
}
