import type { StaleAfterSeconds } from '../contracts/actions.ts';
import type { Campaign } from '../contracts/campaigns.ts';
import type { Event, EventData } from '../contracts/events.ts';
import { isCanary } from '../contracts/metrics.ts';
import type { Draft } from '../runtime/drafts.ts';
import type { Erasure } from '../runtime/erasure.ts';
import { hashId } from '../runtime/ids.ts';
import type { CampaignProgress, Known, Progress } from './progress.ts';
import { keptUntil } from './retention.ts';
import { afterUnlock } from './words.ts';

/** What password-campaign depends on. */
export interface Services {
  readonly campaigns: readonly Campaign[];
  readonly progress: CampaignProgress;
  readonly erasure: Erasure;
  readonly staleAfterSeconds: StaleAfterSeconds;
  readonly now: () => Date;
}

/** A successful login, as far as a campaign is concerned; the moment in UTC with milliseconds. */
interface Login {
  readonly loginId: string;
  readonly occurredAt: string;
}

/** What a login is to a campaign: nothing, an account to count, or one to ask. */
type Meaning = 'nothing' | 'reached' | 'prompt';

const day = 86_400_000;
const utc = (moment: string): string => new Date(moment).toISOString();

/**
 * Asks the player of a login for a new password, for each campaign that runs and finds the password old. When none runs, nothing is
 * read; an account that needs nothing costs one read. The canary has no password.
 */
export async function askOldPassword({ subject, data }: Event<'login.submitted'>, services: Services): Promise<Draft<'action.requested'>[]> {
  const login = { loginId: data.loginId, occurredAt: utc(data.occurredAt) };
  const running = data.outcome === 'success' && !isCanary(subject) ? services.campaigns.filter((campaign) => isRunning(campaign, login)) : [];
  if (running.length === 0) return [];
  const known = await services.progress.known(subject, false);
  const drafts: Draft<'action.requested'>[] = [];
  for (const campaign of running) {
    const meaning = await take(subject, login, campaign, known, services);
    if (meaning === 'erased') return [];
    if (meaning === 'prompt') drafts.push(campaignPrompt(subject, login, campaign, services.staleAfterSeconds));
  }
  return drafts;
}

const isRunning = ({ from, until }: Campaign, { occurredAt }: Login): boolean =>
  Date.parse(from) <= Date.parse(occurredAt) && Date.parse(occurredAt) < Date.parse(until);

/** Notes and counts what a login is to a campaign; looks again when something else was noted meanwhile. */
async function take(accountId: string, login: Login, campaign: Campaign, known: Known, services: Services): Promise<Meaning | 'erased'> {
  const { progress, erasure } = services;
  for (let seen = known; ; seen = await progress.known(accountId, true)) {
    const before = progressOf(campaign, seen);
    const meaning = meaningOf(login, campaign, before, services);
    if (meaning === 'nothing') return meaning;
    const { loginId, occurredAt } = login;
    const prompt = meaning === 'prompt' ? { occurredAt, lastUntil: lastPromptUntil(login, campaign) } : undefined;
    const noted = await progress.noteLogin(accountId, campaign, { loginId, changedAt: before.changedAt, prompt });
    if (!noted) continue;
    // A login that was on its way when its account was erased brings nothing back, and is not counted.
    if (await erasure.isErased(accountId)) {
      await erasure.drop(accountId);
      return 'erased';
    }
    await progress.count(accountId, campaign, noted, isTakenBy(before, login));
    return meaning;
  }
}

/** An account's progress in a campaign; a change that is older than the campaign's file is known by the password's age alone. */
function progressOf({ id, passwordOlderThan }: Campaign, { campaigns, passwordChangedAt }: Known): Progress {
  const progress = campaigns.get(id) ?? {};
  const isNew = passwordChangedAt !== undefined && Date.parse(passwordChangedAt) >= Date.parse(passwordOlderThan);
  return { ...progress, changedAt: progress.changedAt ?? (isNew ? passwordChangedAt : undefined) };
}

/** Whether a login has been taken before, because its event comes again. */
const isTakenBy = ({ reachedBy, promptedBy }: Progress, { loginId }: Login): boolean => reachedBy === loginId || promptedBy === loginId;

/** The latest moment that the player may have been asked at before, to be asked again at a login. */
const lastPromptUntil = ({ occurredAt }: Login, { everyDays }: Campaign): string => new Date(Date.parse(occurredAt) - everyDays * day).toISOString();

/**
 * The rule. An account is reached by a login that occurred before its password changed, in whatever order the two arrive. Its player is
 * asked while no change is known; and again, under the same actionId, at a login that comes again, because nobody knows whether it was
 * published the first time.
 */
function meaningOf(login: Login, campaign: Campaign, before: Progress, { staleAfterSeconds, now }: Services): Meaning {
  const { reachedBy, promptedBy, promptedAt, changedAt } = before;
  const isStale = now().getTime() > Date.parse(login.occurredAt) + staleAfterSeconds[campaign.response] * 1000;
  const isDue = !isStale && changedAt === undefined && (promptedAt === undefined || promptedAt <= lastPromptUntil(login, campaign));
  if (isDue || promptedBy === login.loginId) return 'prompt';
  if (isTakenBy(before, login)) return 'reached';
  return reachedBy === undefined && (changedAt === undefined || login.occurredAt < changedAt) ? 'reached' : 'nothing';
}

/** Keeps when an account's password changed, which ends the campaigns with a date until then for it. */
export async function keepPasswordChange({ subject, data }: Event<'password.changed'>, { campaigns, progress, now }: Services): Promise<void> {
  const changedAt = utc(data.changedAt);
  await progress.notePassword(subject, changedAt);
  for (const campaign of campaigns) {
    if (Date.parse(changedAt) < Date.parse(campaign.passwordOlderThan) || now() >= keptUntil(campaign)) continue;
    const noted = await progress.noteChange(subject, campaign, changedAt);
    if (noted) await progress.count(subject, campaign, noted, true);
  }
}

/** Asks a player who has just lifted a lock for a new password, by e-mail and in the game. */
export function askAfterUnlock({ subject, data }: Event<'challenge.verified'>, { staleAfterSeconds }: Services): Draft<'action.requested'>[] {
  const { purpose, loginId, challenge, verifiedAt } = data;
  if (purpose !== 'unlock' || loginId === undefined) return [];
  return (['email', 'player_message'] as const).map((response) =>
    request({
      actionId: hashId(subject, 'after-unlock', challenge, response),
      loginId,
      response,
      occurredAt: verifiedAt,
      staleAfter: staleAfter(verifiedAt, staleAfterSeconds[response]),
      text: afterUnlock,
    }),
  );
}

function campaignPrompt(accountId: string, { loginId, occurredAt }: Login, campaign: Campaign, seconds: StaleAfterSeconds): Draft<'action.requested'> {
  const { id, response, message } = campaign;
  return request({
    actionId: hashId(accountId, id, loginId),
    loginId,
    response,
    occurredAt,
    staleAfter: staleAfter(occurredAt, seconds[response]),
    text: message,
  });
}

const request = (data: Omit<EventData<'action.requested'>, 'triggers' | 'country'>): Draft<'action.requested'> => ({
  name: 'action.requested',
  sibling: data.actionId,
  // Nothing about the login leads to it, so there is no trigger and no country to tell.
  data: { ...data, triggers: [], country: null },
});

const staleAfter = (moment: string, seconds: number): string => new Date(Date.parse(moment) + seconds * 1000).toISOString();
