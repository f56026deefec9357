import type { EventData } from '../contracts/events.ts';
import type { ChannelName, Locale } from '../contracts/primitives.ts';
import { chosenTriggers, type SecuritySettings, type Trip } from '../contracts/settings.ts';
import type { Contact } from '../runtime/contacts.ts';
import { localeOf, momentFor, type Words } from './words.ts';

/** What a player is told when settings or trips changed: what changed, and not whether that protects more or less. */
export function settingsWords(changed: EventData<'settings.changed'>, contact: Contact): Words {
  const locale = localeOf(contact);
  const when = momentFor(contact, changed.since);
  const changes = changesOf(changed, locale);
  const list = changes.length > 0 ? `: ${changes.join('; ')}` : '';
  return locale === 'ko'
    ? { subject: '보안 설정이 바뀌었습니다', text: `${when} 계정의 보안 설정이 바뀌었습니다${list}. 본인이 아니라면 비밀번호를 바꾸세요.` }
    : { subject: 'Your security settings changed', text: `${when}: the security settings of your account changed${list}. If this was not you, change your password.` };
}

const words = {
  ko: {
    homeAdded: '본국에 추가',
    homeRemoved: '본국에서 삭제',
    responses: { login_abroad: '해외 로그인 시 대응 변경', new_country: '새로운 나라에서 로그인 시 대응 변경', unlocated: '위치를 알 수 없는 로그인 시 대응 변경' },
    tripAdded: '여행 추가',
    tripRemoved: '여행 삭제',
    to: '~',
  },
  en: {
    homeAdded: 'added to the home countries',
    homeRemoved: 'removed from the home countries',
    responses: {
      login_abroad: 'what happens at a login from abroad',
      new_country: 'what happens at a login from a new country',
      unlocated: 'what happens at a login from an unknown place',
    },
    tripAdded: 'trip added',
    tripRemoved: 'trip removed',
    to: ' to ',
  },
} as const;

function changesOf({ homeCountries, responses, trips, previous, since }: EventData<'settings.changed'>, locale: Locale): string[] {
  const say = words[locale];
  const home = (what: string, countries: readonly string[]) => (countries.length > 0 ? [`${what} (${namesOf(countries, locale)})`] : []);
  const trip = (what: string, { countries, from, until }: Trip) => `${what} (${namesOf(countries, locale)}, ${from}${say.to}${until})`;
  const isIn = (list: readonly Trip[]) => ({ id }: Trip) => list.some((each) => each.id === id);
  return [
    ...home(say.homeAdded, homeCountries.filter((country) => !previous.homeCountries.includes(country))),
    ...home(say.homeRemoved, previous.homeCountries.filter((country) => !homeCountries.includes(country))),
    ...chosenTriggers.filter((trigger) => !isSame(responses[trigger], previous.responses[trigger])).map((trigger) => say.responses[trigger]),
    ...trips.filter((each) => !isIn(previous.trips)(each)).map((each) => trip(say.tripAdded, each)),
    // A trip that is over leaves the list by itself.
    ...previous.trips
      .filter((each) => !isIn(trips)(each) && Date.parse(each.endsAt) > Date.parse(since))
      .map((each) => trip(say.tripRemoved, each)),
  ];
}

const isSame = (one: readonly string[], other: readonly string[]): boolean => one.toSorted().join() === other.toSorted().join();

function namesOf(countries: readonly string[], locale: Locale): string {
  const names = new Intl.DisplayNames([locale], { type: 'region', fallback: 'code' });
  return countries.map((country) => names.of(country) ?? country).join(', ');
}

/** The channels that settings named for any trigger; e-mail when they named none. */
export function channelsOf({ responses }: Pick<SecuritySettings, 'responses'>): ChannelName[] {
  const named = Object.values(responses).flat();
  const channels = (['email', 'sms'] as const).filter((channel) => named.includes(channel));
  return channels.length > 0 ? channels : ['email'];
}
