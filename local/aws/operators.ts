import { createHash } from 'node:crypto';
import { AwsError, jsonAnswer, type WireAnswer } from './calls.ts';
import type { Operations, Work } from './endpoint.ts';

/** Calls a function by its name, and waits for its answer. @throws when it fails */
export type Invoke = (functionName: string, event: unknown) => Promise<unknown>;

/** What operators' commands ask of AWS and functions never do. */
export const operationsOfOperators = (invoke: Invoke): Operations => ({
  GetParametersByPath: ({ model, call: { input } }) => {
    const found = [...model.parameters].filter(([name]) => name.startsWith(`${input.Path}/`));
    return jsonAnswer({ Parameters: found.map(([Name, Value]) => ({ Name, Value, Type: 'String' })) });
  },

  ListQueues: ({ model, call: { input } }) => {
    const found = model.queues.filter(({ name }) => name.startsWith(input.QueueNamePrefix ?? ''));
    return jsonAnswer({ QueueUrls: found.map(({ url }) => url) });
  },

  GetQueueUrl: ({ model, call: { input } }) => {
    const queue = model.queues.find(({ name }) => name === input.QueueName);
    if (!queue) throw new AwsError('QueueDoesNotExist', 400, 'The specified queue does not exist.');
    return jsonAnswer({ QueueUrl: queue.url });
  },

  GetQueueAttributes: (work) => jsonAnswer({ Attributes: { ApproximateNumberOfMessages: String(work.messages.depth(queueOf(work), false).visible) } }),

  ReceiveMessage: (work) => {
    const { MaxNumberOfMessages = 1, VisibilityTimeout } = work.call.input;
    const received = work.messages.receive(queueOf(work), MaxNumberOfMessages, VisibilityTimeout);
    const Messages = received.map(({ messageId, receiptHandle, body, attributes, sentAt }) => ({
      MessageId: messageId,
      ReceiptHandle: receiptHandle,
      Body: body,
      MD5OfBody: createHash('md5').update(body).digest('hex'),
      Attributes: { SentTimestamp: String(sentAt) },
      MessageAttributes: attributes,
    }));
    return jsonAnswer({ Messages });
  },

  DeleteMessageBatch: (work) => {
    const entries = work.call.input.Entries as { Id: string; ReceiptHandle: string }[];
    work.messages.delete(queueOf(work), entries.map(({ ReceiptHandle }) => ReceiptHandle));
    return jsonAnswer({ Successful: entries.map(({ Id }) => ({ Id })), Failed: [] });
  },

  HeadObject: ({ buckets, call: { input } }) => {
    const [object] = buckets.stored(input.bucket, input.key, 1);
    if (!object || object.key !== input.key) throw new AwsError('NotFound', 404, 'Not Found');
    return { status: 200, headers: { etag: `"${object.etag}"`, 'last-modified': new Date(object.modifiedAt).toUTCString() }, body: '' };
  },

  Invoke: async ({ model, call: { input } }) => {
    if (!model.functions.some(({ name }) => name === input.functionName)) throw new AwsError('ResourceNotFoundException', 404, 'Function not found.');
    try {
      return answerOf(await invoke(input.functionName, input.event));
    } catch (error) {
      // Of its words nothing is told here: its log has them.
      return { ...answerOf({ errorType: (error as Error).name }), headers: { 'x-amz-function-error': 'Unhandled' } };
    }
  },
});

const answerOf = (answer: unknown): WireAnswer => ({ status: 200, headers: {}, body: JSON.stringify(answer ?? null) });

function queueOf({ queueArn }: Work): string {
  if (queueArn === '') throw new AwsError('QueueDoesNotExist', 400, 'The specified queue does not exist.');
  return queueArn;
}
