import { ApiError, validationError } from '../errors.ts';
import type { ServiceModel } from '../model.ts';
import { malformedXml } from './rest-decode.ts';
import type { Violation, Violations } from './violations.ts';

/** A service's own wording for inputs that break its model (CodeCommit's InvalidRepositoryNameException); undefined takes the common one. */
export type Refuse = (operation: string, violations: readonly Violation[]) => ApiError | undefined;

function invalidS3(violations: Violations): ApiError {
  const first = violations.list[0]!;
  if (first.kind === 'required' && first.location === undefined && !first.path.includes('.'))
    return new ApiError('MissingRequestBodyError', 'Request Body is empty', 400);
  if (first.location === undefined) return malformedXml();
  return new ApiError('InvalidArgument', first.message, 400);
}

/** How services of each protocol refuse what does not fit their model. */
export const refusal = {
  /** A value breaks a constraint. */
  invalid(model: ServiceModel, violations: Violations): ApiError {
    const message = violations.message()!;
    if (model.protocol === 'rest-xml') return invalidS3(violations);
    // https://docs.aws.amazon.com/sns/latest/api/CommonErrors.html: SNS alone says InvalidParameter.
    if (model.name === 'sns') return new ApiError('InvalidParameter', `Invalid parameter: ${message}`, 400);
    return model.protocol === 'query' ? new ApiError('ValidationError', message, 400) : validationError(message);
  },
  /** A value has another type. */
  unreadable(model: ServiceModel, error: ApiError): ApiError {
    if (model.protocol === 'rest-xml') return new ApiError('InvalidArgument', error.message, 400);
    return model.protocol === 'query' ? new ApiError('MalformedInput', error.message, 400) : error;
  },
};
