import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Hono } from 'hono';
import type { Clock } from '../cloudwatch/clock.ts';
import type { CloudWatch } from '../cloudwatch/types.ts';
import type { StateReader } from '../console/state.ts';
import type { ConsoleDashboard, ConsoleState } from '../console/types.ts';

export interface ConsoleParts {
  readonly state: StateReader;
  readonly cloudWatch: CloudWatch;
  readonly clock: Clock;
}

/** However many consoles are open, the run is looked at no more often than this, in milliseconds. */
const freshMilliseconds = 1000;
const [defaultMinutes, maxMinutes] = [60, 24 * 60];

const runbook = join(import.meta.dirname, '..', '..', 'docs', 'runbook.md');

/** `/local/console/*`: what the operator's console shows. */
export function console({ state, cloudWatch, clock }: ConsoleParts): Hono {
  const recent = new Map<number, { readonly at: number; readonly state: Promise<ConsoleState> }>();
  const readState = (minutes: number): Promise<ConsoleState> => {
    const found = recent.get(minutes);
    if (found && Date.now() - found.at < freshMilliseconds) return found.state;
    const fresh = state.read(minutes);
    recent.set(minutes, { at: Date.now(), state: fresh });
    return fresh;
  };

  return new Hono()
    .basePath('/local/console')
    .use(async (context, next) => {
      await next();
      context.header('cache-control', 'no-store');
    })
    .get('/state', async (context) => context.json(await readState(minutesOf(context.req.query('minutes')))))
    .get('/dashboards', (context) => context.json({ items: cloudWatch.dashboards }))
    .get('/dashboards/:name', (context) => {
      const drawn = cloudWatch.draw(context.req.param('name'), minutesOf(context.req.query('minutes')));
      return drawn ? context.json({ ...drawn, at: clock.now() } satisfies ConsoleDashboard) : context.notFound();
    })
    .get('/runbook', () => new Response(readFileSync(runbook), { headers: { 'content-type': 'text/markdown; charset=utf-8' } }));
}

/** One of what a console may ask for; whatever else is asked for is an hour. */
const minutesOf = (text: string | undefined): number => {
  const minutes = Number(text);
  return Number.isInteger(minutes) && minutes > 0 && minutes <= maxMinutes ? minutes : defaultMinutes;
};
