import { PipewrightError } from '../kernel/errors.ts';

/** An error a client sees: code, message, HTTP status, and the members the model declares for it. */
export class ApiError extends PipewrightError {
  readonly status: number;
  readonly fault: 'client' | 'server';
  readonly fields: Readonly<Record<string, unknown>>;
  /** Response headers, lower case: what a 304 or a delete marker tells (S3). */
  readonly headers: Readonly<Record<string, string>>;
  constructor(
    code: string,
    message: string,
    status = 400,
    fields: Readonly<Record<string, unknown>> = {},
    headers: Readonly<Record<string, string>> = {},
  ) {
    super(code, message);
    this.headers = headers;
    this.name = code;
    this.status = status;
    this.fault = status >= 500 ? 'server' : 'client';
    this.fields = fields;
  }
}

/** The uniform answer of an operation that AWS has and we do not have yet. */
export function notImplemented(service: string, operation: string): ApiError {
  return new ApiError('NotImplementedException', `Pipewright does not implement ${service}:${operation} yet.`, 501);
}

/** AWS's common error for input that breaks the model. */
export function validationError(message: string): ApiError {
  return new ApiError('ValidationException', message, 400);
}

export function accessDenied(message: string): ApiError {
  return new ApiError('AccessDeniedException', message, 400);
}
