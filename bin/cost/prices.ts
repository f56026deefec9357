/**
 * What AWS asks, on demand, before taxes, free tiers and discounts. This is the one place with prices; AWS changes them, so compare with its pages before you
 * decide by them. AWS's pages fill in their tables by script, so each price says where it was read.
 *
 * `page`: on AWS's own page or document; `quoted`: in a text that quotes AWS's page or price list; `unread`: as commonly known, found in neither.
 */
export const pricesOf = '2026-11-21';

/** Where a price was read. */
export type Confirmation = 'page' | 'quoted' | 'unread';

export interface Price {
  /** Dollars for one. */
  readonly dollars: number;
  readonly confirmed: Confirmation;
}

/** What AWS asks for, with the page that has its price. */
export const items = {
  apiRequest: { service: 'API Gateway', what: 'requests', page: 'https://aws.amazon.com/api-gateway/pricing/' },
  lambdaRequest: { service: 'Lambda', what: 'requests', page: 'https://aws.amazon.com/lambda/pricing/' },
  lambdaGbSecond: { service: 'Lambda', what: 'GB-seconds on arm64', page: 'https://aws.amazon.com/lambda/pricing/' },
  snsRequest: { service: 'SNS', what: 'requests of 64 KiB', page: 'https://aws.amazon.com/sns/pricing/' },
  sqsRequest: { service: 'SQS', what: 'requests of 64 KiB', page: 'https://aws.amazon.com/sqs/pricing/' },
  writeUnit: { service: 'DynamoDB', what: 'write units', page: 'https://aws.amazon.com/dynamodb/pricing/on-demand/' },
  readUnit: { service: 'DynamoDB', what: 'read units', page: 'https://aws.amazon.com/dynamodb/pricing/on-demand/' },
  tableGbMonth: { service: 'DynamoDB', what: 'GB-months of storage', page: 'https://aws.amazon.com/dynamodb/pricing/on-demand/' },
  backupGbMonth: { service: 'DynamoDB', what: 'GB-months of point-in-time recovery', page: 'https://aws.amazon.com/dynamodb/pricing/on-demand/' },
  logGb: { service: 'CloudWatch', what: 'GB of logs', page: 'https://aws.amazon.com/cloudwatch/pricing/' },
  logGbMonth: { service: 'CloudWatch', what: 'GB-months of logs kept', page: 'https://aws.amazon.com/cloudwatch/pricing/' },
  metricMonth: { service: 'CloudWatch', what: 'metrics of our own', page: 'https://aws.amazon.com/cloudwatch/pricing/' },
  alarmMonth: { service: 'CloudWatch', what: 'metrics that alarms watch', page: 'https://aws.amazon.com/cloudwatch/pricing/' },
  compositeAlarmMonth: { service: 'CloudWatch', what: 'composite alarms', page: 'https://aws.amazon.com/cloudwatch/pricing/' },
  dashboardMonth: { service: 'CloudWatch', what: 'dashboards', page: 'https://aws.amazon.com/cloudwatch/pricing/' },
  trace: { service: 'X-Ray', what: 'traces', page: 'https://aws.amazon.com/xray/pricing/' },
  keyMonth: { service: 'KMS', what: 'keys', page: 'https://aws.amazon.com/kms/pricing/' },
  keyRequest: { service: 'KMS', what: 'requests', page: 'https://aws.amazon.com/kms/pricing/' },
  secretMonth: { service: 'Secrets Manager', what: 'secrets', page: 'https://aws.amazon.com/secrets-manager/pricing/' },
  email: { service: 'SES', what: 'e-mails', page: 'https://aws.amazon.com/ses/pricing/' },
  brokerHour: { service: 'MSK', what: 'hours of kafka.m7g.large', page: 'https://aws.amazon.com/msk/pricing/' },
  brokerGbMonth: { service: 'MSK', what: 'GB-months of broker storage', page: 'https://aws.amazon.com/msk/pricing/' },
  pollerHour: { service: 'Lambda', what: 'hours of event poller units', page: 'https://aws.amazon.com/lambda/pricing/' },
  endpointHour: { service: 'VPC', what: 'hours of interface endpoints', page: 'https://aws.amazon.com/privatelink/pricing/' },
} as const;

