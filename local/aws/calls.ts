import { accountNumber, arnOf, region } from '../cloudformation.ts';
import { topicArn } from '../kafka/arns.ts';
import type { Ask } from './authority.ts';

/** A call of the AWS API, read from its wire format. */
export interface Call {
  readonly service: string;
  /** `PublishBatch` */
  readonly operation: string;
  // oxlint-disable-next-line no-explicit-any -- the shape of an input is AWS's, by its operation
  readonly input: any;
  /** What IAM must allow. */
  readonly asks: readonly Ask[];
  /** How errors and answers go back: JSON, or XML for SNS and S3. */
  readonly protocol: 'json' | 'rest-json' | 'rest-xml' | 'query';
}

/** An error that AWS answers with. */
export class AwsError extends Error {
  readonly status: number;

  constructor(code: string, status: number, message: string) {
    super(message);
    this.name = code;
    this.status = status;
  }
}

interface WireRequest {
  readonly method: string;
  readonly path: string;
  readonly query: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
}

/** How IAM names what an operation does; the others have the operation's own name. */
const actions: Readonly<Record<string, string>> = {
  PublishBatch: 'Publish',
  SendMessageBatch: 'SendMessage',
  DeleteMessageBatch: 'DeleteMessage',
  ChangeMessageVisibilityBatch: 'ChangeMessageVisibility',
};

/** Reads a call of the services that functions and operators use. @throws AwsError for any other */
export function readCall(service: string, request: WireRequest, identityArn: (address: string) => string): Call {
  switch (service) {
    case 'dynamodb':
      return readDynamoDb(request);
    case 'sqs':
      return readSqs(request);
    case 'sns':
      return readSns(request);
    case 'ses':
      return readSes(request, identityArn);
    case 's3':
      return readS3(request);
    case 'secretsmanager':
      return readSecretsManager(request);
    case 'kafka':
      return readKafka(request);
    case 'ssm':
      return readSsm(request);
    case 'lambda':
      return readLambda(request);
    default:
      throw new AwsError('UnknownOperationException', 404, `The local run has no ${service}.`);
  }
}

const targetOf = ({ headers }: WireRequest): string => String(headers['x-amz-target'] ?? '').replace(/^.*\./, '');
const action = (service: string, operation: string): string => `${service}:${actions[operation] ?? operation}`;

function readDynamoDb(request: WireRequest): Call {
  const operation = targetOf(request);
  const input = JSON.parse(request.body.toString()) as { TableName?: string; RequestItems?: Record<string, unknown> };
  const tables = input.TableName === undefined ? Object.keys(input.RequestItems ?? {}) : [input.TableName];
  const asks = tables.map((table) => ({ action: action('dynamodb', operation), resource: table }));
  return { service: 'dynamodb', operation, input, asks, protocol: 'json' };
}

function readSqs(request: WireRequest): Call {
  const operation = targetOf(request);
  const input = JSON.parse(request.body.toString()) as { QueueUrl?: string };
  return {
    service: 'sqs',
    operation,
    input,
    asks: [{ action: action('sqs', operation), resource: input.QueueUrl ?? '' }],
    protocol: 'json',
  };
}

/** A telephone number has no ARN, and the IAM simulator takes `*` for any topic: so it is one of no partition of AWS. */
export const telephone = `arn:none:sns:${region}:${accountNumber}:telephone-number`;

/** SNS speaks AWS's query protocol: a form whose names are paths. */
function readSns({ body }: WireRequest): Call {
  const form = new URLSearchParams(body.toString());
  const operation = form.get('Action') ?? '';
  const members = (prefix: string): string[] => {
    const numbers = [...form.keys()].flatMap((name) => new RegExp(`^${prefix}\\.(\\d+)\\.`).exec(name)?.[1] ?? []);
    return [...new Set(numbers)].map((number) => `${prefix}.${number}`);
  };
  const attributes = Object.fromEntries(
    members('MessageAttributes.entry').map((entry) => [form.get(`${entry}.Name`), form.get(`${entry}.Value.StringValue`)]),
  );
  const entries = members('PublishBatchRequestEntries.member').map((entry) => ({
    id: form.get(`${entry}.Id`) ?? '',
    message: form.get(`${entry}.Message`) ?? '',
  }));
  const topicArn = form.get('TopicArn');
  const input = { topicArn, phoneNumber: form.get('PhoneNumber'), message: form.get('Message'), attributes, entries };
  return { service: 'sns', operation, input, asks: [{ action: action('sns', operation), resource: topicArn ?? telephone }], protocol: 'query' };
}

