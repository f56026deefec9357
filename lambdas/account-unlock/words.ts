import { defaultLocale, type Locale } from '../contracts/primitives.ts';
import { codeMinutes } from './challenges.ts';

/** What a code is good for: it lifts a lock, or proves the player for weakening protection. */
export type Purpose = 'unlock' | 'step_up';

interface Words {
  readonly subject: string;
  readonly text: string;
}

/** What a player is told with a code: what it is for, for how long, and to keep it to oneself. */
export function codeText(code: string, purpose: Purpose, locale: Locale = defaultLocale): Words {
  const { subject, use } = uses[locale][purpose];
  return locale === 'ko'
    ? {
        subject,
        text: `${use}: ${code} (${codeMinutes}분 동안 유효) 누구에게도, 직원에게도 알려 주지 마세요. 요청하지 않았다면 아무것도 하지 않으셔도 됩니다.`,
      }
    : {
        subject,
        text: `${use}: ${code}. It is good for ${codeMinutes} minutes. Never tell it to anyone, not even to our staff. If you did not ask for it, you need do nothing.`,
      };
}

const uses = {
  ko: {
    unlock: { subject: '계정 잠금 해제 코드', use: '계정 잠금 해제 코드' },
    step_up: { subject: '계정 보호 설정 변경 코드', use: '계정 보호 설정 변경을 위한 본인 확인 코드' },
  },
  en: {
    unlock: { subject: 'Your code to unlock your account', use: 'The code to unlock your account' },
    step_up: { subject: 'Your code to change the protection of your account', use: 'The code to change the protection of your account' },
  },
} as const satisfies Record<Locale, Record<Purpose, { subject: string; use: string }>>;
