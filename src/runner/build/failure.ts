/** A phase failed through what the user gave us: AWS's status code and message, as they stand in the phase's context. */
export class PhaseFailure extends Error {
  readonly statusCode: string;
  /** The end of what the failed command wrote. */
  readonly output: string;
  constructor(statusCode: string, message: string, output = '') {
    super(message);
    this.name = 'PhaseFailure';
    this.statusCode = statusCode;
    this.output = output;
  }
}

export const clientError = (message: string): PhaseFailure => new PhaseFailure('CLIENT_ERROR', message);
