/** What a pure decision may use besides its state: injected, so that rules stay pure. */
export interface Step {
  /** Epoch milliseconds, the same through the whole step. */
  readonly now: number;
  /** A new UUID. */
  id(): string;
}
