import { services } from '../lib/services.ts';
import { type Billed, billed } from '../local/aws/meter.ts';
import { postSteadily, withChain } from './chain.ts';
import type { Benchmark, Section, Tools } from './report.ts';

const logins = 2000;
const perSecond = 400;
const perPost = 10;
/** The promise: at most so many billed requests for a login from home that was posted with nine others. */
const promised = 3.5;

// The canary would be counted, too, in a run of more than a minute.
const table = services.filter(({ schedule }) => !schedule);

/** Billed AWS requests of a login from home, as the local AWS counts them. */
export const requests: Benchmark = { name: 'requests', about: 'billed AWS requests of a login from home', run: measure };

async function measure({ progress }: Tools): Promise<readonly Section[]> {
  progress('ten logins a request');
  const ours = await withChain({ table }, async (chain) => {
    await postSteadily(chain, logins, perPost, perSecond);
    return chain.local.meter.read();
  });
  const perLogin = (what: Billed): number => ours[what] / logins;
  const all = billed.reduce((sum, what) => sum + perLogin(what), 0);
  return [
    {
      title: 'Billed requests',
      text: `Billed AWS requests of a login from home, empty polls apart; ${logins.toLocaleString('en')} logins, ${perPost} in a request, ${perSecond} a second.`,
      columns: ['', 'a login'],
      rows: [...billed.map((what) => [what, perLogin(what).toFixed(2)]), ['all', all.toFixed(2)]],
      promises: [{ what: 'billed requests of a login from home', limit: `at most ${promised}`, measured: all.toFixed(2), isKept: all <= promised }],
    },
  ];
}
