import type { EventData } from '../contracts/events.ts';
import type { Locale } from '../contracts/primitives.ts';
import type { SecuritySettings } from '../contracts/settings.ts';
import type { ChannelName } from '../contracts/primitives.ts';
import type { Contact } from '../runtime/contacts.ts';

/** Players whose language is not known read Korean; whose time zone is not known, Korean time. */
const defaultLocale: Locale = 'ko';
const defaultTimeZone = 'Asia/Seoul';

interface Words {
  readonly subject: string;
  readonly text: string;
}

/** What a player is told of a login. */
export function noticeText({ text, occurredAt }: EventData<'action.requested'>, contact: Contact): Words {
  const locale = contact.locale ?? defaultLocale;
  const when = momentIn(locale, contact.timeZone, occurredAt);
  return locale === 'ko'
    ? { subject: '내 계정에 새로운 곳에서 로그인했습니다', text: `${when} ${text.ko}` }
    : { subject: 'New login to your account', text: `${when}: ${text.en}` };
}

/** What a player is told when the security settings changed. */
export function settingsText({ since }: EventData<'settings.changed'>, contact: Contact): Words {
  const locale = contact.locale ?? defaultLocale;
  const when = momentIn(locale, contact.timeZone, since);
  return locale === 'ko'
    ? { subject: '보안 설정이 바뀌었습니다', text: `${when} 계정의 보안 설정이 바뀌었습니다. 본인이 아니라면 비밀번호를 바꾸세요.` }
    : { subject: 'Your security settings changed', text: `${when}: the security settings of your account changed. If this was not you, change your password.` };
}

/** The channels that settings named for any trigger; e-mail when they named none. */
export function channelsOf({ responses }: SecuritySettings): ChannelName[] {
  const named = Object.values(responses).flat();
  const channels = (['email', 'sms'] as const).filter((channel) => named.includes(channel));
  return channels.length > 0 ? channels : ['email'];
}

const momentIn = (locale: Locale, timeZone: string | undefined, moment: string): string =>
  new Intl.DateTimeFormat(locale, {
    dateStyle: 'medium',
    timeStyle: 'long',
    timeZone: timeZone ?? defaultTimeZone,
  }).format(new Date(moment));
