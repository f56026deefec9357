import { createHash, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import type { Model } from '../model.ts';
import { accountNumber, region } from '../cloudformation.ts';
import type { Measures } from '../cloudwatch/measures.ts';
import { localCredentials, operatorsPath } from '../credentials.ts';
import type { Cluster } from '../kafka/cluster.ts';
import { topicArn } from '../kafka/arns.ts';
import { type Ask, type Authority, looksAtKeys, type Principal, roleOf } from './authority.ts';
import type { Buckets } from './buckets.ts';
import type { Bus } from './bus.ts';
import { AwsError, type Call, clockSkew, errorAnswer, jsonAnswer, protocolOf, queryAnswer, readCall, type WireAnswer, xml } from './calls.ts';
import { leadingKeysOf } from './leading-keys.ts';
import type { MessageAttributes, Messages } from './messages.ts';
import { type Meter, requestsOf } from './meter.ts';
import { type Invoke, operationsOfOperators } from './operators.ts';
import { type Outbox, readContext } from './outbox.ts';
import { skewedFor, verifySignature } from './signature.ts';
import type { Tables } from './tables.ts';

/** What a call gets in place of an answer: its connection is cut, or nothing ever comes. */
export type NoAnswer = 'hang up' | 'never answer';

/** Trouble to make, for tests: what AWS sometimes does. */
export interface Trouble {
  /**
   * Called with every call before it is done; throws what AWS is to answer, or says that nothing is done and nothing answered.
   *
   * @param headers of the request: by `amz-sdk-invocation-id` and `amz-sdk-request` the SDK tells which of its tries this is
   */
  before?(functionName: string, call: Call, headers: IncomingHttpHeaders): void | NoAnswer | Promise<void | NoAnswer>;
  /**
   * Whether an entry of a batch fails while its neighbours go through.
   *
   * @param entry of `PublishBatch` and `SendMessageBatch` the message, of `ChangeMessageVisibilityBatch` the receipt handle, of `BatchGetItem` the key as JSON
   */
  failsEntry?(functionName: string, entry: string, call: Call): boolean;
  /** Whether Lambda has no concurrency left for a function. */
  throttles?(functionName: string): boolean;
  /** Whether SNS cannot deliver to a queue, by its ARN. */
  refusesDelivery?(queueArn: string): boolean;
  /** When copies of a message that goes into a queue become visible, in milliseconds from now: SQS delivers at least once, in any order. One at once when left out. */
  deliveries?(queueArn: string, body: string): readonly number[];
  /** Arguments of Node for a function's next process, such as `--import` of what shifts its clock. */
  nodeArguments?(functionName: string): readonly string[];
  /** Called when a call was done, before its answer: throws to answer something else, or says that nothing is answered. */
  after?(functionName: string, call: Call, headers: IncomingHttpHeaders): void | NoAnswer;
}

export interface EndpointParts {
  readonly model: Model;
  readonly authority: Authority;
  readonly messages: Messages;
  readonly bus: Bus;
  readonly tables: Tables;
  readonly outbox: Outbox;
  readonly buckets: Buckets;
  /** The cluster of Kafka, when that is the bus. */
  readonly cluster: Cluster | undefined;
  /** Texts of the secrets of Secrets Manager, by name. */
  readonly secrets: ReadonlyMap<string, string>;
  readonly meter: Meter;
  readonly measures: Measures;
  readonly trouble: Trouble;
  /** Told of what would be a mistake in the templates or here: what IAM refuses, and what fails. */
  readonly report: (what: string) => void;
  readonly now: () => Date;
}

/** The AWS that functions call: one HTTP endpoint on loopback for SNS, SQS, DynamoDB, S3, Secrets Manager, SES and MSK. */
export interface Endpoint {
  readonly url: string;
  /** Credentials by which the endpoint knows which function calls. */
  credentialsOf(functionName: string): { readonly accessKeyId: string; readonly secretAccessKey: string };
  /** Who has an access key of a function, for the HTTP API. */
  callerOf(accessKeyId: string): Caller | undefined;
  /** The same AWS for operators, who may do everything, below `operatorsPath` of the local run's own origin. */
  forOperators(invoke: Invoke): RequestListener;
  close(): Promise<void>;
}

/** Who calls: a function by its role, or an operator, who may do everything. */
export interface Caller {
  readonly name: string;
  readonly secret: string;
  readonly role: Principal | undefined;
}

/** Callers by their access keys, where they call, and what can be done there. */
interface Side {
  readonly callers: ReadonlyMap<string, Caller>;
  /** What precedes the paths of AWS. */
  readonly prefix: string;
  readonly operations: Operations;
}

const operator: Caller = { name: 'operator', secret: localCredentials.secretAccessKey, role: undefined };

/** Starts the endpoint. It does nothing that the calling function's role is not allowed. */
export async function startEndpoint(parts: EndpointParts): Promise<Endpoint> {
  const { model, authority, trouble, now } = parts;
  const callers = new Map(
    model.functions.map((each, index): [string, Caller] => [`LOCALFUNCTION${index}`, { name: each.name, secret: randomUUID(), role: roleOf(each) }]),
  );
  const keyed = new Set(model.functions.flatMap((each) => (looksAtKeys(roleOf(each)) ? [each.name] : [])));
  const tableOf = new Map(model.tables.map((table) => [table.name, table]));
  const arnOfQueue = new Map(model.queues.map(({ url, arn }) => [url, arn]));
  const keyOfTopic = new Map(model.topics.map(({ arn, keyArn }) => [arn, keyArn]));
  const identityArn = (address: string) => `arn:aws:ses:${region}:${accountNumber}:identity/${address}`;

  const authorize = async ({ name, role }: Caller, call: Call): Promise<void> => {
    if (!role) return;
    const asks = call.asks.map((ask): Ask => {
      const table = tableOf.get(ask.resource);
      if (!table) return { ...ask, resource: arnOfQueue.get(ask.resource) ?? ask.resource };
      // Answers are kept by what is asked: keys are told to those alone whose policies look at them.
      return { ...ask, resource: table.arn, ...(keyed.has(name) && { context: { 'dynamodb:LeadingKeys': leadingKeysOf(call, table) } }) };
    });
    const keyArn = call.service === 'sns' ? keyOfTopic.get(call.input.topicArn) : undefined;
    const bySns = { 'kms:ViaService': `sns.${region}.amazonaws.com` };
    if (keyArn) asks.push(...['kms:GenerateDataKey', 'kms:Decrypt'].map((action) => ({ action, resource: keyArn, context: bySns })));
    for (const ask of asks) {
      if (await authority.allows(role, ask)) continue;
      const what = `The role of ${name} does not allow ${ask.action} on ${ask.resource}.`;
      parts.report(what);
      throw new AwsError(
        call.service === 'sns' ? 'AuthorizationError' : 'AccessDeniedException',
        call.service === 'dynamodb' ? 400 : 403,
        what,
      );
    }
  };

  const carryOut = (caller: Caller, call: Call, headers: IncomingMessage['headers'], operations: Operations): Promise<WireAnswer> | WireAnswer => {
    const operation = operations[call.service === 'dynamodb' ? 'dynamodb' : call.operation];
    if (!operation) throw new AwsError('UnknownOperationException', 400, `The local run has no ${call.service} ${call.operation}.`);
    return operation({ ...parts, caller, call, queueArn: arnOfQueue.get(call.input.QueueUrl) ?? '', headers });
  };

  const answer = async (side: Side, request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await buffer(request);
    const [path = '/', query = ''] = (request.url ?? '/').split('?');
    const signer = verifySignature(
      { method: request.method ?? '', path, query, headers: request.headers, body },
      (id) => side.callers.get(id)?.secret,
      region,
      now(),
    );
    const caller = side.callers.get(signer?.accessKeyId ?? '');
    let call: Call | undefined;
    let unsignedProtocol: Call['protocol'] = 'json';
    let result: WireAnswer;
    try {
      if (!signer || !caller) {
        const skewed = skewedFor(request, now());
        unsignedProtocol = protocolOf(skewed);
        throw skewed === undefined ? new AwsError('UnrecognizedClientException', 403, 'The request is not signed with credentials of the local run.') : clockSkew(skewed);
      }
      call = readCall(signer.service, { method: request.method ?? '', path: path.slice(side.prefix.length), query, headers: request.headers, body }, identityArn);
      await authorize(caller, call);
      const { headers } = request;
      let lost = caller.role && (await trouble.before?.(caller.name, call, headers));
      if (lost) return leave(request, lost);
      result = await carryOut(caller, call, headers, side.operations);
      lost = caller.role && trouble.after?.(caller.name, call, headers);
      if (lost) return leave(request, lost);
    } catch (error) {
      if (call?.service === 'dynamodb') measureRefusal(call, error, parts.measures);
      if (!(error instanceof AwsError)) parts.report(`The local AWS failed: ${String(error)}`);
      result = errorAnswer(call?.protocol ?? unsignedProtocol, error instanceof AwsError ? error : new AwsError('InternalFailure', 500, String(error)));
    }
    // With its length known the answer goes out in one piece; otherwise in chunks, which cost both sides a third more.
    const length = result.status === 204 ? {} : { 'content-length': Buffer.byteLength(result.body) };
    // By this date the SDK sets its own clock right.
    response.writeHead(result.status, { ...result.headers, ...length, 'x-amzn-requestid': randomUUID(), date: now().toUTCString() });
    response.end(result.body);
  };

  const listener =
    (side: Side): RequestListener =>
    (request, response) => {
      answer(side, request, response).catch(() => response.destroy());
    };
  const server = createServer(listener({ callers, prefix: '', operations }));
  server.keepAliveTimeout = 0;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    credentialsOf: (functionName) => {
      const [accessKeyId, { secret }] = [...callers].find(([, { name }]) => name === functionName) ?? ['', { secret: '' }];
      return { accessKeyId, secretAccessKey: secret };
    },
    callerOf: (accessKeyId) => callers.get(accessKeyId),
    forOperators: (invoke) =>
      listener({
        callers: new Map([[localCredentials.accessKeyId, operator]]),
        prefix: operatorsPath,
        operations: { ...operations, ...operationsOfOperators(invoke) },
      }),
    close: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

/** A call that is to be carried out. */
export interface Work extends EndpointParts {
  readonly caller: Caller;
  readonly call: Call;
  readonly queueArn: string;
  readonly headers: IncomingMessage['headers'];
}

/** S3 lists so many objects at once. */
const maxKeys = 1000;

/** What the endpoint does, by operation. */
export type Operations = Readonly<Record<string, (work: Work) => WireAnswer | Promise<WireAnswer>>>;

const operations: Operations = {
  dynamodb: (work) => (work.call.operation === 'BatchGetItem' && work.trouble.failsEntry ? readSome(work, work.trouble.failsEntry) : carryOn(work)),

  PublishBatch: ({ bus, meter, trouble, caller, call }) => {
    const { input, operation } = call;
    const entries = input.entries as { id: string; message: string }[];
    meter.add('SNS requests', requestsOf(entries.reduce((bytes, { message }) => bytes + Buffer.byteLength(message), 0)));
    const fates = Map.groupBy(entries, ({ message }) => trouble.failsEntry?.(caller.name, message, call) ?? false);
    const [failed, successful] = [fates.get(true) ?? [], fates.get(false) ?? []];
    bus.publish(
      input.topicArn,
      successful.map(({ message }) => message),
    );
    const successes = successful.map(({ id }) => `<member><Id>${id}</Id><MessageId>${randomUUID()}</MessageId></member>`);
    const failures = failed.map(({ id }) => `<member><Id>${id}</Id><Code>InternalError</Code><SenderFault>false</SenderFault></member>`);
    return queryAnswer(operation, `<Successful>${successes.join('')}</Successful><Failed>${failures.join('')}</Failed>`);
  },

  Publish: ({ bus, outbox, meter, now, call: { input, operation } }) => {
    meter.add('SNS requests', requestsOf(Buffer.byteLength(input.message)));
    if (input.phoneNumber) {
      const context = readContext(input.attributes['Loginward.Context']);
      outbox.add({ ...context, channel: 'sms', to: input.phoneNumber, text: input.message, sentAt: now().toISOString() });
    } else {
      bus.publish(input.topicArn, [input.message]);
    }
    return queryAnswer(operation, `<MessageId>${randomUUID()}</MessageId>`);
  },

  SendEmail: ({ outbox, now, call: { input } }) => {
    const { Subject, Body, Headers } = input.Content.Simple;
    const context = readContext(Headers?.find(({ Name }: { Name: string }) => Name === 'X-Loginward-Context')?.Value);
    const text = `${Subject.Data}\n\n${Body.Text.Data}`;
    outbox.add({ ...context, channel: 'email', to: input.Destination.ToAddresses[0], text, sentAt: now().toISOString() });
    return jsonAnswer({ MessageId: randomUUID() });
  },

  SendMessageBatch: ({ messages, meter, queueArn, trouble, caller, call }) => {
    const all = call.input.Entries as { Id: string; MessageBody: string; DelaySeconds?: number; MessageAttributes?: MessageAttributes }[];
    const fates = Map.groupBy(all, ({ MessageBody }) => trouble.failsEntry?.(caller.name, MessageBody, call) ?? false);
    const entries = fates.get(false) ?? [];
    meter.add('SQS requests', requestsOf(entries.reduce((bytes, { MessageBody }) => bytes + Buffer.byteLength(MessageBody), 0)));
    const ids = messages.send(
      entries.map(({ MessageBody: body, MessageAttributes: attributes, DelaySeconds: delaySeconds }) => ({
        queueArn,
        message: { body, attributes, delaySeconds },
      })),
    );
    const Successful = entries.map(({ Id, MessageBody }, index) => ({
      Id,
      MessageId: ids[index],
      MD5OfMessageBody: createHash('md5').update(MessageBody).digest('hex'),
    }));
    return jsonAnswer({ Successful, Failed: (fates.get(true) ?? []).map(failedEntry) });
  },

  PutObject: ({ buckets, call: { input } }) => {
    buckets.put(input.bucket, input.key, input.content);
    return { status: 200, headers: { etag: '"object"' }, body: '' };
  },

  GetObject: ({ buckets, call: { input } }) => {
    const content = buckets.get(input.bucket, input.key);
    if (content === undefined) throw new AwsError('NoSuchKey', 404, 'The specified key does not exist.');
    return { status: 200, headers: { 'content-type': 'application/json', etag: '"object"' }, body: content };
  },

  DeleteObject: ({ buckets, call: { input } }) => {
    buckets.delete(input.bucket, input.key);
    return { status: 204, headers: {}, body: '' };
  },

  ListObjectsV2: ({ buckets, call: { input } }) => {
    const found = buckets.stored(input.bucket, input.prefix, maxKeys, input.after);
    const contents = found.map(({ key, bytes, etag, modifiedAt }) => {
      const modified = new Date(modifiedAt).toISOString();
      return `<Contents><Key>${xml(key)}</Key><LastModified>${modified}</LastModified><ETag>"${etag}"</ETag><Size>${bytes}</Size></Contents>`;
    });
    const next = found.length === maxKeys ? `<IsTruncated>true</IsTruncated><NextContinuationToken>${xml(found.at(-1)?.key ?? '')}</NextContinuationToken>` : '<IsTruncated>false</IsTruncated>';
    const body = `<?xml version="1.0" encoding="UTF-8"?><ListBucketResult>${contents.join('')}${next}</ListBucketResult>`;
    return { status: 200, headers: { 'content-type': 'application/xml' }, body };
  },

  GetSecretValue: ({ secrets, call: { input } }) => {
    const secret = secrets.get(input.SecretId);
    if (secret === undefined) throw new AwsError('ResourceNotFoundException', 400, "Secrets Manager can't find the specified secret.");
    return jsonAnswer({ Name: input.SecretId, SecretString: secret });
  },

  GetBootstrapBrokers: (work) => jsonAnswer({ bootstrapBrokerStringSaslIam: clusterOf(work).brokers }),

  DescribeTopic: async (work) => {
    const { clusterArn, topic } = work.call.input;
    const partitionCount = await partitionsOf(work);
    return jsonAnswer({ topicArn: topicArn(clusterArn, topic), topicName: topic, partitionCount, status: 'ACTIVE' });
  },

  UpdateTopic: async (work) => {
    const { clusterArn, topic, partitionCount, configs } = work.call.input;
    if (configs !== undefined) throw new AwsError('BadRequestException', 400, 'The local run only changes the partitions of a topic.');
    const partitions = await partitionsOf(work);
    if (partitionCount < partitions) throw new AwsError('BadRequestException', 400, `${topic} has ${partitions} partitions, and they cannot be lowered.`);
    if (partitionCount > partitions) await clusterOf(work).raisePartitions(topic, partitionCount);
    return jsonAnswer({ topicArn: topicArn(clusterArn, topic), topicName: topic, status: 'UPDATING' });
  },

  ChangeMessageVisibilityBatch: ({ messages, meter, queueArn, trouble, caller, call }) => {
    meter.add('SQS requests', 1);
    const all = call.input.Entries as { Id: string; ReceiptHandle: string; VisibilityTimeout: number }[];
    const fates = Map.groupBy(all, ({ ReceiptHandle }) => trouble.failsEntry?.(caller.name, ReceiptHandle, call) ?? false);
    const entries = fates.get(false) ?? [];
    const isHeld = new Map(
      entries.map(({ Id, ReceiptHandle, VisibilityTimeout }) => [Id, messages.changeVisibility(queueArn, ReceiptHandle, VisibilityTimeout)]),
    );
    const entriesThat = (held: boolean) => entries.filter(({ Id }) => isHeld.get(Id) === held);
    return jsonAnswer({
      Successful: entriesThat(true).map(({ Id }) => ({ Id })),
      Failed: [...entriesThat(false).map(({ Id }) => ({ Id, Code: 'ReceiptHandleIsInvalid', SenderFault: true })), ...(fates.get(true) ?? []).map(failedEntry)],
    });
  },
};

const failedEntry = ({ Id }: { readonly Id: string }) => ({ Id, Code: 'InternalError', SenderFault: false });

const carryOn = ({ tables, call, headers, meter, measures }: Work): Promise<WireAnswer> => tables.call(call, headers, meter, measures);

/** Reads the keys that do not fail; the others stay unprocessed, as when a table is throttled. */
async function readSome(work: Work, failsEntry: NonNullable<Trouble['failsEntry']>): Promise<WireAnswer> {
  const { caller, call } = work;
  const requested = Object.entries(call.input.RequestItems as Record<string, { Keys: object[] }>);
  const fails = (key: object) => failsEntry(caller.name, JSON.stringify(key), call);
  const parts = requested.map(([table, { Keys, ...rest }]) => ({ table, rest, fates: Map.groupBy(Keys, fails) }));
  const itemsOf = (failed: boolean) => Object.fromEntries(parts.flatMap(({ table, rest, fates }) => (fates.has(failed) ? [[table, { ...rest, Keys: fates.get(failed) }]] : [])));
  const [RequestItems, UnprocessedKeys] = [itemsOf(false), itemsOf(true)];
  if (Object.keys(UnprocessedKeys).length === 0) return carryOn(work);
  if (Object.keys(RequestItems).length === 0) return jsonAnswer({ Responses: {}, UnprocessedKeys });
  const answer = await carryOn({ ...work, call: { ...call, input: { ...call.input, RequestItems } } });
  // Its checksum is of the whole answer, which this no longer is.
  return answer.status === 200 ? jsonAnswer({ ...(JSON.parse(answer.body) as object), UnprocessedKeys }) : answer;
}

/** Leaves a call without an answer. One that is never answered keeps its connection until the caller has waited for long enough. */
function leave({ socket }: IncomingMessage, how: NoAnswer): void {
  if (how === 'hang up') socket.destroy();
}

/** A call that was throttled, or that DynamoDB failed at; what the caller did wrong is no trouble of the table's. */
function measureRefusal({ operation, asks }: Call, error: unknown, measures: Measures): void {
  const { name, status } = error instanceof AwsError ? error : { name: '', status: 500 };
  const what = /Throttl|ThroughputExceeded/.test(name) ? 'ThrottledRequests' : status >= 500 ? 'SystemErrors' : undefined;
  if (what) for (const { resource } of asks) measures.refused(resource, operation, what);
}

function clusterOf({ cluster, model, call: { input } }: Work): Cluster {
  if (!cluster || input.clusterArn !== model.kafka?.arn) throw new AwsError('NotFoundException', 404, `There is no cluster ${input.clusterArn}.`);
  return cluster;
}

async function partitionsOf(work: Work): Promise<number> {
  const { topic } = work.call.input;
  const count = await clusterOf(work).partitionsOf(topic);
  if (count === undefined) throw new AwsError('NotFoundException', 404, `There is no topic ${topic}.`);
  return count;
}
