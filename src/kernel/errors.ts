/**
 * The base of every error we throw on purpose: a stable code that programs may test, and a sentence for people.
 * Anything else that is thrown is a bug or the machine's fault, and reaches a client only as "internal failure".
 */
export class PipewrightError extends Error {
  readonly code: string;
  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'PipewrightError';
    this.code = code;
  }
}

/** For the default branch of a closed union: the compiler proves that it is never reached. */
export function unreachable(value: never): never {
  throw new PipewrightError('Unreachable', `unexpected value ${JSON.stringify(value)}`);
}

/** The message of anything thrown, for logs. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
