import { ApiError } from './errors.ts';

/** Makes one kind of error that a model declares; `fields` are its members beyond the message. */
export type ModelError<Fields extends object = object> = (message: string, fields?: Partial<Fields>) => ApiError;

/** `code` is the code on the wire (which the query protocol may name otherwise than the shape). */
export function modelError<Fields extends object = object>(code: string, status: number): ModelError<Fields> {
  return (message, fields = {}) => new ApiError(code, message, status, fields as Readonly<Record<string, unknown>>);
}