function readSes({ path, body }: WireRequest, identityArn: (address: string) => string): Call {
  if (path !== '/v2/email/outbound-emails') throw new AwsError('NotFoundException', 404, 'The local run only sends e-mails.');
  const input = JSON.parse(body.toString()) as { FromEmailAddress: string };
  const ask = {
    action: 'ses:SendEmail',
    resource: identityArn(input.FromEmailAddress),
    context: { 'ses:FromAddress': input.FromEmailAddress },
  };
  return { service: 'ses', operation: 'SendEmail', input, asks: [ask], protocol: 'rest-json' };
}

/** S3 speaks REST: `/bucket/key`. */
function readS3({ method, path, query, body }: WireRequest): Call {
  const [, bucket = '', ...rest] = path.split('/');
  const key = decodeURIComponent(rest.join('/'));
  const arn = `arn:aws:s3:::${bucket}`;
  const parameters = new URLSearchParams(query);
  if (key === '' && method === 'GET' && parameters.get('list-type') === '2') {
    const prefix = parameters.get('prefix') ?? '';
    const after = parameters.get('continuation-token') ?? undefined;
    const asks = [{ action: 's3:ListBucket', resource: arn, context: { 's3:prefix': prefix } }];
    return { service: 's3', operation: 'ListObjectsV2', input: { bucket, prefix, after }, asks, protocol: 'rest-xml' };
  }
  const operation = { PUT: 'PutObject', GET: 'GetObject', DELETE: 'DeleteObject', HEAD: 'HeadObject' }[method];
  if (operation === undefined || key === '') throw new AwsError('NotImplemented', 501, `The local run has no ${method} of S3.`);
  const input = { bucket, key, content: body.toString() };
  // Whoever may read an object may look at it.
  const permission = operation === 'HeadObject' ? 'GetObject' : operation;
  return { service: 's3', operation, input, asks: [{ action: `s3:${permission}`, resource: `${arn}/${key}` }], protocol: 'rest-xml' };
}

function readSecretsManager(request: WireRequest): Call {
  const operation = targetOf(request);
  const input = JSON.parse(request.body.toString()) as { SecretId?: string };
  // Secrets Manager puts six characters of its own behind the name.
  const resource = arnOf('secretsmanager', `secret:${input.SecretId}-local0`);
  return { service: 'secretsmanager', operation, input, asks: [{ action: action('secretsmanager', operation), resource }], protocol: 'json' };
}

function readSsm(request: WireRequest): Call {
  const operation = targetOf(request);
  const input = JSON.parse(request.body.toString()) as { Path?: string };
  return { service: 'ssm', operation, input, asks: [{ action: action('ssm', operation), resource: arnOf('ssm', `parameter${input.Path}`) }], protocol: 'json' };
}

/** Lambda speaks REST: `/2015-03-31/functions/<name>/invocations`. */
function readLambda({ method, path, body }: WireRequest): Call {
  const name = /^\/2015-03-31\/functions\/([^/]+)\/invocations$/.exec(path)?.[1];
  if (method !== 'POST' || name === undefined) throw new AwsError('ResourceNotFoundException', 404, 'The local run only invokes functions.');
  const input = { functionName: decodeURIComponent(name), event: JSON.parse(body.toString() || 'null') as unknown };
  const resource = arnOf('lambda', `function:${input.functionName}`);
  return { service: 'lambda', operation: 'Invoke', input, asks: [{ action: 'lambda:InvokeFunction', resource }], protocol: 'rest-json' };
}

