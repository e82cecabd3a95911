import type { SecretBox } from '../../ports/secrets.ts';
import type { ServiceTools } from '../../protocol/service.ts';

/** What the parts of this service work with. */
export interface IamTools extends ServiceTools {
  readonly secrets: SecretBox;
}
