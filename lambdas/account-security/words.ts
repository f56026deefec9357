import type { Text } from '../contracts/primitives.ts';

/** What a player is told of a login, in the languages that players read. */
export function loginText(country: string | null, loginsBefore: number): Text {
  return {
    ko: `${fromIn('ko', country)} 계정에 로그인했습니다.${earlierInKorean(loginsBefore)} 본인이 아니라면 비밀번호를 바꾸세요.`,
    en: `New login to your account ${fromIn('en', country)}.${earlierInEnglish(loginsBefore)} If this was not you, change your password.`,
  };
}

function fromIn(locale: 'ko' | 'en', country: string | null): string {
  if (country === null) return locale === 'ko' ? '위치를 알 수 없는 곳에서' : 'from an unknown place';
  const name = new Intl.DisplayNames([locale], { type: 'region', fallback: 'code' }).of(country) ?? country;
  return locale === 'ko' ? `${name}에서` : `from ${name}`;
}

const earlierInKorean = (count: number): string => (count > 0 ? ` 지난 알림 이후 같은 곳에서 ${count}번 더 로그인했습니다.` : '');
const earlierInEnglish = (count: number): string =>
  count > 0 ? ` Since the last notice there ${count === 1 ? 'was 1 more login' : `were ${count} more logins`} from there.` : '';
