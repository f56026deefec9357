import { fileURLToPath } from 'node:url';
import ipaddr from 'ipaddr.js';
import { z } from 'zod';
import { country } from '../lambdas/contracts/primitives.ts';
import { defaultResponses, responsesByTrigger } from '../lambdas/contracts/settings.ts';
import { defaultStaleAfterSeconds, staleAfterSchema } from '../lambdas/contracts/actions.ts';

/** A list that `-c name=a,b` gives as text. */
const list = <T extends z.ZodType<unknown, string>>(item: T) =>
  z.preprocess((value) => (typeof value === 'string' ? value.split(',').map((part) => part.trim()) : value), z.array(item).min(1));

/** An object that `-c name={...}` gives as JSON text. */
const object = <T extends z.ZodType>(schema: T) =>
  z.preprocess((value, context) => {
    if (typeof value !== 'string') return value;
    try {
      return JSON.parse(value) as unknown;
    } catch {
      context.addIssue({ code: 'custom', message: 'must be JSON' });
      return z.NEVER;
    }
  }, schema);

const countOf = (minimum: number) => z.coerce.number().int().min(minimum);

/** Where the geo database of npm lies. */
const npmGeoDatabase = () =>
  fileURLToPath(import.meta.resolve('@ip-location-db/geo-whois-asn-country-mmdb/geo-whois-asn-country.mmdb'));

/**
 * The settings of a deployment: CDK context, by `-c name=value` or in `cdk.json`. This is the one place that names them.
 */
export const settingsSchema = z.strictObject({
  /** Name of the deployment, part of every resource's name. In `prod` tables cannot be deleted and outlive their stack. */
  env: z
    .string()
    .regex(/^[a-z][a-z0-9-]{0,15}$/, 'must be 1 to 16 of a-z 0-9 - and begin with a letter')
    .default('dev'),
  /** What carries the events. */
  bus: z.literal('sns', { error: 'must be `sns`, the one bus of this version' }).default('sns'),
  /** Home countries of an account that chose none. */
  homeCountries: list(country).default(['KR']),
  /** What happens at a login from abroad of an account that chose nothing, by trigger. */
  responses: object(responsesByTrigger).default(defaultResponses),
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
  /** A geo database in MaxMind's format, in place of the one from npm. */
  geoDatabase: z.string().min(1).default(npmGeoDatabase),
  /** Folders of the files that join endpoints and event types to the bus; they may lie in another repository. */
  subscriptions: list(z.string().min(1)).default(['subscriptions']),
  eventTypes: list(z.string().min(1)).default(['event-types']),
  /**
   * Private networks in CIDR notation that endpoints may lie in, such as `10.20.0.0/16`; by default none. The functions themselves are in no
   * VPC: it is for those who attach them to one, and for the local run.
   */
  endpointNetworks: list(z.string().refine((text) => ipaddr.isValidCIDR(text), 'must be a network such as 10.20.0.0/16')).default([]),
  /** How long events that waited too long stay aside, in days, before they are gone for good; with the 10 days before, as long as tombstones of erased accounts live. */
  expiredDays: countOf(1).default(20),
  /** Requests a second that the HTTP API takes, and how many at once above that. */
  throttleRate: countOf(1).default(1000),
  throttleBurst: countOf(1).default(2000),
  /** How long logs are kept, in days. CloudWatch's own default is for ever. */
  logRetentionDays: countOf(1).default(30),
});

export type Settings = z.infer<typeof settingsSchema>;

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
  if (data) return data;
  const lines = error.issues.flatMap((issue) =>
    issue.code === 'unrecognized_keys'
      ? issue.keys.map((key) => `  ${key}: is not a setting of Loginward; lib/settings.ts lists them`)
      : [`  ${issue.path.join('.')}: ${issue.message}`],
  );
  throw new Error(`Bad settings (-c name=value):\n${lines.join('\n')}`);
}
