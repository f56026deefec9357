import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';
import type { HistoryFacts, LocatedLogin, Verdict } from '../contracts/verdict.ts';
import type { Protection, SettingsVersion } from '../contracts/settings.ts';
import { judgement } from './rules.ts';
import { verdictText } from './words.ts';

/** A verdict without what became of its actions: what its digest is over. */
export type Receipt = Omit<Verdict, 'actions'>;

/** Judges a login, and writes down every input of the judgement, so that anyone can recompute it. */
export function receiptOf(login: LocatedLogin, seen: HistoryFacts, settings: SettingsVersion): Receipt {
  const { homeCountries, responses, trips } = settings;
  const history = relevantFacts(login, seen, settings);
  const judged = judgement({ login, history, settings });
  const receipt = {
    loginId: login.loginId,
    ...judged,
    text: verdictText(login, judged.responses),
    login,
    previousLogin: history.previousLogin ?? null,
    earlierFromCountry: history.earlierFromCountry ?? null,
    disputedAt: history.disputedAt ?? null,
    geoDatabase: login.geoDatabase,
    settings: { homeCountries, responses, trips },
    settingsVersion: settings.version,
  };
  return { ...receipt, digest: digestOf(receipt) };
}

/**
 * What of the history a judgement may look at. Of a login from home, or one that did not succeed, which has a verdict only by being
 * disputed, that is the dispute alone: late logins before it are not told of.
 */
function relevantFacts({ outcome, country }: LocatedLogin, seen: HistoryFacts, { homeCountries }: SettingsVersion): HistoryFacts {
  const isNotable = outcome === 'success' && (country === null || !homeCountries.includes(country));
  return isNotable ? seen : { ...(seen.disputedAt !== undefined && { disputedAt: seen.disputedAt }) };
}

/** SHA-256 over the canonical JSON (RFC 8785) of a receipt without its digest. */
export const digestOf = (receipt: Omit<Receipt, 'digest'>): string =>
  `sha256:${createHash('sha256').update(canonicalize(receipt) ?? '').digest('hex')}`;

/** What does not hold of a verdict as it was served, by field; nothing when it holds. */
export function faultsOf(verdict: Verdict): string[] {
  const { actions: _, ...receipt } = verdict;
  const { digest, ...rest } = receipt;
  const history: HistoryFacts = {
    previousLogin: receipt.previousLogin ?? undefined,
    earlierFromCountry: receipt.earlierFromCountry ?? undefined,
    ...(receipt.disputedAt !== null && { disputedAt: receipt.disputedAt }),
  };
  const judged = judgement({ login: receipt.login, history, settings: receipt.settings as Protection });
  const withoutText = (rules: typeof judged.rules) => rules.map(({ rule, held, saw }) => ({ rule, held, saw }));
  const isSame = (a: unknown, b: unknown): boolean => canonicalize(a) === canonicalize(b);
  return [
    ...(digest === digestOf(rest) ? [] : ['digest']),
    ...(receipt.loginId === receipt.login.loginId ? [] : ['loginId']),
    ...(isSame(receipt.geoDatabase, receipt.login.geoDatabase) ? [] : ['geoDatabase']),
    ...(isSame(withoutText(receipt.rules), withoutText(judged.rules)) ? [] : ['rules']),
    ...(isSame(receipt.triggers, judged.triggers) ? [] : ['triggers']),
    ...(isSame(receipt.responses, judged.responses) ? [] : ['responses']),
  ];
}
