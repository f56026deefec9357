import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readModel } from '../../local/template.ts';
import { nameOf, type Met } from '../support/call-recorder.ts';
import { endpointFaults } from './endpoint.ts';
import { type Armed, canHappen, type Fault, faults } from './faults.ts';
import { differences, type Verdict } from './outcome.ts';
import { neverCalled } from './permissions.ts';
import type { Story } from './story.ts';
import { deploy, type Deployment, tellStories, type Wave } from './wave.ts';

let deployment: Deployment;
let folder: string;
let census: Wave;
const table: Record<string, string | number>[] = [];
let numbers = 0;
const next = (count: number): number[] => Array.from({ length: count }, () => (numbers += 1));
const say = (what: string) => process.stdout.write(`${what}\n`);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'loginward-faults-'));
  deployment = await deploy(folder);
  census = await tellStories(deployment, {
    numbers: next(2),
    // Each consumer fails once in the second story, so that what is done after a failure is done.
    arm: (board, [, second]) => board.stumbleAt(second?.prefix ?? ''),
    say,
  });
}, 1_200_000);
afterAll(async () => {
  await deployment.remove();
  await rm(folder, { recursive: true, force: true });
  console.table(table);
});

/** Call sites of a story, by function, and those that no story owns. */
function sitesFor(fault: Fault): { owned: Met[][]; shared: Met[] } {
  const all = [...census.sites.values()].filter(({ operation }) => canHappen(fault, operation));
  const shared = all.filter((site) => !census.marked.has(nameOf(site)));
  const owned = [...Map.groupBy(all.filter((site) => census.marked.has(nameOf(site))), ({ functionName }) => functionName).values()];
  return { owned, shared };
}

interface Told {
  readonly wave: Wave;
  /** Whose story each fault was meant for; nothing for whoever comes by. */
  readonly armed: ReadonlyMap<Armed, Story | undefined>;
}

/** Every story but the first has at most one call site of each function, so that no event meets two faults in one place. */
async function tellOwned(fault: Fault): Promise<Told> {
  const { owned, shared } = sitesFor(fault);
  const armed = new Map<Armed, Story | undefined>();
  const wave = await tellStories(deployment, {
    numbers: next(2 + Math.max(0, ...owned.map(({ length }) => length))),
    arm: (board, stories) => {
      board.stumbleAt(stories[1]?.prefix ?? '');
      for (const sites of owned) for (const [index, site] of sites.entries()) {
        const story = stories[index + 2];
        if (story) armed.set(board.arm(nameOf(site), fault, story.marks), story);
      }
      for (const site of shared) armed.set(board.arm(nameOf(site), fault, new Set()), undefined);
    },
    say: (what) => say(`${fault}, ${what}`),
  });
  return { wave, armed };
}

/** Which of two comes first decides whether some call sites are met in a story; whoever comes by meets them in a second wave. */
async function tellOfAnybody(fault: Fault, sites: readonly string[]): Promise<Told> {
  const armed = new Map<Armed, undefined>();
  const wave = await tellStories(deployment, {
    numbers: next(5),
    arm: (board, stories) => {
      board.stumbleAt(stories[1]?.prefix ?? '');
      for (const site of sites) armed.set(board.arm(site, fault, new Set()), undefined);
    },
    say: (what) => say(`${fault}, ${what}`),
  });
  return { wave, armed };
}

const notFired = ({ armed }: Told): string[] => [...armed.keys()].filter(({ fired }) => fired === 0).map(({ site }) => site);

/** Compares the ends of the stories of a wave, and says what was wrong with which. */
function judged(fault: Fault, { wave, armed }: Told): Verdict[] {
  const verdicts = wave.endings.map((_, index) => differences(wave, index));
  for (const [index, { lines }] of verdicts.entries()) {
    const sites = [...armed].flatMap(([{ site }, story]) => (story === wave.stories[index] ? [site] : []));
    if (lines.length > 0) say(`${fault}: story ${index}\n  sites: ${sites.join('\n         ')}\n  ${lines.join('\n  ')}`);
  }
  return verdicts;
}

