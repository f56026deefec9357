import type { EventData } from '../contracts/events.ts';
import type { ChannelName } from '../contracts/primitives.ts';

/** Who asked for a code: the signed-in player, or anyone. */
export type Asker = EventData<'challenge.requested'>['asker'];

/** How long a code is good for, in minutes. */
export const codeMinutes = 10;
/** How often a code may be answered, right or wrong. */
export const mostTries = 5;

/** A one-time code that was sent, as far as it is kept. */
export interface Challenge {
  /** Digest of the challengeId. */
  readonly challenge: string;
  readonly accountId: string;
  /** Digest of the code, keyed with what is kept nowhere. */
  readonly codeDigest: string;
  /** Where the code went. */
  readonly channel: ChannelName;
  readonly asker: Asker;
  /** After this moment the code is good for nothing. */
  readonly endsAt: string;
}

/** The challenges, for whoever sends codes. All reads are strongly consistent. */
export interface Challenges {
  isClaimed(challenge: string): Promise<boolean>;
  /** Keeps a challenge before its code is sent. @returns false when another has claimed it */
  claim(challenge: Challenge): Promise<boolean>;
  /** Drops a challenge whose code was not sent. */
  release(challenge: string): Promise<void>;
}

/** The challenges, for whoever takes answers. Two writes whatever comes of them, and a third for what was right. */
export interface Answers {
  /** Counts a try before anything is compared. @returns nothing when the challenge is unknown, over, used, or out of tries */
  countTry(challenge: string): Promise<Challenge | undefined>;
  /**
   * Keeps how a try ended.
   *
   * @returns for a right one, the moment when the challenge was first answered rightly; nothing when it has been used meanwhile
   */
  settle(challenge: string, isRight: boolean): Promise<string | undefined>;
  /** Keeps that the bus has confirmed the answer, after which the challenge is used. */
  noteAnnounced(challenge: string): Promise<void>;
}
