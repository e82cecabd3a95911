/**
 * Named points where the crash suite may kill the shell. In production `hit` does nothing.
 * A point is named after what has just become true: `committer.committed`, `effect.performed`.
 */
export interface Faults {
  hit(point: string): void;
}

export const noFaults: Faults = { hit() {} };
