import type { Service } from '../../protocol/service.ts';
import { model, type Api } from './api.gen.ts';

/** The operations that other services bring to our own API. */
export interface PipewrightParts {
  /** What runners call: services/codebuild. */
  readonly runner: Partial<Api>;
  /** What people's commands call, of several services. */
  readonly others?: readonly Partial<Api>[];
}

/** Pipewright's own API: in the same format as AWS's, generated, signed and authorised like the rest. */
export function createPipewright(parts: PipewrightParts): Service<Api> {
  return { model, operations: Object.assign({}, parts.runner, ...(parts.others ?? [])) as Partial<Api> };
}
