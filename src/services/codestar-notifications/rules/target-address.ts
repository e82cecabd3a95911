import { parseArn } from '../../../kernel/arn.ts';
import { errors, type Target } from '../api.gen.ts';

/** Webhooks have the types of AWS's chat clients: what is posted has the shape that the product takes. */
const WEBHOOKS = ['AWSChatbotSlack', 'AWSChatbotMicrosoftTeams'] as const;
export type TargetType = 'SNS' | (typeof WEBHOOKS)[number];

export interface TargetAddress {
  readonly type: TargetType;
  readonly address: string;
  /** A webhook's URL is a secret: whoever has it can write there. */
  readonly secret: boolean;
}

function isWebhook(type: string): type is (typeof WEBHOOKS)[number] {
  return (WEBHOOKS as readonly string[]).includes(type);
}

/** Where a rule sends to. Throws ValidationException for other types, other places, and addresses that do not fit their type. */
export function checkTarget({ TargetType: type = 'SNS', TargetAddress: address = '' }: Target, account: string): TargetAddress {
  if (type === 'SNS') {
    const arn = parseArn(address);
    if (arn?.service !== 'sns' || arn.resource.includes(':'))
      throw errors.ValidationException('The target address is not the ARN of an SNS topic.');
    if (arn.account !== account) throw errors.ValidationException('The target belongs to another account.');
    return { type, address, secret: false };
  }
  if (!isWebhook(type)) throw errors.ValidationException(`The target type ${type} is not one of SNS, ${WEBHOOKS.join(', ')}.`);
  // A reason that repeats the address would show it.
  if (!/^https?:\/\//.test(address) || !URL.canParse(address))
    throw errors.ValidationException(
      `The address of a target of type ${type} must be the http(s) URL of an incoming webhook: there are no chat clients of AWS here.`,
    );
  return { type, address, secret: true };
}

/** How a webhook is shown and may be named again: where it is, and which one. `hash` is hex. */
export function masked(address: string, hash: string): string {
  return `${new URL(address).origin}/****${hash.slice(0, 12)}`;
}
