import type { Text } from '../contracts/primitives.ts';

/** What a player is told who has just lifted a lock: whoever led to it knew the password. */
export const afterUnlock: Text = {
  ko: '계정의 잠금이 풀렸습니다. 다른 사람이 비밀번호를 알고 있을 수 있으니 지금 새 비밀번호로 바꾸세요.',
  en: 'Your account is unlocked. Somebody else may know your password: choose a new one now.',
};
