import { randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import type { RequestListener } from 'node:http';
import { join } from 'node:path';
import { eventType } from '../../lambdas/contracts/names.ts';
import { type Action, gameServer } from '../../samples/game-server.mjs';
import type { Outbox } from '../aws/outbox.ts';

/** Path of the sample game server's endpoint on the local run's own origin. */
export const samplePath = '/local/game-server';

/** The sample game server as the local run hosts it: what it would do in a game stands among the messages that would have gone out. */
export interface SampleGame {
  /** Folders with its subscription. */
  readonly subscriptions: readonly string[];
  readonly secrets: ReadonlyMap<string, string>;
  readonly listener: RequestListener;
}

/** @param origin of the local run: `http://127.0.0.1:8787` */
export function sampleGame(folder: string, origin: string, outbox: Outbox, now: () => Date): SampleGame {
  const name = 'sample-game-server';
  const secret = `whsec_${randomBytes(24).toString('base64')}`;
  const subscriptions = join(folder, 'subscriptions');
  mkdirSync(subscriptions, { recursive: true });
  const subscription = {
    name,
    owner: 'the sample in samples/',
    eventTypes: [eventType('action.requested')],
    filter: { response: ['kick', 'player_message'] },
    endpoint: `${origin}${samplePath}`,
    mode: 'streaming',
    emits: [eventType('action.completed')],
    secret: name,
  };
  writeFileSync(join(subscriptions, `${name}.json`), JSON.stringify(subscription));
  const show = (accountId: string, { actionId, response, triggers, country, text }: Action): void =>
    // A game knows its player's language; here, as everywhere, Korean first.
    outbox.add({ accountId, channel: response, to: accountId, text: text.ko, sentAt: now().toISOString(), actionId, triggers, country });
  return {
    subscriptions: [subscriptions],
    secrets: new Map([[name, secret]]),
    listener: gameServer({ secret, kick: show, tell: show }),
  };
}
