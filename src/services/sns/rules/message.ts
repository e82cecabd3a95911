import { isObject } from '../../../kernel/json.ts';
import { errors, type MessageAttributeMap, type MessageAttributeValue } from '../api.gen.ts';

/** An attribute as the documents show it; binary values in base64. */
export type MessageAttribute = { readonly Type: string; readonly Value: string };

/** What was published, checked. */
export interface Message {
  readonly subject?: string;
  /** What protocols get that have no text of their own. */
  readonly text: string;
  /** MessageStructure json: the texts of single protocols. */
  readonly texts: Readonly<Record<string, string>>;
  readonly attributes: Readonly<Record<string, MessageAttribute>>;
}

export interface Publication {
  readonly Message: string;
  readonly Subject?: string;
  readonly MessageStructure?: string;
  readonly MessageAttributes?: MessageAttributeMap;
  readonly MessageDeduplicationId?: string;
}

/** https://docs.aws.amazon.com/sns/latest/api/API_Publish.html: message and attributes together, bytes. */
export const LARGEST = 256 * 1024;
const LONGEST_SUBJECT = 100;

export function invalidParameter(what: string): Error {
  return errors.InvalidParameterException(`Invalid parameter: ${what}`);
}

function invalidAttribute(what: string): Error {
  return errors.InvalidParameterValueException(what);
}

/** Printable ASCII that begins with no blank: what AWS lets into a subject line. */
function checkSubject(subject: string): void {
  if (subject.length > LONGEST_SUBJECT || !/^[!-~][ -~]*$/.test(subject)) throw invalidParameter('Subject');
}

function textsOf(message: string): Readonly<Record<string, string>> {
  let value: unknown;
  try {
    value = JSON.parse(message);
  } catch {
    throw invalidParameter('Message Structure - JSON message body failed to parse');
  }
  if (!isObject(value)) throw invalidParameter('Message Structure - JSON message body failed to parse');
  if (typeof value['default'] !== 'string') throw invalidParameter('Message Structure - No default entry in JSON message body');
  return Object.fromEntries(Object.entries(value).filter((entry): entry is [string, string] => typeof entry[1] === 'string'));
}

function isList(text: string): boolean {
  try {
    return Array.isArray(JSON.parse(text));
  } catch {
    return false;
  }
}

function attribute(name: string, { DataType, StringValue, BinaryValue }: MessageAttributeValue): MessageAttribute {
  const [kind] = DataType.split('.');
  if (kind !== 'String' && kind !== 'Number' && kind !== 'Binary')
    throw invalidAttribute(
      `The message attribute '${name}' has an invalid message attribute type, the set of supported type prefixes is Binary, Number, and String.`,
    );
  const value = kind === 'Binary' ? BinaryValue && Buffer.from(BinaryValue).toString('base64') : StringValue;
  if (!value)
    throw invalidAttribute(
      `The message attribute '${name}' must contain non-empty message attribute value for message attribute type '${DataType}'.`,
    );
  if (kind === 'Number' && !/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(value))
    throw invalidAttribute(`Could not cast message attribute '${name}' value to number.`);
  if (DataType === 'String.Array' && !isList(value)) throw invalidAttribute(`The message attribute '${name}' is no JSON array.`);
  return { Type: DataType, Value: value };
}

/** Letters, digits, `_`, `-` and single dots within; https://docs.aws.amazon.com/sns/latest/dg/sns-message-attributes.html */
function isAttributeName(name: string): boolean {
  return name.length <= 256 && /^[\w-]+(\.[\w-]+)*$/.test(name) && !/^(aws|amazon)\./i.test(name);
}

function attributesOf(given: MessageAttributeMap): Readonly<Record<string, MessageAttribute>> {
  return Object.fromEntries(
    Object.entries(given).map(([name, value]) => {
      if (!isAttributeName(name)) throw invalidAttribute(`Invalid message attribute name: ${name}`);
      return [name, attribute(name, value)] as const;
    }),
  );
}

/** The bytes that count against the limit. */
export function sizeOf({ Message, MessageAttributes = {} }: Publication): number {
  let size = Buffer.byteLength(Message);
  for (const [name, { DataType, StringValue = '', BinaryValue }] of Object.entries(MessageAttributes))
    size += Buffer.byteLength(name) + Buffer.byteLength(DataType) + Buffer.byteLength(StringValue) + (BinaryValue?.byteLength ?? 0);
  return size;
}

/** Checks what is published to a topic, in AWS's words. Throws InvalidParameter and ParameterValueInvalid. */
export function checkMessage(publication: Publication): Message {
  const { Message: message, Subject, MessageStructure, MessageAttributes = {}, MessageDeduplicationId } = publication;
  if (message === '') throw invalidParameter('Empty message');
  if (sizeOf(publication) > LARGEST) throw invalidParameter('Message too long');
  if (Subject !== undefined) checkSubject(Subject);
  if (MessageStructure !== undefined && MessageStructure !== 'json') throw invalidParameter('MessageStructure');
  if (MessageDeduplicationId !== undefined)
    throw invalidParameter(
      'MessageDeduplicationId Reason: The request includes MessageDeduplicationId parameter that is not valid for this topic type',
    );
  const texts = MessageStructure === 'json' ? textsOf(message) : { default: message };
  const { default: text, ...others } = texts;
  return { ...(Subject !== undefined && { subject: Subject }), text: text!, texts: others, attributes: attributesOf(MessageAttributes) };
}
