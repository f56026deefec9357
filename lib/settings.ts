import { fileURLToPath } from 'node:url';
import ipaddr from 'ipaddr.js';
import { z } from 'zod';
import { country } from '../lambdas/contracts/places.ts';
import { defaultResponses, responsesByTrigger } from '../lambdas/contracts/settings.ts';
import { defaultStaleAfterSeconds, staleAfterSchema } from '../lambdas/contracts/actions.ts';
import { services } from './services.ts';

/** A list that `-c name=a,b` gives as text. */
const list = <T extends z.core.$ZodType<unknown, string>>(item: T) =>
  z.preprocess((value) => (typeof value === 'string' ? value.split(',').map((part) => part.trim()) : value), z.array(item).min(1));

/** An object that `-c name={...}` gives as JSON text. */
const object = <T extends z.core.$ZodType>(schema: T) =>
  z.preprocess((value, context) => {
    if (typeof value !== 'string') return value;
    try {
      return JSON.parse(value) as unknown;
    } catch {
      context.addIssue({ code: 'custom', message: 'must be JSON' });
      return z.NEVER;
    }
  }, schema);

/** A switch that `-c name=false` gives as text. */
const flag = z.preprocess((value) => (value === 'true' ? true : value === 'false' ? false : value), z.boolean({ error: 'must be `true` or `false`' }));

const countOf = (minimum: number) => z.coerce.number().int().min(minimum);

/** Where the geo database of npm lies. */
export const npmGeoDatabase = () =>
  fileURLToPath(import.meta.resolve('@ip-location-db/geo-whois-asn-country-mmdb/geo-whois-asn-country.mmdb'));

/** The settings of `bus=kafka`. With neither `kafkaCluster` nor `kafkaBrokers` the deployment makes a cluster of MSK, and a VPC for it. */
const kafkaSettings = {
  /** ARN of an MSK Provisioned cluster that there is, of standard brokers, with IAM authentication and Kafka 3.6 or newer. */
  kafkaCluster: z
    .string()
    .regex(/^arn:aws:kafka:[a-z0-9-]+:\d{12}:cluster\/[^/]+\/[^/]+$/, 'must be the ARN of an MSK cluster')
    .optional(),
  /** Brokers without MSK, `host:port,host:port`, which speak TLS. Their topics are made by hand: `npm run topics` prints how. */
  kafkaBrokers: list(z.string().regex(/^[A-Za-z0-9.-]+:\d{1,5}$/, 'must be host:port')).optional(),
  /** Name of a secret of Secrets Manager, `{"username","password"}`: what brokers without MSK ask for by SASL/SCRAM-SHA-512. */
  kafkaSecret: z
    .string()
    .regex(/^[A-Za-z0-9/_+=.@-]{1,128}$/, 'must be the name of a secret of Secrets Manager')
    .optional(),
  /**
   * Private subnets from which brokers that there are can be reached, and the security group to do it with, which must allow its members each other's
   * ports of Kafka. Functions that publish lie there, so it must let them reach DynamoDB, S3, Secrets Manager, SES, SNS, and for
   * subscriptions that emit their endpoints.
   */
  kafkaSubnets: list(z.string().regex(/^subnet-[0-9a-f]+$/, 'must be the id of a subnet')).optional(),
  kafkaSecurityGroup: z
    .string()
    .regex(/^sg-[0-9a-f]+$/, 'must be the id of a security group')
    .optional(),
  /**
   * Zones of the deployment's own brokers, `us-east-1a,us-east-1b,us-east-1c`; the region's first when left out. The zone whose id is `use1-az3`
   * takes no brokers.
   */
  kafkaZones: list(z.string().regex(/^[a-z0-9-]+[a-z]$/, 'must be the name of an availability zone')).optional(),
  /** Type of the deployment's own brokers: about $149 a month each. `kafka.t3.small`, about $33, takes 4 new connections a second and is for trials. */
  kafkaBrokerType: z
    .string()
    .regex(/^kafka\.[a-z0-9]+\.[a-z0-9]+$/, 'must be a standard broker type such as kafka.m7g.large')
    .default('kafka.m7g.large'),
  /** How many brokers: 3, or a multiple; or 2, which take no events while one of them restarts. */
  kafkaBrokerCount: countOf(2)
    .refine((count) => count === 2 || count % 3 === 0, 'must be 2 or a multiple of 3, so that each zone has as many')
    .default(3),
  /** Storage of each broker, at about $0.10 a GiB and month. Each event lies on three of them for 14 days. */
  kafkaStorageGiB: countOf(1).default(100),
  /** Partitions of each topic. They can be raised later, never lowered, and not below what a subscription's `parallelism` raised them to. */
  kafkaPartitions: countOf(1).default(6),
  /**
   * How many pollers may read a topic for a service at most. One makes up to 5 calls at a time; ten are about $135 a month, and each topic that a service
   * consumes has one at all times.
   */
  kafkaPollers: countOf(1).default(2),
};

/**
 * The settings of a deployment: CDK context, by `-c name=value` or in `cdk.json`. This is the one place that names them.
 */
