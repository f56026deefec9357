import { afterAll, describe, expect, it } from 'vitest';
import { type Service, services } from '../../lib/services.ts';
import { audit, catalogFolders, gameServer, matchEnded } from '../support/catalog.ts';
import { synthesize } from '../support/templates.ts';

const cleanups: (() => Promise<void>)[] = [];
afterAll(async () => {
  for (const cleanup of cleanups) await cleanup();
});

/** Every resource of every stack but operations, as text, by stack and logical id. */
async function resourcesWith(
  subscriptions: Record<string, object>,
  eventTypes: Record<string, object> = {},
  table: readonly Service[] = services,
): Promise<Map<string, string>> {
  const folders = await catalogFolders(subscriptions, eventTypes);
  const templates = await synthesize({ subscriptions: folders.subscriptions, eventTypes: folders.eventTypes }, table);
  cleanups.push(folders.remove, templates.remove);
  // The overview collects what there is.
  const deployed = templates.resources.filter(({ stack }) => stack !== 'loginward-dev-operations');
  return new Map(deployed.map(({ stack, id, type, properties }) => [`${stack} ${id}`, JSON.stringify({ type, properties })]));
}

/** The stack of the http-bridge without the other services. */
const bridge = services.filter(({ name }) => name === 'http-bridge');

/** Services of each kind: with an API, a consumer, tables, a secret, and the http-bridge. */
const some = services.filter(({ name }) => ['publisher', 'ip-checker', 'login-logger', 'http-bridge'].includes(name));
const withPublisher = services.filter(({ name }) => name === 'publisher' || name === 'ip-checker');

/** Resources that are not the same in both. */
const changed = (before: Map<string, string>, after: Map<string, string>): string[] =>
  [...new Set([...before.keys(), ...after.keys()])].filter((id) => before.get(id) !== after.get(id));

describe('a change of subscriptions touches only the resources of that subscription', () => {
  const own = /^loginward-dev-http-bridge Subscriptiongameserver/;

  it('when one is added or removed', async () => {
    const without = await resourcesWith({ audit }, {}, some);
    const withIt = await resourcesWith({ audit, 'game-server': gameServer }, {}, some);
    const added = changed(without, withIt);
    expect(added.length).toBeGreaterThan(10);
    for (const id of added) expect(id).toMatch(own);
  });

  // What is in no other stack when one is added cannot change there.
  it('when one is changed or paused', async () => {
    const alone = await resourcesWith({ audit, 'game-server': gameServer }, {}, bridge);
    const changes = [{ endpoint: 'https://other.studio.com/', parallelism: 1, paused: true }, { timeoutSeconds: 5, filter: { response: ['kick'] } }];
    const touched: string[][] = [];
    for (const change of changes) touched.push(changed(alone, await resourcesWith({ audit, 'game-server': { ...gameServer, ...change } }, {}, bridge)));
    for (const ids of touched) {
      expect(ids.length).toBeGreaterThan(0);
      for (const id of ids) expect(id).toMatch(own);
    }
    // What waits in the queue of one that is paused, or whose endpoint changes, is not lost.
    expect(touched[0]?.filter((id) => /Queue/.test(id))).toEqual([]);
  });
});

describe('an event type of the company', () => {
  it('has a topic of its own, which the publisher may publish to when it is open', async () => {
    const before = await resourcesWith({}, {}, withPublisher);
    const after = await resourcesWith({}, { 'match-ended': matchEnded }, withPublisher);
    const ids = changed(before, after);
    // The topic, its policy, its parameter, and what is declared.
    expect(ids.filter((id) => id.startsWith('loginward-dev-bus'))).toHaveLength(4);
    expect([...after].filter(([id, resource]) => id.startsWith('loginward-dev-publisher') && resource.includes('studiomatchended')).length).toBeGreaterThan(0);
    for (const id of ids) expect(id).toMatch(/^loginward-dev-(bus|publisher) /);
  });

  it('that is not open is nothing to the publisher', async () => {
    const after = await resourcesWith({}, { 'match-ended': { ...matchEnded, outsideProducers: false } }, withPublisher);
    expect([...after].filter(([id, resource]) => id.startsWith('loginward-dev-publisher') && resource.includes('studiomatchended'))).toEqual([]);
  });
});
