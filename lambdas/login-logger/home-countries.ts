import { retentionDays } from '../contracts/window.ts';

/** A version of an account's home countries, in force from `since` on. */
export interface HomeVersion {
  readonly version: number;
  readonly since: string;
  readonly countries: readonly string[];
}

/** What the login-logger knows of an account: its home countries over time, and its newest notable login. */
export interface Account {
  readonly homeVersions: readonly HomeVersion[];
  readonly newestNotable?: string | undefined;
  /** Whether it was erased in the last days. */
  readonly isErased: boolean;
}

/** Versions that another replaced before the history begins: no login that is still shown refers to them. */
export function supersededLongAgo(versions: readonly HomeVersion[], now: Date): HomeVersion[] {
  const byVersion = versions.toSorted((a, b) => a.version - b.version);
  const begin = now.getTime() - (retentionDays + 1) * 86_400_000;
  return byVersion.filter((_, index) => Date.parse(byVersion[index + 1]?.since ?? now.toISOString()) < begin);
}

/** The home countries in force at a moment; before its first version an account has the deployment's. */
export function homeCountriesAt({ homeVersions }: Pick<Account, 'homeVersions'>, moment: string, defaults: readonly string[]): readonly string[] {
  const at = Date.parse(moment);
  const inForce = homeVersions.filter(({ since }) => Date.parse(since) <= at).toSorted((a, b) => b.version - a.version)[0];
  return inForce?.countries ?? defaults;
}

/** The spans in which a country was one of home, cut to `from` and `until`. */
export function homeSpans(
  { homeVersions }: Account,
  country: string,
  from: Date,
  until: Date,
  defaults: readonly string[],
): { from: Date; until: Date }[] {
  const versions = homeVersions.toSorted((a, b) => a.version - b.version);
  const spans = [{ start: 0, countries: defaults }, ...versions.map((v) => ({ start: Date.parse(v.since), countries: v.countries }))];
  return spans
    .map(({ start, countries }, index) => ({
      home: countries.includes(country),
      from: new Date(Math.max(start, from.getTime())),
      until: new Date(Math.min(spans[index + 1]?.start ?? Number.POSITIVE_INFINITY, until.getTime())),
    }))
    .filter((span) => span.home && span.from < span.until)
    .map((span) => ({ from: span.from, until: span.until }));
}
