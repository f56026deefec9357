import type { LoginBody } from '../../lambdas/contracts/http.ts';
import { type CountryOf, knownAddresses } from './addresses.ts';
import { type Random, randomOf } from './random.ts';

/** The seed of the sample; another one gives another day. */
export const sampleSeed = 20_261_121;

/** How many countries the made-up logins come from, at least. */
export const sampleCountries = 60;

const players = 400;
const minutesOfDay = 24 * 60;
const agents = ['Game/5.2 (Windows NT 10.0)', 'Game/5.2 (Android 16)', 'Game/5.2 (iPhone; iOS 20.1)', 'Game/5.1 (PlayStation 5)'];

/** A player's contact, as `contact.changed` has it. */
export interface SampleContact {
  readonly accountId: string;
  readonly data: { readonly email: string; readonly locale: 'ko' | 'en'; readonly timeZone: string };
}

export interface SampleDay {
  readonly contacts: readonly SampleContact[];
  /** Oldest first. */
  readonly logins: readonly LoginBody[];
}

/**
 * One day of made-up logins of made-up players over real public addresses: most play at home, some travel, thieves from many
 * countries try passwords that they bought, and now and then one lets them in.
 *
 * @param countryOf the geo database, so that the day has logins from home and from 60 countries and more
 * @param until the end of the day; all logins lie in the 24 hours before
 */
export function sampleDay(countryOf: CountryOf, home: string, until: Date, seed = sampleSeed): SampleDay {
  const random = randomOf(seed);
  const places = gather(countryOf, home, random);
  const abroad = [...places.keys()].filter((country) => country !== home);
  const addressIn = (country: string) => random.of(places.get(country) ?? []);
  const login = (player: number, ip: string, minute: number, outcome: 'success' | 'failure'): LoginBody => {
    const occurredAt = new Date(until.getTime() - minute * 60_000 - random.below(60_000));
    return {
      accountId: accountOf(player),
      ip,
      occurredAt: occurredAt.toISOString(),
      id: `sample-${seed}-${player}-${minute}-${random.below(1_000_000)}`,
      outcome,
      product: 'game',
      device: { userAgent: random.of(agents) },
    };
  };

  const logins: LoginBody[] = [];
  for (let player = 0; player < players; player += 1) {
    const own = addressIn(home);
    for (let count = 1 + random.below(4); count > 0; count -= 1) logins.push(login(player, own, 60 + random.below(minutesOfDay - 60), 'success'));
    // One in ten plays from abroad, too.
    if (random.below(10) === 0) logins.push(login(player, addressIn(random.of(abroad)), random.below(minutesOfDay), 'success'));
  }
  // From every country somebody tries a password that is known elsewhere, and one in three is let in.
  for (const country of abroad) {
    const [player, minute] = [random.below(players), random.below(minutesOfDay - 30)];
    const thief = addressIn(country);
    for (let tries = 1 + random.below(3); tries > 0; tries -= 1) logins.push(login(player, thief, minute + tries, 'failure'));
    if (random.below(3) === 0) logins.push(login(player, thief, minute, 'success'));
  }
  return {
    contacts: Array.from({ length: players }, (_, player) => ({
      accountId: accountOf(player),
      data: { email: `${accountOf(player)}@players.example`, locale: player % 5 === 0 ? 'en' : 'ko', timeZone: 'Asia/Seoul' },
    })),
    logins: logins.toSorted((a, b) => Date.parse(a.occurredAt ?? '') - Date.parse(b.occurredAt ?? '')),
  };
}

const accountOf = (player: number): string => `player-${String(player + 1).padStart(3, '0')}`;

/** Some addresses of home and of each of 60 and more countries. */
function gather(countryOf: CountryOf, home: string, random: Random): Map<string, string[]> {
  const places = new Map<string, string[]>();
  const sources = [knownAddresses(countryOf, random, 4), knownAddresses(countryOf, random, 6)] as const;
  for (let tries = 0; tries < 200_000; tries += 1) {
    const { ip, country } = sources[tries % 4 === 3 ? 1 : 0].next().value as { ip: string; country: string };
    const list = places.get(country) ?? [];
    if (list.length < (country === home ? players : 5)) places.set(country, [...list, ip]);
    if (tries > 5000 && places.size > sampleCountries && (places.get(home)?.length ?? 0) >= 20) return places;
  }
  throw new Error(`The geo database knows too few countries for the sample, or too few addresses of ${home}.`);
}
