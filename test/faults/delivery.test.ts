import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { randomOf } from '../../local/sample/random.ts';
import { differences, inAnyOrder } from './outcome.ts';
import type { Ending } from './story.ts';
import { tellThrough, type Told } from './told.ts';
import { deploy, type Deployment } from './wave.ts';

/** Seeds of the orders, by the number of the story that is told in them; a failure names its own. */
const seeds = new Map([2, 3, 4].map((number) => [number, number === 2 ? 23 : (Date.now() % 1_000_000) + number]));

describe('each message one to three times, in any order', () => {
  let deployment: Deployment;
  let folder: string;
  let told: Told;
  const counts = { messages: 0, copies: 0 };

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'loginward-delivery-'));
    deployment = await deploy(folder);
    const random = new Map([...seeds].map(([number, seed]) => [number, randomOf(seed)]));
    /** Each copy up to a second late; messages of the first story come once, and at once. */
    const deliveries = (_: string, body: string): number[] => {
      const of = random.get(Number(/\bs(\d{4})-/.exec(body)?.[1]));
      if (!of) return [0];
      const delays = Array.from({ length: 1 + of.below(3) }, () => of.below(1000));
      counts.messages += 1;
      counts.copies += delays.length;
      return delays;
    };
    told = await tellThrough(deployment, { numbers: [1, ...seeds.keys()], trouble: { deliveries } });
  }, 600_000);
  afterAll(async () => {
    await deployment.remove();
    await rm(folder, { recursive: true, force: true });
  });

  it.each([...seeds.values()].entries().toArray())('story %i, seed %i, ends as one does whose messages come once', (index) => {
    const endings = told.endings.map(inAnyOrder);
    expect(differences({ endings }, index + 1).lines).toEqual([]);
    // Nothing failed, so no message went out twice, and nobody had to ask again.
    const { doubledEmails, doubledSms, unknown, askedAgain, doubledEvents } = told.endings[index + 1] as Ending;
    expect({ doubledEmails, doubledSms, unknown, askedAgain }).toEqual({ doubledEmails: 0, doubledSms: 0, unknown: 0, askedAgain: 0 });
    // An endpoint gets each event at least once, and knows it again by its id.
    expect(doubledEvents).toBeGreaterThan(0);
  });

  it('the campaign counts each account once, and nothing is reported', () => {
    // Of five accounts that log in with an old password one changes it.
    expect(told.campaign).toEqual([5, 5, 1]);
    expect(told.reports).toEqual([]);
    expect(counts.copies).toBeGreaterThan(counts.messages * 1.5);
    console.log(`delivery: ${counts.messages} messages in ${counts.copies} copies, the same end`);
  });
});