export const settingsSchema = z.strictObject({
  /** Name of the deployment, part of every resource's name. In `prod` tables cannot be deleted and outlive their stack. */
  env: z
    .string()
    .regex(/^[a-z][a-z0-9-]{0,15}$/, 'must be 1 to 16 of a-z 0-9 - and begin with a letter')
    .default('dev'),
  /** What carries the events: SNS and SQS, or Kafka. The settings that begin with `kafka` are for the latter alone. */
  bus: z.enum(['sns', 'kafka'], { error: 'must be `sns` or `kafka`' }).default('sns'),
  ...kafkaSettings,
  /** Home countries of an account that chose none. */
  homeCountries: list(country()).default(['KR']),
  /** What happens at a login from abroad of an account that chose nothing, by trigger. */
  responses: object(responsesByTrigger()).default(defaultResponses),
  /** `observe` judges logins and does nothing but tell operators what it would do; `enforce` does it. */
  mode: z.enum(['observe', 'enforce']).default('enforce'),
  /** How long after a login each response still makes sense, in seconds; what is left out keeps its default. */
  staleAfterSeconds: object(staleAfterSchema).default(defaultStaleAfterSeconds),
  /** How many SMS an account gets in a day at most, and all accounts together; past them an e-mail goes out in place of it. */
  smsPerAccountAndDay: countOf(0).default(10),
  smsPerDay: countOf(0).default(5000),
  /** How many e-mails about logins an account gets in a day at most; past them one digest tells the rest. */
  emailsPerAccountAndDay: countOf(1).default(30),
  /** How many codes go out by SMS in a day, for all accounts together; past them they go by e-mail. */
  smsCodesPerDay: countOf(0).default(5000),
  /** How many accounts logins may lock in an hour; further locks are held in the dead-letter queue, and operators are paged. */
  locksPerHour: countOf(1).default(1000),
  /** Where players reach the HTTP API, for the links in notices: `https://api.your-game.com`. Left out, it is the API's own address. */
  publicUrl: z.url({ protocol: /^https?$/ }).optional(),
  /** Folders of the files of password campaigns. */
  campaigns: list(z.string().min(1)).default(['campaigns']),
  /** Issuer of the players' tokens: the company's OIDC issuer, as in its tokens' `iss`. */
  jwtIssuer: z.url({ protocol: /^https$/ }).default('https://issuer.example.com'),
  /** What the tokens' `aud` must hold. */
  jwtAudience: list(z.string().min(1)).default(['loginward']),
  /** The claim of the player's token that names the account. */
  accountClaim: z.string().min(1).default('sub'),
  /** `amr` values (RFC 8176) that prove more than the password. */
  trustedMethods: list(z.string().min(1)).default(['otp', 'hwk', 'swk', 'sms', 'mfa']),
  /** The address that e-mails come from; it or its domain must be verified in SES. */
  senderAddress: z.email().default('no-reply@example.com'),
  /** Whether the player's page is deployed: CloudFront and a bucket. */
  site: flag.default(true),
  /** The client that the player's page is at the issuer: a public one, by code flow with PKCE. Left out, it is the first of `jwtAudience`. */
  siteClientId: z.string().min(1).optional(),
  /** What the page asks the issuer for, separated by blanks; its access token must hold `jwtAudience` and `accountClaim`. */
  siteScope: z.string().min(1).default('openid'),
  /** Origins beside the issuer's own that its token endpoint or keys lie on, such as `https://game.auth.ap-northeast-2.amazoncognito.com`; by default none. */
  siteConnect: list(z.string().regex(/^https:\/\/[A-Za-z0-9.-]+(:\d+)?$/, 'must be an origin such as https://id.example.com')).default([]),
  /** A name of the company's own for the page, and the ARN of its certificate, which lies in us-east-1. */
  siteDomain: z.string().regex(/^[a-z0-9-]+(\.[a-z0-9-]+)+$/, 'must be a name such as account.your-game.com').optional(),
  siteCertificate: z.string().regex(/^arn:aws:acm:us-east-1:\d{12}:certificate\/[0-9a-f-]+$/, 'must be the ARN of a certificate in us-east-1').optional(),
  /** A geo database in MaxMind's format, in place of the one from npm. */
  geoDatabase: z.string().min(1).default(npmGeoDatabase),
  /** Folders of the files that join endpoints and event types to the bus; they may lie in another repository. */
  subscriptions: list(z.string().min(1)).default(['subscriptions']),
  eventTypes: list(z.string().min(1)).default(['event-types']),
  /**
   * Private networks in CIDR notation that endpoints may lie in, such as `10.20.0.0/16`; by default none. On SNS the functions
   * are in no VPC; on Kafka those whose subscription emits are in that of the brokers. The local run needs it.
   */
  endpointNetworks: list(z.string().refine((text) => ipaddr.isValidCIDR(text), 'must be a network such as 10.20.0.0/16')).default([]),
  /** How long events that waited too long stay aside, in days, before they are gone for good; with the 10 days before, as long as tombstones of erased accounts live. */
  expiredDays: countOf(1).default(20),
  /** Requests a second that the HTTP API takes, and how many at once above that. */
  throttleRate: countOf(1).default(1000),
  throttleBurst: countOf(1).default(2000),
  /**
   * How many batches of a service may be worked on at once, by its name, `{"login-logger":100}`; what is left out keeps what the table of services says. The notifier's should
   * grow with what SES and SMS let one send. `npm run bench -- --only capacity` says what a rate takes.
   */
  maxConcurrency: object(z.partialRecord(z.enum(services.filter(({ consumer }) => consumer).map(({ name }) => name) as [string, ...string[]]), z.int().min(2).max(1000))).default({}),
  /**
   * The share of logins, and of events from outside, that are logged at every stage, from 0 to 1. Notable logins are from where that is known, and failures
   * always. At 1 logs cost more than all the rest.
   */
  traceSampling: z.coerce.number().min(0).max(1).default(0.01),
  /** How old the geo database may be, in days, before operators are told. */
  geoDatabaseDays: countOf(1).default(60),
  /** Where the deployment's operators read docs/runbook.md: the address of the page, to which alarms add their heading. Left out, they name the file. */
  runbookUrl: z.url({ protocol: /^https?$/ }).optional(),
  /** Whether each service has a dashboard beside the overview. AWS takes $3 a month for each dashboard of an account beyond three. */
  serviceDashboards: flag.default(true),
  /**
   * Whether AWS Lambda logs a line at the beginning and the end of each invocation, too (`platform.report`); of failed ones it always does. With ten million logins a day these
   * lines cost about $0.80 a day. The saved query `cold-starts` asks for them.
   */
  lambdaReports: flag.default(false),
  /** How long logs are kept, in days. CloudWatch's own default is for ever. */
  logRetentionDays: countOf(1).default(30),
});

