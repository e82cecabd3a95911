import { ApiError } from '../../../protocol/errors.ts';
import { errors, type Api, type BatchResultErrorEntry, type PublishBatchRequestEntryList } from '../api.gen.ts';
import { publishWrites } from '../delivery/outgoing.ts';
import { checkMessage, invalidParameter, LARGEST, sizeOf, type Message } from '../rules/message.ts';
import { requireTopic, type OperationTools } from '../tools.ts';

type Operations = Pick<Api, 'publish' | 'publishBatch'>;

const MOST_ENTRIES = 10;

function checkBatch(entries: PublishBatchRequestEntryList): void {
  if (entries.length === 0) throw errors.EmptyBatchRequestException("The batch request doesn't contain any entries.");
  if (entries.length > MOST_ENTRIES)
    throw errors.TooManyEntriesInBatchRequestException('The batch request contains more entries than permissible.');
  if (new Set(entries.map(({ Id }) => Id)).size < entries.length)
    throw errors.BatchEntryIdsNotDistinctException('Two or more batch entries in the request have the same Id.');
  if (entries.some(({ Id }) => !/^[\w-]{1,80}$/.test(Id)))
    throw errors.InvalidBatchEntryIdException("The Id of a batch entry in a batch request doesn't abide by the specification.");
  if (entries.reduce((sum, entry) => sum + sizeOf(entry), 0) > LARGEST)
    throw errors.BatchRequestTooLongException('The length of all the batch messages put together is more than the limit.');
}

export function publishOperations(tools: OperationTools): Operations {
  return {
    async publish(input, ctx) {
      const { TopicArn, TargetArn, PhoneNumber } = input;
      const arn = TopicArn ?? TargetArn;
      if (PhoneNumber !== undefined) throw invalidParameter('PhoneNumber Reason: Pipewright sends no text messages');
      if (arn === undefined) throw invalidParameter('TopicArn or TargetArn Reason: no value for required parameter');
      const message = checkMessage(input);
      const topic = await requireTopic(tools, ctx, arn, TopicArn === undefined ? 'TargetArn' : 'TopicArn');
      const [published] = await publishWrites(tools, topic, [message]);
      await tools.commits.commit(published!.writes);
      return { MessageId: published!.messageId };
    },

    async publishBatch({ TopicArn, PublishBatchRequestEntries: entries }, ctx) {
      checkBatch(entries);
      const topic = await requireTopic(tools, ctx, TopicArn);
      const good: { readonly Id: string; readonly message: Message }[] = [];
      const Failed: BatchResultErrorEntry[] = [];
      for (const entry of entries) {
        try {
          good.push({ Id: entry.Id, message: checkMessage(entry) });
        } catch (error) {
          if (!(error instanceof ApiError)) throw error;
          Failed.push({ Id: entry.Id, Code: error.code, Message: error.message, SenderFault: true });
        }
      }
      const published = await publishWrites(
        tools,
        topic,
        good.map(({ message }) => message),
      );
      await tools.commits.commit(published.flatMap(({ writes }) => writes));
      return { Successful: good.map(({ Id }, index) => ({ Id, MessageId: published[index]!.messageId })), Failed };
    },
  };
}
