import type { EventData } from '../contracts/events.ts';
import { defaultLocale, defaultTimeZone, type Locale } from '../contracts/primitives.ts';
import type { Contact } from '../runtime/contacts.ts';

/** What a message says; an SMS has no subject. */
export interface Words {
  readonly subject: string;
  readonly text: string;
}

export const localeOf = ({ locale }: Contact): Locale => locale ?? defaultLocale;

/** A moment in a contact's language and time zone. */
export const momentFor = (contact: Contact, moment: string): string =>
  new Intl.DateTimeFormat(localeOf(contact), {
    dateStyle: 'medium',
    timeStyle: 'long',
    timeZone: contact.timeZone ?? defaultTimeZone,
  }).format(new Date(moment));

/** What a player is told of a login. @param link with which the player says that it was not theirs */
export function loginWords({ text, occurredAt }: EventData<'action.requested'>, contact: Contact, link: string): Words {
  const when = momentFor(contact, occurredAt);
  return localeOf(contact) === 'ko'
    ? { subject: '내 계정에 새로운 곳에서 로그인했습니다', text: `${when} ${text.ko} ${notYou.ko}${link}` }
    : { subject: 'New login to your account', text: `${when}: ${text.en} ${notYou.en}${link}` };
}

/** What a player is told for another reason than a login. */
export const otherWords = ({ text }: EventData<'action.requested'>, contact: Contact): Words =>
  localeOf(contact) === 'ko' ? { subject: '계정 안내', text: text.ko } : { subject: 'About your account', text: text.en };

/**
 * What a player is told of a day's logins that were not told one by one: the first, and where the others are.
 *
 * @param why Loginward learned of them late, or there were too many
 */
export function digestWords(data: EventData<'action.requested'>, contact: Contact, link: string, why: 'late' | 'many'): Words {
  const { text, occurredAt } = data;
  const when = momentFor(contact, occurredAt);
  if (localeOf(contact) === 'ko') {
    const opening = why === 'late' ? '해외 로그인이 있었음을 늦게 알게 되었습니다.' : '해외 로그인이 많아 하나씩 알리지 않습니다.';
    return {
      subject: '내 계정의 해외 로그인 모음',
      text: `${opening} 그중 하나: ${when} ${text.ko} 나머지는 로그인 기록에서 확인하세요. ${notYou.ko}${link}`,
    };
  }
  const opening = why === 'late' ? 'We learned late of logins to your account from abroad.' : 'There were more logins to your account from abroad than we tell one by one.';
  return {
    subject: 'Logins to your account from abroad',
    text: `${opening} One of them: ${when}: ${text.en} Your login history shows the others. ${notYou.en}${link}`,
  };
}

const notYou = { ko: '계정을 바로 잠그려면: ', en: 'To lock your account at once: ' };

/** What a player is told when the account was locked or unlocked. */
export function standingWords({ state, reason, since }: EventData<'account.standing_changed'>, contact: Contact): Words {
  const when = momentFor(contact, since);
  const isKorean = localeOf(contact) === 'ko';
  if (state === 'locked') {
    const isDisputed = reason === 'disputed';
    return isKorean
      ? {
          subject: '계정이 잠겼습니다',
          text: `${when} ${isDisputed ? '본인이 하지 않았다고 알린 로그인' : '새로운 곳에서의 로그인'} 때문에 계정이 잠겼습니다. 잠금을 풀려면 로그인 화면에서 인증 코드를 요청하세요.`,
        }
      : {
          subject: 'Your account was locked',
          text: `${when}: your account was locked because of a login${isDisputed ? ' that you said was not yours' : ''}. To unlock it, ask for a code where you sign in.`,
        };
  }
  const bySupport = reason === 'support';
  return isKorean
    ? {
        subject: '계정의 잠금이 풀렸습니다',
        text: `${when} ${bySupport ? '고객센터에서' : '인증 코드로'} 계정의 잠금이 풀렸습니다. 본인이 아니라면 고객센터에 알리세요.`,
      }
    : {
        subject: 'Your account was unlocked',
        text: `${when}: your account was unlocked by ${bySupport ? 'support' : 'a code'}. If this was not you, tell support.`,
      };
}
