import { eventData } from '../contracts/events.ts';
import type { Protection, SecuritySettings } from '../contracts/settings.ts';
import { isLocked } from '../contracts/standing.ts';
import { compose, requestOf } from '../runtime/drafts.ts';
import type { Erasure } from '../runtime/erasure.ts';
import { busUnavailable, ProblemError } from '../runtime/problems.ts';
import type { Publisher } from '../runtime/publisher.ts';
import type { AccountFacts } from './facts.ts';
import type { KeptVersion, SettingsHistory } from './settings.ts';

/** What changing an account's protection depends on. */
export interface ChangeServices {
  readonly settings: Pick<SettingsHistory, 'newest' | 'sinceOf' | 'add' | 'noteAnnounced'>;
  readonly facts: Pick<AccountFacts, 'find'>;
  readonly publisher: Publisher;
  readonly erasure: Pick<Erasure, 'isErased' | 'drop'>;
  /** The settings of an account that chose nothing. */
  readonly defaults: SecuritySettings;
  /** `amr` values that prove more than the password. */
  readonly trustedMethods: readonly string[];
  readonly now: () => Date;
}

/** What is in force of an account now, and its version: 0 for the deployment's default. */
export interface Current {
  readonly version: number;
  readonly protection: Protection;
  /** Nothing when the player never chose. */
  readonly newest: KeptVersion | undefined;
}

/** How long an answered challenge counts, in minutes. */
const proofMinutes = 10;
/** Every change is kept for 90 days and told to the player; nobody who means it changes more often in an hour. */
const changesAnHour = 30;
const hour = 3_600_000;

/** What is in force, strongly consistent; trips that are over are left out. */
export async function currentOf(accountId: string, services: ChangeServices): Promise<Current> {
  const { defaults, now } = services;
  const newest = await newestOf(accountId, services);
  const { homeCountries, responses } = newest ?? defaults;
  const trips = (newest?.trips ?? []).filter(({ endsAt }) => Date.parse(endsAt) > now().getTime());
  return { version: newest?.version ?? 0, protection: { homeCountries, responses, trips }, newest };
}

/** The newest version. What a change has left that died before it found out that its account was erased is dropped, and never told. */
async function newestOf(accountId: string, { settings, erasure }: ChangeServices): Promise<KeptVersion | undefined> {
  const newest = await settings.newest(accountId);
  if (!newest || newest.announced || !(await erasure.isErased(accountId))) return newest;
  await erasure.drop(accountId);
  return undefined;
}

/**
 * Lets through what weakens protection only with proof beyond the password: a challenge answered in the last 10 minutes, or a token that
 * names one of the trusted methods; and never while the account is locked.
 *
 * @param weaker pointers to what would protect less than before; nothing needs no proof
 * @throws ProblemError 403
 */
export async function requireProof(
  { accountId, methods }: { accountId: string; methods: readonly string[] },
  weaker: readonly string[],
  { facts, trustedMethods, now }: ChangeServices,
): Promise<void> {
  if (weaker.length === 0) return;
  const known = await facts.find(accountId);
  const errors = weaker.map((pointer) => ({ pointer, detail: 'protects less than before' }));
  if (isLocked(known)) throw new ProblemError('account-locked', 'Unlock the account first, then change this.', errors);
  if (methods.some((method) => trustedMethods.includes(method))) return;
  // Of a proof that lies further ahead than that, a clock was wrong; it must not be good for the days until then.
  if (known.provenAt !== undefined && Math.abs(now().getTime() - Date.parse(known.provenAt)) <= proofMinutes * 60_000) return;
  throw new ProblemError('step-up-required', 'Answer a code (POST /v1/me/challenges), or sign in again with a second factor, then change this.', errors);
}

/**
 * Puts a protection in the place of the current one, as the next version, and tells the other services.
 *
 * @throws ProblemError 412 when it has changed meanwhile, 429 when it changes too often, 503 when the bus did not confirm
 */
export async function change(accountId: string, wanted: Protection, { version, protection, newest }: Current, services: ChangeServices): Promise<KeptVersion> {
  // A version that the bus has not confirmed yet is told before the next one hides it.
  if (newest) await announce(accountId, newest, services);
  await checkRate(accountId, version, services);
  const next: KeptVersion = {
    ...wanted,
    version: version + 1,
    since: sinceAfter(newest, services.now()),
    announced: false,
    previous: protection,
  };
  if (!(await services.settings.add(accountId, next))) throw changedMeanwhile();
  // A token may outlive its account.
  if (await services.erasure.isErased(accountId)) {
    await services.erasure.drop(accountId);
    throw new ProblemError('not-found', 'The account was erased.');
  }
  await announce(accountId, next, services);
  return next;
}

export const changedMeanwhile = () => new ProblemError('precondition-failed', 'Read it again, and change that.');

/** @throws ProblemError 429 when the account's protection changed too often in the last hour */
async function checkRate(accountId: string, currentVersion: number, { settings, now }: ChangeServices): Promise<void> {
  if (currentVersion < changesAnHour) return;
  const oldest = await settings.sinceOf(accountId, currentVersion - changesAnHour + 1);
  const wait = oldest === undefined ? 0 : Date.parse(oldest) + hour - now().getTime();
  if (wait <= 0) return;
  const headers = { 'retry-after': String(Math.ceil(wait / 1000)) };
  throw new ProblemError('too-many-requests', `Settings and trips may change ${changesAnHour} times an hour.`, undefined, headers);
}

/** Server time, but always after the version before, also when clocks differ. */
const sinceAfter = (newest: KeptVersion | undefined, now: Date): string =>
  new Date(Math.max(now.getTime(), newest ? Date.parse(newest.since) + 1 : 0)).toISOString();

/**
 * Publishes a version's `settings.changed`. A version that was kept but not confirmed on the bus is published by the next change of
 * this player, or when the settings are read, so that it is not lost; twice does no harm.
 *
 * @throws ProblemError 503 when the bus did not confirm it
 */
export async function announce(accountId: string, version: KeptVersion, services: ChangeServices): Promise<void> {
  if (await wasAnnounced(accountId, version, services)) return;
  throw busUnavailable('The change is kept; send it again to have it confirmed.');
}

/** Publishes a version's `settings.changed`, unless that was done. @returns whether the bus has confirmed it */
export async function wasAnnounced(accountId: string, version: KeptVersion, services: ChangeServices): Promise<boolean> {
  if (version.announced) return true;
  const data = eventData['settings.changed']().parse(version);
  const now = services.now();
  const parent = requestOf(`${accountId} settings ${version.version}`, accountId, now);
  const event = compose({ name: 'settings.changed', data }, parent, 'account-security', now);
  const unconfirmed = await services.publisher.publish([event]);
  if (unconfirmed.size > 0) return false;
  // The bus has confirmed it. What is not noted is told once more, by the next request.
  await services.settings.noteAnnounced(accountId, version).catch(() => undefined);
  return true;
}
