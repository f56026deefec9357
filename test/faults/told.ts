import { setTimeout as delay } from 'node:timers/promises';
import { canaryAccount } from '../../lambdas/contracts/metrics.ts';
import type { Trouble } from '../../local/aws/endpoint.ts';
import { type LocalChain, startLocalChain } from '../support/local-chain.ts';
import { each } from '../support/work.ts';
import { patientClient } from './client.ts';
import { type Ending, queuesOf, storyOf } from './story.ts';
import { type Deployment, secrets } from './wave.ts';

/** What became of stories that were told beside each other. */
export interface Told {
  /** In the order of their numbers. */
  readonly endings: readonly Ending[];
  /** What the campaign counted for each story. */
  readonly campaign: readonly number[];
  readonly reports: readonly string[];
}

/** Tells stories beside each other in a local run that has a trouble throughout; endpoints are up. */
export async function tellThrough({ assembly, game }: Deployment, { numbers, trouble }: { readonly numbers: readonly number[]; readonly trouble: Trouble }): Promise<Told> {
  const chain = await startLocalChain({ assembly, secrets, minuteMilliseconds: 8000, trouble });
  const deadLetters = () => queuesOf(chain.local.functions).map((queue) => queue.replace(/-queue$/, '-dead-letters')).flatMap((queue) => chain.local.peek(queue).map(({ body }) => ({ queue, body })));
  try {
    const client = patientClient(chain.local.url);
    const stories = numbers.map((number) => storyOf(number, { chain, client, game, deadLetters }));
    for (const index of stories[0]?.chapters.keys() ?? []) {
      const at = new Date();
      await each(stories, 12, async ({ chapters }) => chapters[index]?.(at));
      await drained(chain);
    }
    const endings: Ending[] = [];
    for (const story of stories) endings.push(await story.end());
    const { reached, prompted, changed } = (await client.signed('/v1/campaigns/spring')).body;
    return { endings, campaign: [reached, prompted, changed].map((count: number) => count / numbers.length), reports: chain.reports };
  } finally {
    await chain.remove();
  }
}

/** How long a run may take until its queues are empty, in milliseconds. */
const patience = 240_000;

/** Waits until nothing lies in queues but what is the canary's, which is never done where all goes slowly. */
export async function drained({ local }: Pick<LocalChain, 'local'>): Promise<void> {
  const queues = queuesOf(local.functions);
  const isLeft = () => queues.some((queue) => local.peek(queue).some(({ body }) => !body.includes(canaryAccount)));
  for (const end = performance.now() + patience; isLeft(); await delay(200)) {
    if (performance.now() > end) throw new Error('The queues were not drained in time.');
  }
}