export type Settings = z.infer<typeof settingsSchema>;

/**
 * What is wrong between the settings of Kafka, by the one that is to be changed.
 *
 * @param given names of the settings that were not left out
 */
function* kafkaProblems(settings: Settings, given: ReadonlySet<string>): Generator<[name: string, problem: string]> {
  if (settings.bus !== 'kafka') {
    for (const name of Object.keys(kafkaSettings).filter((each) => given.has(each))) yield [name, 'is for bus=kafka'];
    return;
  }
  if (given.has('kafkaCluster') && given.has('kafkaBrokers')) yield ['kafkaBrokers', 'cannot stand beside kafkaCluster: the brokers are MSK, or others'];
  if (given.has('kafkaSecret') && !given.has('kafkaBrokers')) yield ['kafkaSecret', 'is for kafkaBrokers; MSK is dialled with IAM'];
  const exist = given.has('kafkaCluster') || given.has('kafkaBrokers');
  for (const name of ['kafkaSubnets', 'kafkaSecurityGroup']) {
    if (exist && !given.has(name)) yield [name, 'is missing: from where can the brokers be reached?'];
    if (!exist && given.has(name)) yield [name, 'is for brokers that there are; name them by kafkaCluster or kafkaBrokers'];
  }
  for (const name of ['kafkaZones', 'kafkaBrokerType', 'kafkaStorageGiB']) {
    if (exist && given.has(name)) yield [name, 'is for brokers that the deployment makes'];
  }
  const zones = Math.min(3, settings.kafkaBrokerCount);
  if (settings.kafkaZones && new Set(settings.kafkaZones).size !== zones) yield ['kafkaZones', `must name ${zones} zones, over which the brokers are spread`];
}

/** What is wrong between the settings of the player's page. */
function* siteProblems({ site, siteDomain, siteCertificate }: Settings, given: ReadonlySet<string>): Generator<[name: string, problem: string]> {
  if (!site) {
    for (const name of ['siteClientId', 'siteScope', 'siteConnect', 'siteDomain', 'siteCertificate'].filter((each) => given.has(each))) yield [name, 'is for site=true'];
  }
  if ((siteDomain === undefined) !== (siteCertificate === undefined)) yield [siteDomain === undefined ? 'siteDomain' : 'siteCertificate', 'is missing: a name needs its certificate, and a certificate its name'];
}

/**
 * Settings from context values. Context that belongs to CDK itself is not ours to judge.
 *
 * @throws with the name of each bad setting, and what it should be
 */
export function readSettings(context: Readonly<Record<string, unknown>>): Settings {
  const ours = Object.fromEntries(
    Object.entries(context).filter(([name]) => !/^(@aws-cdk|aws:|aws-cdk|cdk-|availability-zones|ami|vpc-provider)/.test(name)),
  );
  const { data, error } = settingsSchema.safeParse(ours);
  const lines = data
    ? [...kafkaProblems(data, new Set(Object.keys(ours))), ...siteProblems(data, new Set(Object.keys(ours)))].map(([name, problem]) => `  ${name}: ${problem}`)
    : error.issues.flatMap((issue) =>
        issue.code === 'unrecognized_keys'
          ? issue.keys.map((key) => `  ${key}: is not a setting of Loginward; lib/settings.ts lists them`)
          : [`  ${issue.path.join('.')}: ${issue.message}`],
      );
  if (data && lines.length === 0) return data;
  throw new Error(`Bad settings (-c name=value):\n${lines.join('\n')}`);
}
