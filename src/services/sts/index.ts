import type { Service } from '../../protocol/service.ts';
import { model, type Api } from './api.gen.ts';
import { assumeRoleOperation } from './operations/assume-role.ts';
import { identityOperations } from './operations/identity.ts';
import type { StsTools } from './tools.ts';

/** AWS Security Token Service. It keeps nothing itself: sessions and roles come from whoever composes it. */
export function createSts(tools: StsTools): Service<Api> {
  return { model, operations: { ...identityOperations(tools), ...assumeRoleOperation(tools) } };
}
