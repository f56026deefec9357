import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { nameOf, type Met } from '../support/call-recorder.ts';
import { endpointFaults } from './endpoint.ts';
import { type Armed, canHappen, type Fault, faults } from './faults.ts';
import { differences, type Verdict } from './outcome.ts';
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
}, 600_000);
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

/** Every story but the first has at most one call site of each function, so that no event meets two faults in one place. */
async function waveOf(fault: Fault) {
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
    say,
  });
  const of = (index: number) => [...armed].flatMap(([{ site }, story]) => (story === wave.stories[index] ? [site] : []));
  return { wave, armed, of };
}

describe('every call site met by every fault', () => {
  it('a story without a fault, and one in which every consumer fails once, end alike', () => {
    say(`${census.sites.size} call sites, ${census.marked.size} of them of one story; ${census.seconds.toFixed(0)} s`);
    expect(differences(census, 1).lines).toEqual([]);
    expect(census.reports).toEqual([]);
  });

  it.each(faults)('%s', { timeout: 900_000 }, async (fault) => {
    const { wave, armed, of } = await waveOf(fault);
    const verdicts: Verdict[] = wave.endings.map((_, index) => differences(wave, index));
    const notFired = [...armed.keys()].filter(({ fired }) => fired === 0).map(({ site }) => site);
    const sum = (pick: (verdict: Verdict) => number) => verdicts.reduce((total, verdict) => total + pick(verdict), 0);
    table.push({ fault, sites: armed.size, fired: armed.size - notFired.length, lost: sum(({ lost }) => lost), doubled: sum(({ doubled }) => doubled), unknown: sum(({ unknown }) => unknown), 'again by e-mail or HTTP': sum(({ again }) => again), seconds: Math.round(wave.seconds) });
    for (const [index, { lines }] of verdicts.entries()) if (lines.length > 0) say(`${fault}: story ${index}\n  sites: ${of(index).join('\n         ')}\n  ${lines.join('\n  ')}`);
    if (notFired.length > 0) say(`${fault}: not fired\n  ${notFired.join('\n  ')}`);
    expect({ notFired, lines: verdicts.flatMap(({ lines }) => lines) }).toEqual({ notFired: [], lines: [] });
  });
});

describe('endpoints', () => {
  it('every fault of an endpoint', { timeout: 900_000 }, async () => {
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
