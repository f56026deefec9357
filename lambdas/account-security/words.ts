import type { Response, Text, Trigger } from '../contracts/primitives.ts';
import type { ActionOutcome, LocatedLogin } from '../contracts/verdict.ts';
import type { Evidence } from './rules.ts';

type Language = keyof Text;

/** What a player is told of a login, in the languages that players read. */
export function loginText(country: string | null, loginsBefore: number): Text {
  return {
    ko: `${fromIn('ko', country)} 계정에 로그인했습니다.${earlierInKorean(loginsBefore)} 본인이 아니라면 비밀번호를 바꾸세요.`,
    en: `New login to your account ${fromIn('en', country)}.${earlierInEnglish(loginsBefore)} If this was not you, change your password.`,
  };
}

function fromIn(language: Language, country: string | null): string {
  if (country === null) return language === 'ko' ? '위치를 알 수 없는 곳에서' : 'from an unknown place';
  const name = countryIn(language, country);
  return language === 'ko' ? `${name}에서` : `from ${name}`;
}

const countryIn = (language: Language, country: string): string =>
  new Intl.DisplayNames([language], { type: 'region', fallback: 'code' }).of(country) ?? country;

const listIn = (language: Language, countries: readonly string[]): string =>
  new Intl.ListFormat(language, { type: 'conjunction' }).format(countries.map((country) => countryIn(language, country)));

const earlierInKorean = (count: number): string => (count > 0 ? ` 지난 알림 이후 같은 곳에서 ${count}번 더 로그인했습니다.` : '');
const earlierInEnglish = (count: number): string =>
  count > 0 ? ` Since the last notice there ${count === 1 ? 'was 1 more login' : `were ${count} more logins`} from there.` : '';

/** What a rule saw, and why it held or not. */
export function ruleText(rule: Trigger, held: boolean, { login, history, settings }: Evidence): Text {
  if (rule === 'disputed') {
    return held
      ? { ko: '본인이 한 로그인이 아니라고 알려 주셨습니다.', en: 'You said that this login was not yours.' }
      : { ko: '이 로그인을 본인이 아니라고 알린 적이 없습니다.', en: 'You did not say that this login was not yours.' };
  }
  if (login.outcome !== 'success') return { ko: '성공한 로그인만 판단합니다.', en: 'Only successful logins are judged.' };
  const { country } = login;
  if (country === null) {
    return rule === 'unlocated'
      ? { ko: '이 주소가 어느 나라의 것인지 알 수 없습니다.', en: 'The address belongs to no country that we know.' }
      : { ko: '이 주소의 나라를 알 수 없어 적용하지 않았습니다.', en: 'The country of the address is not known, so this does not apply.' };
  }
  const [ko, en] = [countryIn('ko', country), countryIn('en', country)];
  if (rule === 'unlocated') return { ko: `주소의 나라를 알고 있습니다: ${ko}.`, en: `The country of the address is known: ${en}.` };
  if (settings.homeCountries.includes(country)) return { ko: `${ko}은(는) 설정하신 본국입니다.`, en: `${en} is one of your home countries.` };
  const [homeKo, homeEn] = [listIn('ko', settings.homeCountries), listIn('en', settings.homeCountries)];
  if (rule === 'login_abroad') {
    return held
      ? { ko: `${ko}에서 로그인했습니다. 본국은 ${homeKo}입니다.`, en: `The login came from ${en}; your home countries are ${homeEn}.` }
      : { ko: `등록하신 여행 기간에 ${ko}에서 로그인했습니다.`, en: `You had announced a trip to ${en} for that time.` };
  }
  if (held) return { ko: `지난 90일 동안 ${ko}에서 로그인한 적이 없습니다.`, en: `There was no login from ${en} in the 90 days before.` };
  if (history.earlierFromCountry) return { ko: `지난 90일 안에 ${ko}에서 로그인한 적이 있습니다.`, en: `There was a login from ${en} in the 90 days before.` };
  return history.previousLogin === undefined
    ? { ko: '이 계정의 첫 로그인입니다.', en: "It was the account's first login." }
    : { ko: `등록하신 여행 기간에 ${ko}에서 로그인했습니다.`, en: `You had announced a trip to ${en} for that time.` };
}

const responseWords: Readonly<Record<Response, Text>> = {
  none: { ko: '아무것도 하지 않음', en: 'nothing' },
  sms: { ko: '문자 메시지', en: 'an SMS' },
  email: { ko: '이메일', en: 'an e-mail' },
  player_message: { ko: '게임 안 메시지', en: 'a message in the game' },
  kick: { ko: '게임에서 내보내기', en: 'being put out of the game' },
  block_abroad: { ko: '해외 접속 차단', en: 'no play from abroad' },
  lock: { ko: '계정 잠금', en: 'a locked account' },
};

/** What a verdict comes to. */
export function verdictText(login: LocatedLogin, responses: readonly Response[]): Text {
  const list = (language: Language) =>
    new Intl.ListFormat(language, { type: 'conjunction' }).format(responses.map((response) => responseWords[response][language]));
  return {
    ko: `${fromIn('ko', login.country)} 로그인했습니다. 조치: ${list('ko')}.`,
    en: `Login ${fromIn('en', login.country)}. What follows: ${list('en')}.`,
  };
}

const outcomeWords: Readonly<Record<ActionOutcome | 'open', Text>> = {
  open: { ko: '진행 중', en: 'not done yet' },
  done: { ko: '완료', en: 'done' },
  failed: { ko: '실패', en: 'failed' },
  no_contact: { ko: '연락처가 없어 보내지 못함', en: 'not sent: no contact is known' },
  stale: { ko: '너무 늦어 하지 않음', en: 'not done: it came too late' },
  unknown: { ko: '보냈는지 알 수 없음', en: 'not known whether it was sent' },
};

/** How an action ended. */
export function actionText(response: Response, outcome: ActionOutcome | undefined): Text {
  const [what, how] = [responseWords[response], outcomeWords[outcome ?? 'open']];
  return { ko: `${what.ko}: ${how.ko}`, en: `${what.en}: ${how.en}` };
}
