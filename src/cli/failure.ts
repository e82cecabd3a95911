/** Exit codes that scripts can use: docs/guides/cli.md. */
export const EXIT = { ok: 0, failed: 1, usage: 2, unreachable: 3, interrupted: 130 } as const;

/** Ends the command with one sentence and an exit code; never a stack trace. */
export class Failure extends Error {
  readonly exit: number;
  constructor(message: string, exit: number = EXIT.failed) {
    super(message);
    this.exit = exit;
  }
}

/** Anything thrown, as the sentence and the exit code the user gets. */
export function asFailure(error: unknown): Failure {
  if (error instanceof Failure) return error;
  const { code, message = String(error) } = error as { code?: string; message?: string };
  if (code === 'ECONNREFUSED' || code === 'ECONNRESET' || code === 'ENOTFOUND') {
    return new Failure('No server answers. Start one with `pipewright up`, or set AWS_ENDPOINT_URL.', EXIT.unreachable);
  }
  if (code === 'EADDRINUSE') return new Failure(`${message}. Another program has the port: choose one with --port.`, EXIT.usage);
  if (code === 'UnsafeSettings' || code === 'InvalidSettings') return new Failure(`${message}.`, EXIT.usage);
  if (code === 'DataFolderHeld') return new Failure(`${message}. Stop it first, or use another folder with --data.`);
  return new Failure(code && /^[A-Z]\w+$/.test(code) && !message.startsWith(code) ? `${code}: ${message}` : message);
}
