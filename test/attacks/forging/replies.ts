import type { CloudEvent } from '../../../lambdas/contracts/cloud-event.ts';
import { eventNames, eventType } from '../../../lambdas/contracts/names.ts';

type Asked = CloudEvent<string, { matchId: string; actionId: string }>;
type Reply = (event: Asked) => object | undefined;

const completed = eventType('action.completed');
const done = ({ data }: Asked) => ({ specversion: '1.0', id: 'x', source: 'game', type: completed, data: { actionId: data.actionId, outcome: 'done' } });
const own = eventNames.filter((name) => name !== 'action.completed').map((name) => eventType(name));

/** What an endpoint answers, by the name of what it tries; of all only `good` is what it was asked for. */
export const replies: Readonly<Record<string, Reply>> = {
  // What does not count is left out, and what is ours to say is said anew.
  good: (event) => ({
    ...done(event),
    id: 'chosen-by-the-endpoint',
    source: 'account-security',
    hops: 0,
    time: '2020-01-01T00:00:00Z',
    acceptedtime: '2020-01-01T00:00:00Z',
    traceparent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`,
    audit: true,
    data: { ...done(event).data, accountId: 'somebody-else', admin: true },
  }),
  ...Object.fromEntries(own.map((type): [string, Reply] => [`type ${type}`, (event) => ({ ...done(event), type })])),
  ...Object.fromEntries([`${completed} `, completed.toUpperCase(), completed.replace('o', 'о'), completed.replace('v1', 'v2'), 'studio.match.ended.v1', 'studio.closed.v1'].map((type): [string, Reply] => [`lookalike ${type}`, (event) => ({ ...done(event), type })])),
  'erases with what an erasure holds': (event) => ({ ...done(event), type: eventType('account.erased'), data: { erasedAt: new Date().toISOString() } }),
  'unlocks with what a challenge holds': (event) => ({ ...done(event), type: eventType('challenge.verified'), data: { challengeId: 'x', verifiedAt: new Date().toISOString(), purpose: 'unlock' } }),
  'another account': (event) => ({ ...done(event), subject: 'of-good' }),
  'an account in other case': (event) => ({ ...done(event), subject: event.subject.toUpperCase() }),
  'another action': (event) => ({ ...done(event), data: { actionId: 'action-somebody-else', outcome: 'done' } }),
  'the action of another account': (event) => ({ ...done(event), data: { actionId: 'action-good', outcome: 'done' } }),
  'an action in other case': (event) => ({ ...done(event), data: { actionId: event.data.actionId.toUpperCase(), outcome: 'done' } }),
  'no action': (event) => ({ ...done(event), data: { outcome: 'done' } }),
  'another outcome': (event) => ({ ...done(event), data: { actionId: event.data.actionId, outcome: 'unlocked' } }),
  'an outcome that is a list': (event) => ({ ...done(event), data: { actionId: event.data.actionId, outcome: ['done'] } }),
  'words without end': (event) => ({ ...done(event), data: { actionId: event.data.actionId, outcome: 'failed', detail: 'x'.repeat(100_000) } }),
  'a batch with one that is forged': (event) => [done(event), { ...done(event), type: eventType('account.erased'), data: { erasedAt: new Date().toISOString() } }],
  'a batch with one of another account': (event) => [done(event), { ...done(event), subject: 'of-good' }],
};
