import type { ChannelName, Trigger } from '../contracts/primitives.ts';

/** What a message is about, for the local run's list of messages; nothing of it is private to another account. */
export interface MessageContext {
  readonly accountId: string;
  readonly actionId: string;
  readonly triggers: readonly Trigger[];
  readonly country: string | null;
}

export interface Message {
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  readonly context: MessageContext;
}

/** The provider answered that it did not take the message, so that it was surely not sent. */
export class RefusedError extends Error {
  /** Whether it was throttling or a quota was used up: it may well take the message later. */
  readonly isQuota: boolean;

  /** @param reason the provider's name for it, such as `MessageRejected` */
  constructor(reason: string, isQuota: boolean) {
    super(reason);
    // Of an error, logs tell the name alone.
    this.name = reason;
    this.isQuota = isQuota;
  }
}

/** A way to reach a player. */
export interface Channel {
  /**
   * @throws RefusedError when the provider surely did not take it (quota, sandbox, throttling, bad address); any other error leaves
   * unknown whether it did
   */
  send(message: Message): Promise<void>;
}

export type Channels = Readonly<Record<ChannelName, Channel>>;
