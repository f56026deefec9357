import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';
import type { HistoryFacts, LocatedLogin, Verdict } from '../contracts/verdict.ts';
import type { SettingsVersion } from '../contracts/settings.ts';
import { judgement } from './rules.ts';

/** A verdict without what became of its actions: what its digest is over. */
export type Receipt = Omit<Verdict, 'actions'>;

/** Judges a login, and writes down every input of the judgement, so that anyone can recompute it. */
export function receiptOf(login: LocatedLogin, history: HistoryFacts, settings: SettingsVersion): Receipt {
  const { homeCountries, responses } = settings;
  const receipt = {
    loginId: login.loginId,
    ...judgement({ login, history, settings }),
    login,
    previousLogin: history.previousLogin ?? null,
    earlierFromCountry: history.earlierFromCountry ?? null,
    geoDatabase: login.geoDatabase,
    settings: { homeCountries, responses },
    settingsVersion: settings.version,
  };
  return { ...receipt, digest: digestOf(receipt) };
}

/** SHA-256 over the canonical JSON (RFC 8785) of a receipt without its digest. */
export const digestOf = (receipt: Omit<Receipt, 'digest'>): string =>
  `sha256:${createHash('sha256').update(canonicalize(receipt) ?? '').digest('hex')}`;
