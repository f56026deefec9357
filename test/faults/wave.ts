import { setTimeout as delay } from 'node:timers/promises';
import { synthesize } from '../../local/assembly.ts';
import type { Trouble } from '../../local/aws/endpoint.ts';
import { type CallRecorder, callRecorder, callSiteOf, nameOf } from '../support/call-recorder.ts';
import { audit, catalogFolders, gameServer, matchEnded } from '../support/catalog.ts';
import { newCampaign } from '../support/campaigns.ts';
import { startLocalChain } from '../support/local-chain.ts';
import { each } from '../support/work.ts';
import { patientClient } from './client.ts';
import { type Game, startGame } from './endpoint.ts';
import { type FaultBoard, faultBoard, textOf } from './faults.ts';
import { type Ending, outage, queuesOf, storyOf, type Story } from './story.ts';

/** A minute of schedules lasts so long: the events that wait for an endpoint are looked after this often, and the canary leaves the chain idle between. */
const minuteMilliseconds = 8000;
/** Stories whose callers call at once. */
const atOnce = 12;
const day = 86_400_000;

/** The templates and the endpoint that all waves have in common. */
export interface Deployment {
  readonly assembly: string;
  readonly game: Game;
  remove(): Promise<void>;
}

export async function deploy(folder: string): Promise<Deployment> {
  const game = await startGame();
  const at = { endpoint: game.url, timeoutSeconds: 2 };
  const folders = await catalogFolders(
    {
      'game-server': { ...gameServer, ...at },
      audit: { ...audit, ...at, name: 'audit', parallelism: 2, eventTypes: [matchEnded.type, 'loginward.verdict.decided.v1'], secret: 'audit' },
    },
    { 'match-ended': matchEnded },
  );
  const campaigns = await catalogFolders({
    spring: newCampaign({ id: 'spring', passwordOlderThan: new Date(Date.now() - day).toISOString(), from: new Date(Date.now() - day).toISOString(), until: new Date(Date.now() + day).toISOString(), response: 'email' }),
  });
  const assembly = await synthesize({ ...folders, campaigns: campaigns.subscriptions, secrets }, folder);
  return {
    assembly,
    game,
    remove: async () => {
      await game.close();
      for (const each of [folders, campaigns]) await each.remove();
    },
  };
}

/** Secrets of the endpoints, by name. */
export const secrets = new Map(['game-server', 'audit'].map((name) => [name, 'whsec_bG9jYWwtdGVzdC1zZWNyZXQ=']));

/** What became of a wave. */
export interface Wave {
  readonly sites: CallRecorder['sites'];
  /** Names of call sites that tell whose story it is. */
  readonly marked: ReadonlySet<string>;
  readonly asked: CallRecorder['asked'];
  readonly stories: readonly Story[];
  /** By story, in their order. */
  readonly endings: readonly Ending[];
  /** What the campaign's report counts for each story. */
  readonly campaign: Readonly<Record<'reached' | 'prompted' | 'changed', number>>;
  readonly reports: readonly string[];
  readonly seconds: number;
}

/** What a wave is made with. */
export interface WaveOptions {
  /** Numbers of the stories. */
  readonly numbers: readonly number[];
  /** Called before the first chapter, with the board of faults. */
  readonly arm: (board: FaultBoard, stories: readonly Story[]) => void;
  /** Told how long each chapter takes. */
  readonly say?: (what: string) => void;
}

/** Tells stories beside each other in one local run, and what faults meet them. */
export async function tellStories({ assembly, game }: Deployment, { numbers, arm, say = () => undefined }: WaveOptions): Promise<Wave> {
  const begin = performance.now();
  const board = faultBoard();
  const recorder = callRecorder();
  const marked = new Set<string>();
  let stories: readonly Story[] = [];
  const before: Trouble['before'] = (functionName, call, headers) => {
    void recorder.before(functionName, call, headers);
    if (call.operation === 'PublishBatch') learn(call.input.entries, stories);
    const site = nameOf(callSiteOf(functionName, call));
    const text = textOf(call);
    if (!marked.has(site) && stories.some(({ marks }) => [...marks].some((mark) => text.includes(mark)))) marked.add(site);
    return board.trouble.before(functionName, call, headers);
  };
  const chain = await startLocalChain({ assembly, secrets, minuteMilliseconds, trouble: { ...board.trouble, before } });
  const deadLetters = () => queuesOf(chain.local.functions).map((queue) => queue.replace(/-queue$/, '-dead-letters')).flatMap((queue) => chain.local.peek(queue).map(({ body }) => ({ queue, body })));
  try {
    const client = patientClient(chain.local.url);
    stories = numbers.map((number) => storyOf(number, { chain, client, game, deadLetters }));
    arm(board, stories);
    for (const index of stories[0]?.chapters.keys() ?? []) {
      const [at, start] = [new Date(), performance.now()];
      if (index === outage) for (const { prefix } of stories) game.down.add(prefix);
      await each(stories, atOnce, async ({ chapters }) => chapters[index]?.(at));
      await chain.settled();
      if (index === outage) {
        for (const { prefix } of stories) game.down.delete(prefix);
        await until(() => stories.every((story) => story.isCaughtUp()));
      }
      await chain.settled();
      say(`chapter ${index}: ${((performance.now() - start) / 1000).toFixed(1)} s`);
    }
    const endings: Ending[] = [];
    await each([...stories.entries()], 4, async ([index, story]) => {
      endings[index] = await story.end();
    });
    const { reached, prompted, changed } = (await client.signed('/v1/campaigns/spring')).body as Wave['campaign'];
    const campaign = { reached: reached / stories.length, prompted: prompted / stories.length, changed: changed / stories.length };
    return { sites: recorder.sites, asked: recorder.asked, marked, stories, endings, campaign, reports: chain.reports, seconds: (performance.now() - begin) / 1000 };
  } finally {
    await chain.remove();
  }
}

/** What goes by a challenge's own hash belongs to the story that asked for it. */
function learn(entries: readonly { readonly message: string }[], stories: readonly Story[]): void {
  for (const { message } of entries) {
    if (!message.includes('challenge.requested')) continue;
    const { subject, data } = JSON.parse(message) as { subject: string; data: { challenge: string } };
    stories.find(({ prefix }) => subject.startsWith(prefix))?.marks.add(data.challenge);
  }
}

/** How long the endpoint may take to catch up, in milliseconds. */
const patience = 240_000;

async function until(holds: () => boolean): Promise<void> {
  for (const end = Date.now() + patience; !holds() && Date.now() < end; ) await delay(200);
}
