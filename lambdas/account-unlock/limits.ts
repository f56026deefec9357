import type { Asker } from './challenges.ts';

/**
 * Codes in a sliding hour: for an account, of these for all who are not signed in and for those of one network, so that a stranger from one
 * network leaves some to the player; and for a network.
 */
export const codesPerHour = { account: 10, public: 7, publicOfNetwork: 5, network: 10 } as const;

const hour = 3_600_000;

/** A code that counts against a limit, by its challenge, so that a redelivery does not count twice. */
export interface Counted {
  readonly challenge: string;
  readonly asker: Asker;
  /** Digest of the network that anyone asked from. */
  readonly network?: string | undefined;
  readonly at: string;
}

/** The limits of codes, each counted once however often a challenge is counted. */
export interface Limits {
  /** @returns whether a code is within what an account gets */
  countForAccount(accountId: string, asked: Counted): Promise<boolean>;
  /** @returns whether a code is within what a network gets */
  countForNetwork(network: string, asked: Counted): Promise<boolean>;
  /** @returns whether one more SMS is within what the deployment sends in a day (UTC); a crash may count one too many */
  takeSms(now: Date): Promise<boolean>;
  /** Gives back an SMS that was surely not sent. */
  giveBackSms(now: Date): Promise<void>;
}

/** Whether one more code is within what an account gets in an hour; strangers can never use up what its player gets. */
export function isWithinAccount(counted: readonly Counted[], { asker, network, at }: Counted): boolean {
  const recent = within(counted, at);
  if (recent.length >= codesPerHour.account) return false;
  if (asker === 'player') return true;
  const byAnyone = recent.filter((each) => each.asker === 'public');
  const fromNetwork = byAnyone.filter((each) => each.network === network);
  return byAnyone.length < codesPerHour.public && fromNetwork.length < codesPerHour.publicOfNetwork;
}

/** Whether one more code is within what a network gets in an hour. */
export const isWithinNetwork = (counted: readonly Counted[], { at }: Counted): boolean => within(counted, at).length < codesPerHour.network;

const within = (counted: readonly Counted[], moment: string): Counted[] =>
  counted.filter(({ at }) => Date.parse(at) > Date.parse(moment) - hour);
