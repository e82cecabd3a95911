import type { Located } from '../kernel/code-frame.ts';

/** Something found in a file; a warning does not make it wrong. */
export interface Problem extends Located {
  readonly severity: 'error' | 'warning';
}
