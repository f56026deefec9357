import { mkdtemp, mkdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Folders with files of subscriptions and event types. */
export interface CatalogFolders {
  readonly subscriptions: readonly string[];
  readonly eventTypes: readonly string[];
  remove(): Promise<void>;
}

type Files = Readonly<Record<string, object | string>>;

/** Writes subscriptions and event types, by file name without `.json`. */
export async function catalogFolders(subscriptions: Files, eventTypes: Files = {}): Promise<CatalogFolders> {
  const folder = await mkdtemp(join(tmpdir(), 'loginward-catalog-'));
  const write = async (name: string, files: Files): Promise<string[]> => {
    await mkdir(join(folder, name));
    for (const [file, content] of Object.entries(files)) {
      await writeFile(join(folder, name, `${file}.json`), typeof content === 'string' ? content : JSON.stringify(content));
    }
    return [join(folder, name)];
  };
  return {
    subscriptions: await write('subscriptions', subscriptions),
    eventTypes: await write('event-types', eventTypes),
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

/** A subscription of the responses that a game carries out. */
export const gameServer = {
  name: 'game-server',
  owner: 'game team',
  eventTypes: ['loginward.action.requested.v1'],
  filter: { response: ['kick', 'player_message'] },
  endpoint: 'https://game.studio.com/loginward',
  mode: 'streaming',
  emits: ['loginward.action.completed.v1'],
  secret: 'game-server',
};

/** A one-way subscription that gets one event at a time. */
export const audit = {
  name: 'audit',
  owner: 'security team',
  eventTypes: ['loginward.verdict.decided.v1'],
  endpoint: 'https://audit.studio.com/in',
  mode: 'one-way',
  parallelism: 1,
  secret: 'audit',
};

/** An event type of the company's own. */
export const matchEnded = {
  type: 'studio.match.ended.v1',
  owner: 'match team',
  dataSchema: { type: 'object', properties: { matchId: { type: 'string' } }, required: ['matchId'] },
  outsideProducers: true,
};