export type Item = keyof typeof items;
export type Region = 'us-east-1' | 'ap-northeast-2';

const million = 1e6;
const price = (dollars: number, confirmed: Confirmation): Price => ({ dollars, confirmed });

const virginia: Readonly<Record<Item, Price>> = {
  // The first 300 million of a month; the others cost $0.90.
  apiRequest: price(1 / million, 'page'),
  lambdaRequest: price(0.2 / million, 'quoted'),
  // The first 7.5 thousand million of a month.
  lambdaGbSecond: price(0.0000133334, 'quoted'),
  snsRequest: price(0.5 / million, 'quoted'),
  sqsRequest: price(0.4 / million, 'quoted'),
  // Halved by AWS in November 2024.
  writeUnit: price(0.625 / million, 'quoted'),
  readUnit: price(0.125 / million, 'quoted'),
  tableGbMonth: price(0.25, 'page'),
  backupGbMonth: price(0.2, 'quoted'),
  logGb: price(0.5, 'quoted'),
  logGbMonth: price(0.03, 'quoted'),
  // The first 10,000.
  metricMonth: price(0.3, 'quoted'),
  alarmMonth: price(0.1, 'quoted'),
  compositeAlarmMonth: price(0.5, 'quoted'),
  dashboardMonth: price(3, 'quoted'),
  trace: price(5 / million, 'page'),
  keyMonth: price(1, 'quoted'),
  keyRequest: price(0.03 / 10_000, 'quoted'),
  secretMonth: price(0.4, 'quoted'),
  email: price(0.1 / 1000, 'quoted'),
  // As in the decision on which bus to choose.
  brokerHour: price(0.204, 'unread'),
  brokerGbMonth: price(0.1, 'unread'),
  pollerHour: price(0.185, 'unread'),
  endpointHour: price(0.01, 'unread'),
};

/** Dollars for one, by region. */
export const prices: Readonly<Record<Region, Readonly<Record<Item, Price>>>> = {
  'us-east-1': virginia,
  'ap-northeast-2': {
    apiRequest: price(1.23 / million, 'unread'),
    lambdaRequest: price(0.2 / million, 'quoted'),
    lambdaGbSecond: price(0.0000133334, 'unread'),
    snsRequest: price(0.5 / million, 'unread'),
    sqsRequest: price(0.4 / million, 'unread'),
    writeUnit: price(0.68 / million, 'quoted'),
    readUnit: price(0.1355 / million, 'quoted'),
    tableGbMonth: price(0.27075, 'unread'),
    backupGbMonth: price(0.2166, 'unread'),
    logGb: price(0.76, 'quoted'),
    logGbMonth: price(0.0314, 'quoted'),
    metricMonth: price(0.3, 'quoted'),
    alarmMonth: price(0.1, 'quoted'),
    compositeAlarmMonth: price(0.5, 'quoted'),
    dashboardMonth: price(3, 'unread'),
    trace: price(5 / million, 'unread'),
    keyMonth: price(1, 'unread'),
    keyRequest: price(0.03 / 10_000, 'unread'),
    secretMonth: price(0.4, 'unread'),
    email: price(0.1 / 1000, 'unread'),
    brokerHour: price(0.251, 'unread'),
    brokerGbMonth: price(0.114, 'unread'),
    pollerHour: price(0.185, 'unread'),
    endpointHour: price(0.013, 'unread'),
  },
};

/** What Linux servers on demand ask for an hour, as the original system's would be bought today, by type. */
export const servers = { 'm7g.xlarge': { vcpu: 4, gib: 16 }, 'r7g.xlarge': { vcpu: 4, gib: 32 } } as const;
export type Server = keyof typeof servers;

/** https://aws.amazon.com/ec2/pricing/on-demand/ */
export const serverPrices: Readonly<Record<Region, Readonly<Record<Server, Price>>>> = {
  // Twice the m7g.large that was read, $0.0816: within a family prices go by size.
  'us-east-1': { 'm7g.xlarge': price(0.1632, 'quoted'), 'r7g.xlarge': price(0.2142, 'unread') },
  'ap-northeast-2': { 'm7g.xlarge': price(0.2006, 'unread'), 'r7g.xlarge': price(0.2594, 'unread') },
};
