import type { Blobs } from '../../ports/blobs.ts';
import type { CallContext } from '../../protocol/context.ts';
import type { ServiceTools } from '../../protocol/service.ts';

export type S3Tools = ServiceTools & { readonly blobs: Blobs };

/** What an operation on an existing bucket begins with. */
export interface Call {
  readonly tools: S3Tools;
  readonly ctx: CallContext;
}
