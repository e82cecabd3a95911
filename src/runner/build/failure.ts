/** A phase failed through what the user gave us: AWS's status code and message, as they stand in the phase's context. */
export class PhaseFailure extends Error {
  readonly statusCode: string;
  constructor(statusCode: string, message: string) {
    super(message);
    this.name = 'PhaseFailure';
    this.statusCode = statusCode;
  }
}

export const clientError = (message: string): PhaseFailure => new PhaseFailure('CLIENT_ERROR', message);
