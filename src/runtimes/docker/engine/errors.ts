import { PipewrightError } from '../../../kernel/errors.ts';

/** The engine cannot be asked: it is not there, went away, or does not answer. The same call may succeed once it is back. */
export class EngineUnreachable extends PipewrightError {
  constructor(message: string, options?: ErrorOptions) {
    super('EngineUnreachable', message, options);
  }
}

/** The engine's own word for why it will not do a thing, with its HTTP status. */
export class EngineRefusal extends PipewrightError {
  readonly status: number;
  constructor(status: number, message: string) {
    super('EngineRefusal', message);
    this.status = status;
  }
}

/** There is nothing of that name. */
export const isMissing = (error: unknown): boolean => error instanceof EngineRefusal && error.status === 404;
