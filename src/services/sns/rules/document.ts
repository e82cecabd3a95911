import type { JsonObject } from '../../../kernel/json.ts';
import type { MessageAttribute } from './message.ts';

interface Common {
  readonly messageId: string;
  readonly topicArn: string;
  /** Epoch ms. */
  readonly time: number;
}

/** What is delivered, before it is somebody's: the sealed body of a delivery. */
export type Outgoing =
  | (Common & {
      readonly type: 'Notification';
      readonly subject?: string;
      readonly text: string;
      readonly texts: Readonly<Record<string, string>>;
      readonly attributes: Readonly<Record<string, MessageAttribute>>;
    })
  | (Common & { readonly type: 'SubscriptionConfirmation'; readonly token: string });

/** The addresses of this server that a document names. */
export interface Links {
  readonly subscribe: string;
  readonly unsubscribe: string;
  readonly certificate: string;
}

/** https://docs.aws.amazon.com/sns/latest/dg/sns-verify-signature-of-message.html: the members that are signed, in this order. */
const SIGNED = ['Message', 'MessageId', 'Subject', 'SubscribeURL', 'Timestamp', 'Token', 'TopicArn', 'Type'];

/** The text that is signed: each member's name and value on lines of their own. */
export function stringToSign(document: JsonObject): string {
  return SIGNED.filter((name) => typeof document[name] === 'string')
    .map((name) => `${name}\n${document[name] as string}\n`)
    .join('');
}

/** The text of a notification for one protocol. */
export function textFor(outgoing: Outgoing & { type: 'Notification' }, protocol: string): string {
  return Object.hasOwn(outgoing.texts, protocol) ? outgoing.texts[protocol]! : outgoing.text;
}

function confirmationText(topicArn: string): string {
  return `You have been asked to confirm a subscription to the topic ${topicArn}.\nTo confirm it, visit the SubscribeURL of this message.`;
}

/** AWS's JSON document, unsigned: https://docs.aws.amazon.com/sns/latest/dg/sns-message-and-json-formats.html */
export function documentOf(outgoing: Outgoing, protocol: string, links: Links, signatureVersion: string): JsonObject {
  const { type: Type, messageId: MessageId, topicArn: TopicArn, time } = outgoing;
  const common = { Timestamp: new Date(time).toISOString(), SignatureVersion: signatureVersion, SigningCertURL: links.certificate };
  if (outgoing.type === 'SubscriptionConfirmation')
    return {
      Type,
      MessageId,
      Token: outgoing.token,
      TopicArn,
      Message: confirmationText(TopicArn),
      SubscribeURL: links.subscribe,
      ...common,
    };
  const { subject: Subject, attributes } = outgoing;
  return {
    Type,
    MessageId,
    TopicArn,
    ...(Subject !== undefined && { Subject }),
    Message: textFor(outgoing, protocol),
    ...common,
    UnsubscribeURL: links.unsubscribe,
    ...(Object.keys(attributes).length > 0 && { MessageAttributes: attributes }),
  };
}
