import canonicalize from 'canonicalize';
import type { StaleAfterSeconds } from '../contracts/actions.ts';
import type { Event } from '../contracts/events.ts';
import { isCanary } from '../contracts/metrics.ts';
import type { SettingsVersion } from '../contracts/settings.ts';
import type { DeploymentMode } from '../runtime/deployment.ts';
import type { Draft } from '../runtime/drafts.ts';
import type { Telemetry } from '../runtime/telemetry.ts';
import { type Action, actionsOf, deadlinesOf } from './actions.ts';
import type { AccountFacts } from './facts.ts';
import { type Receipt, receiptOf } from './receipt.ts';
import { laterFacts } from './rules.ts';
import type { SettingsHistory } from './settings.ts';
import type { KeptReceipt, Verdicts } from './verdicts.ts';
import { loginText } from './words.ts';

/** What account-security depends on to judge. */
export interface Services {
  readonly settings: Pick<SettingsHistory, 'inForceAt'>;
  readonly verdicts: Verdicts;
  readonly facts: Omit<AccountFacts, 'find'>;
  readonly staleAfterSeconds: StaleAfterSeconds;
  /** In the mode `observe` logins are judged, and nothing is asked for but what players themselves said. */
  readonly mode: DeploymentMode;
  readonly telemetry: Pick<Telemetry, 'count'>;
}

type RecordedLogin = Event<'login.recorded'>;

/**
 * Judges a notable login by the settings and trips in force when it occurred, keeps the receipt, and asks for the responses. A login
 * that turns out to be from home or a trip by then has no verdict.
 */
export async function judge({ subject, data }: RecordedLogin, services: Services): Promise<Draft[]> {
  const chosen = await services.settings.inForceAt(subject, data.login.occurredAt);
  const { kept, before } = await keepReceipt(subject, data, isCanary(subject) ? { ...chosen, responses: nothingAtAll } : chosen, services);
  if (kept.receipt.triggers.length === 0) return [];
  const actions = actionsIn(services.mode, subject, kept.receipt);
  const asked = await Promise.all(actions.map((action) => request(subject, action, kept, services)));
  const requested = asked.filter((draft) => draft !== undefined);
  if (!isCanary(subject)) countJudgement(subject, kept, before, requested, services);
  return [decided(kept), ...requested];
}

/** The canary's logins are judged as all others, and nothing is done about them. */
const nothingAtAll: SettingsVersion['responses'] = { login_abroad: ['none'], new_country: ['none'], unlocated: ['none'] };

/** Counts what is new: a login that is judged again counts for what is asked for more, and one that was delivered again for nothing. */
function countJudgement(
  accountId: string,
  { receipt }: KeptReceipt,
  before: KeptReceipt | undefined,
  requested: readonly Draft<'action.requested'>[],
  { mode, telemetry }: Services,
): void {
  for (const trigger of receipt.triggers) {
    if (!before?.receipt.triggers.includes(trigger)) telemetry.count('Verdicts', 1, trigger);
  }
  // Operators see by this metric what enforcing would do.
  if (!before && mode === 'observe') {
    telemetry.count('Observed', actionsOf(accountId, receipt).length - actionsIn(mode, accountId, receipt).length);
  }
  const isNews = ({ actionId }: { actionId: string }) => !before?.actions.some((each) => each.actionId === actionId);
  for (const { data } of requested) if (isNews(data)) telemetry.count('ActionsRequested', 1, data.response);
}

/** Keeps the receipt of a login; when it was judged before, with all that any look at the history has seen. @returns also what was kept before */
async function keepReceipt(
  accountId: string,
  { login, history: seen }: RecordedLogin['data'],
  chosen: SettingsVersion,
  { verdicts, mode }: Services,
): Promise<{ kept: KeptReceipt; before: KeptReceipt | undefined }> {
  for (;;) {
    const before = await verdicts.find(accountId, login.loginId);
    const history = laterFacts(before?.history ?? {}, seen);
    const receipt = receiptOf(login, history, chosen);
    // What was seen counts also when it changes no judgement yet: that a login was disputed may be known before the login is.
    if (before && receipt.digest === before.receipt.digest && canonicalize(history) === canonicalize(before.history)) return { kept: before, before };
    const asked = actionsIn(mode, accountId, receipt).map(({ actionId, response }) => ({ actionId, response }));
    const earlier = before?.actions.filter(({ actionId }) => !asked.some((action) => action.actionId === actionId)) ?? [];
    const kept = { receipt, history, revision: (before?.revision ?? 0) + 1, actions: [...earlier, ...asked] };
    if (receipt.triggers.length === 0 || (await verdicts.keep(accountId, kept))) return { kept, before };
  }
}

/** What is asked for; in the mode `observe` only the lock of a dispute, because the player said it; for the canary nothing, whoever says what. */
const actionsIn = (mode: DeploymentMode, accountId: string, receipt: Receipt): Action[] =>
  (isCanary(accountId) ? [] : actionsOf(accountId, receipt)).filter(({ response }) => mode === 'enforce' || (response === 'lock' && receipt.disputedAt !== null));

const decided = ({ receipt, revision, actions }: KeptReceipt): Draft<'verdict.decided'> => ({
  name: 'verdict.decided',
  sibling: `${receipt.loginId} ${revision}`,
  data: {
    loginId: receipt.loginId,
    triggers: receipt.triggers,
    responses: receipt.responses,
    actions: [...actions],
    digest: receipt.digest,
    revision,
  },
});

/** Asks for an action; for a notice only when this login is the one that asks for its hour. */
async function request(
  accountId: string,
  action: Action,
  { receipt }: KeptReceipt,
  { verdicts, staleAfterSeconds }: Services,
): Promise<Draft<'action.requested'> | undefined> {
  const { notice, actionId, response, occurredAt } = action;
  const { login, triggers, loginId } = receipt;
  if (notice && !(await verdicts.claimNotice(accountId, action, loginId))) return undefined;
  const untold = notice ? await verdicts.untoldBefore(accountId, notice) : 0;
  return {
    name: 'action.requested',
    sibling: actionId,
    data: {
      actionId,
      loginId,
      response,
      triggers,
      country: login.country,
      occurredAt,
      ...deadlinesOf(action, staleAfterSeconds),
      text: loginText(login.country, untold),
    },
  };
}

/** Keeps how an action ended, for the receipt. */
export async function keepOutcome({ subject, data, time }: Event<'action.completed'>, { verdicts }: Services): Promise<void> {
  await verdicts.keepOutcome(subject, data, time);
}

/** Keeps that the player proved more than the password, which for some minutes lets protection be weakened. */
export async function keepProof({ subject, data }: Event<'challenge.verified'>, { facts }: Services): Promise<void> {
  await facts.keepProof(subject, data.verifiedAt);
}

/** Keeps the standing, because nothing is weakened while an account is locked. */
export async function keepStanding({ subject, data }: Event<'account.standing_changed'>, { facts }: Services): Promise<void> {
  await facts.keepStanding(subject, data);
}

/** Keeps the contact's time zone, by which the days of a trip are counted. */
export async function keepTimeZone({ subject, data, time }: Event<'contact.changed'>, { facts }: Services): Promise<void> {
  await facts.keepTimeZone(subject, data.timeZone, time);
}
