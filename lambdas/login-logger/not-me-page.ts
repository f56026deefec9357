import { createHash } from 'node:crypto';
import type { Locale } from '../contracts/primitives.ts';

/** What the page behind the link of a notice says. */
export type Page = 'ask' | 'done' | 'again' | 'used' | 'bad-link';

interface Words {
  readonly title: string;
  readonly text: string;
}

const words: Readonly<Record<Locale, Readonly<Record<Page, Words>>>> = {
  ko: {
    ask: { title: '본인이 한 로그인이 아닌가요?', text: '아래 단추를 누르면 계정이 잠깁니다. 등록된 연락처로 받은 코드로 다시 풀 수 있습니다.' },
    done: { title: '알려 주셔서 고맙습니다', text: '계정을 잠그고 있습니다. 등록된 연락처로 받은 코드로 풀고 비밀번호를 바꾸세요.' },
    again: { title: '지금은 처리할 수 없습니다', text: '잠시 후 아래 단추를 다시 눌러 주세요.' },
    used: { title: '이미 알려 주셨습니다', text: '이 링크는 한 번만 쓸 수 있습니다.' },
    'bad-link': { title: '쓸 수 없는 링크입니다', text: '링크가 잘못되었거나 기간이 지났습니다. 로그인 기록에서 직접 알려 주세요.' },
  },
  en: {
    ask: { title: 'Was this login not yours?', text: 'The button below locks your account. A code sent to your registered contact unlocks it again.' },
    done: { title: 'Thank you for telling us', text: 'Your account is being locked. Unlock it with a code sent to your registered contact, and choose a new password.' },
    again: { title: 'This did not work just now', text: 'Press the button again in a moment.' },
    used: { title: 'You have told us already', text: 'This link can be used only once.' },
    'bad-link': { title: 'This link cannot be used', text: 'It is not complete, or it is too old. You can still tell us from your login history.' },
  },
};

const button: Readonly<Record<Locale, string>> = { ko: '본인이 아닙니다. 계정을 잠그세요', en: 'It was not me: lock my account' };

const style = `:root{color-scheme:light dark}body{font:17px/1.6 system-ui,sans-serif;max-width:34rem;margin:12vh auto;padding:0 1.25rem}
h1{font-size:1.5rem;line-height:1.3}button{font:inherit;font-weight:600;padding:.75rem 1.25rem;border:0;border-radius:.5rem;background:#b3261e;color:#fff;cursor:pointer}
button:focus-visible{outline:3px solid #6ea8fe;outline-offset:2px}`;

/** The page's own style is all that it may load; it sends its form nowhere but here, tells no other site its address, and is framed by none. */
export const pageHeaders = {
  'content-security-policy': `default-src 'none'; style-src 'sha256-${createHash('sha256').update(style).digest('base64')}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'`,
  'referrer-policy': 'no-referrer',
} as const;

/** @param token as it came; it is put into the form's address */
export function page(which: Page, locale: Locale, token: string): string {
  const { title, text } = words[locale][which];
  const form = which === 'ask' || which === 'again' ? `<form method="post" action="/v1/not-me?token=${encodeURIComponent(token)}"><button>${button[locale]}</button></form>` : '';
  return `<!doctype html><html lang="${locale}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1"><meta name="robots" content="noindex"><title>${title}</title><style>${style}</style></head><body><main><h1>${title}</h1><p>${text}</p>${form}</main></body></html>`;
}
