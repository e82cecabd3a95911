import { isObject } from '../../../kernel/json.ts';
import { invalidParameter } from './message.ts';
import { parsePolicy } from './policy.ts';
import { topicPolicy } from './retry.ts';

export type Attributes = Readonly<Record<string, string>>;

const LONGEST_NAME = 256;
/** Where delivery statuses would be logged: kept and shown, as AWS's templates set them. */
const FEEDBACK = /^(HTTP|Firehose|Lambda|SQS|Application)(Success|Failure)Feedback(RoleArn|SampleRate)$/;

const nothing = (): void => undefined;

function fifoOnly(name: string): (value: string) => void {
  return (value) => {
    if (value !== 'false') throw invalidParameter(`Attributes Reason: Pipewright has no FIFO topics yet, so ${name} must stay away`);
  };
}

const CHECKS: Readonly<Record<string, (value: string) => void>> = {
  Policy: (value) => void parsePolicy(value),
  DisplayName(value) {
    if (value.length > 100 || /[\r\n]/.test(value)) throw invalidParameter('DisplayName');
  },
  DeliveryPolicy: (value) => void (value === '' || topicPolicy(value)),
  KmsMasterKeyId: nothing,
  SignatureVersion(value) {
    if (value !== '1' && value !== '2') throw invalidParameter('SignatureVersion Reason: it must be 1 or 2');
  },
  TracingConfig(value) {
    if (value !== 'PassThrough' && value !== 'Active') throw invalidParameter('TracingConfig');
  },
  FifoTopic: fifoOnly('FifoTopic'),
  ContentBasedDeduplication: fifoOnly('ContentBasedDeduplication'),
  FifoThroughputScope: fifoOnly('FifoThroughputScope'),
  ArchivePolicy: fifoOnly('ArchivePolicy'),
};

/** Throws InvalidParameter for an attribute that topics do not have, and for a value that does not fit it. */
export function checkTopicAttribute(name: string, value: string): void {
  const check = Object.hasOwn(CHECKS, name) ? CHECKS[name] : undefined;
  if (!check && !FEEDBACK.test(name)) throw invalidParameter('AttributeName');
  check?.(value);
}

/** Throws InvalidParameter. */
export function checkTopicName(name: string): void {
  if (name.endsWith('.fifo')) throw invalidParameter('Topic Name Reason: Pipewright has no FIFO topics yet');
  if (name.length > LONGEST_NAME || !/^[\w-]+$/.test(name)) throw invalidParameter('Topic Name');
}

/** What is kept of the attributes given to a new topic. */
export function newTopicAttributes(given: Attributes): Attributes {
  for (const [name, value] of Object.entries(given)) checkTopicAttribute(name, value);
  return without(given, ['FifoTopic', 'ContentBasedDeduplication']);
}

function without(attributes: Attributes, names: readonly string[]): Attributes {
  return Object.fromEntries(Object.entries(attributes).filter(([name, value]) => value !== '' && !names.includes(name)));
}

/** The attributes with one of them set, or taken away by an empty value. */
export function withAttribute(attributes: Attributes, name: string, value: string): Attributes {
  return value === '' ? without(attributes, [name]) : { ...attributes, [name]: value };
}

/** Attributes as they are stored. */
export function parseAttributes(text: string): Attributes {
  const value: unknown = JSON.parse(text);
  if (!isObject(value)) throw new TypeError('stored attributes are no object');
  return value as Attributes;
}