/** MSK's API speaks REST: `/v1/clusters/<arn>/topics/<name>`. What is done to a topic, MSK does by the rights of who asks. */
function readKafka({ method, path, body }: WireRequest): Call {
  const [, version, kind, ...rest] = path.split('/').map(decodeURIComponent);
  const [clusterArn = '', what = '', topic = ''] = rest;
  const asks = (operation: string, actions: readonly string[]): Ask[] => [
    { action: `kafka:${operation}`, resource: topicArn(clusterArn, topic) },
    { action: 'kafka-cluster:Connect', resource: clusterArn },
    ...actions.map((each) => ({ action: `kafka-cluster:${each}`, resource: topicArn(clusterArn, topic) })),
  ];
  const called = `${method} ${version} ${kind} ${what}`;
  if (called === 'GET v1 clusters bootstrap-brokers') {
    // IAM knows no resource for it.
    return { service: 'kafka', operation: 'GetBootstrapBrokers', input: { clusterArn }, asks: [{ action: 'kafka:GetBootstrapBrokers', resource: '*' }], protocol: 'rest-json' };
  }
  const describing = ['DescribeTopic', 'DescribeTopicDynamicConfiguration'];
  if (called === 'GET v1 clusters topics' && topic !== '') {
    return { service: 'kafka', operation: 'DescribeTopic', input: { clusterArn, topic }, asks: asks('DescribeTopic', describing), protocol: 'rest-json' };
  }
  if (called === 'PUT v1 clusters topics' && topic !== '') {
    const input = { clusterArn, topic, ...(JSON.parse(body.toString()) as object) };
    return { service: 'kafka', operation: 'UpdateTopic', input, asks: asks('UpdateTopic', [...describing, 'AlterTopic', 'AlterTopicDynamicConfiguration']), protocol: 'rest-json' };
  }
  throw new AwsError('NotFoundException', 404, `The local run has no ${method} ${path} of MSK.`);
}

/** An answer on the wire. */
export interface WireAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** How errors go back to who called a service. */
export const protocolOf = (service: string | undefined): Call['protocol'] => (service === 's3' ? 'rest-xml' : service === 'sns' ? 'query' : 'json');

/** What AWS answers to a signature whose time is too far from its own. */
export function clockSkew(service: string): AwsError {
  const what = 'Signature expired: its time is too far from the time of the server.';
  if (service === 's3') return new AwsError('RequestTimeTooSkewed', 403, 'The difference between the request time and the current time is too large.');
  return service === 'sns' ? new AwsError('SignatureDoesNotMatch', 403, what) : new AwsError('InvalidSignatureException', 400, what);
}

/** An error, as the SDK of the call's service expects it. */
export function errorAnswer(protocol: Call['protocol'], { name, status, message }: AwsError): WireAnswer {
  if (protocol === 'rest-xml') {
    return { status, headers: { 'content-type': 'application/xml' }, body: `<Error><Code>${name}</Code><Message>${xml(message)}</Message></Error>` };
  }
  if (protocol === 'query') {
    const body = `<ErrorResponse><Error><Type>Sender</Type><Code>${name}</Code><Message>${xml(message)}</Message></Error></ErrorResponse>`;
    return { status, headers: { 'content-type': 'text/xml' }, body };
  }
  return {
    status,
    headers: { 'content-type': 'application/x-amz-json-1.0', 'x-amzn-errortype': name },
    body: JSON.stringify({ __type: `com.amazonaws#${name}`, message }),
  };
}

/** An answer of SNS: a result in XML. */
export const queryAnswer = (operation: string, result: string): WireAnswer => ({
  status: 200,
  headers: { 'content-type': 'text/xml' },
  body: `<${operation}Response><${operation}Result>${result}</${operation}Result></${operation}Response>`,
});

export const jsonAnswer = (body: unknown): WireAnswer => ({
  status: 200,
  headers: { 'content-type': 'application/x-amz-json-1.0' },
  body: JSON.stringify(body),
});

export const xml = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