describe.concurrent('every call site met by every fault', () => {
  it('a story without a fault, and one in which every consumer fails once, end alike', () => {
    say(`${census.sites.size} call sites, ${census.marked.size} of them of one story; ${census.seconds.toFixed(0)} s`);
    const { lines } = differences(census, 1);
    say(lines.join('\n'));
    expect(lines).toEqual([]);
    expect(census.campaign).toEqual(oncePerStory);
    expect(census.reports).toEqual([]);
  });

  it.each(faults)('%s', { timeout: 1_800_000 }, async (fault) => {
    const first = await tellOwned(fault);
    const left = notFired(first);
    const told = left.length === 0 ? [first] : [first, await tellOfAnybody(fault, left)];
    const verdicts = told.flatMap((each) => judged(fault, each));
    const never = notFired(told.at(-1) ?? first);
    const sum = (pick: (verdict: Verdict) => number) => verdicts.reduce((total, verdict) => total + pick(verdict), 0);
    const seconds = Math.round(told.reduce((total, { wave }) => total + wave.seconds, 0));
    table.push({ fault, 'call sites': first.armed.size, 'not fired': never.length, lost: sum(({ lost }) => lost), doubled: sum(({ doubled }) => doubled), 'SMS unknown': sum(({ unknown }) => unknown), 'again by e-mail or HTTP': sum(({ again }) => again), seconds });
    if (never.length > 0) say(`${fault}: not fired\n  ${never.join('\n  ')}`);
    const campaigns = told.map(({ wave }) => wave.campaign);
    expect({ never, lines: verdicts.flatMap(({ lines }) => lines), campaigns }).toEqual({ never: [], lines: [], campaigns: told.map(() => oncePerStory) });
  });
});

/** Five accounts log in with an old password, are asked, and are counted once each; one of them changes it. */
const oncePerStory = { reached: 5, prompted: 5, changed: 1 };

describe('what a role allows', () => {
  it('is called in the story, or by what has a test of its own', () => {
    const model = readModel(deployment.assembly, 'http://127.0.0.1');
    const never = neverCalled(model, census.asked).filter((each) => !elsewhere.some((known) => known.test(each)));
    expect(never).toEqual([]);
  });
});

/** What no story of some minutes reaches. */
const elsewhere = [
  // After ten days of waiting: test/http-bridge/holding.test.ts, and test/operations/alarms.test.ts, which ages what waits.
  /^http-bridge-[a-z-]+ s3:PutObject \w+\/expired\//,
  // Past 30 changes in an hour: test/account-security/settings.test.ts.
  /^account-security-api dynamodb:GetItem table\/loginward-local-security-settings$/,
  // A contact that comes between an erasure and a request of the same player: test/runtime/erasure.test.ts.
  /^account-security-api dynamodb:DeleteItem table\/loginward-local-account-facts$/,
];

describe('endpoints', () => {
  it('every fault of an endpoint', { timeout: 1_800_000 }, async () => {
    const fired: { what: string; armed: { fired: number } }[] = [];
    const wave = await tellStories(deployment, {
      numbers: next(1 + endpointFaults.length),
      arm: (_, stories) => {
        for (const [index, fault] of endpointFaults.entries()) {
          for (const type of ['loginward.action.requested.v1', 'loginward.verdict.decided.v1']) fired.push({ what: `${fault} ${type}`, armed: deployment.game.arm(fault, { mark: stories[index + 1]?.prefix ?? '', type }) });
        }
      },
      say,
    });
    const verdicts = wave.endings.map((_, index) => differences(wave, index));
    for (const [index, { lines }] of verdicts.entries()) if (lines.length > 0) say(`${endpointFaults[index - 1]}\n  ${lines.join('\n  ')}`);
    const notFired = fired.filter(({ armed }) => armed.fired === 0).map(({ what }) => what);
    expect({ notFired, lines: verdicts.flatMap(({ lines }) => lines) }).toEqual({ notFired: [], lines: [] });
  });
});
