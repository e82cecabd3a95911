/** A step cannot be done, or failed, for this reason; it fails the step, and nothing else by itself. */
export class StepError extends Error {}
