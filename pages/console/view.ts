import { useEffect, useState } from 'preact/hooks';

/** Time ranges that one can choose, in minutes. */
export const ranges = [
  { minutes: 15, label: '15 min', words: 'last 15 minutes' },
  { minutes: 60, label: '1 h', words: 'last hour' },
  { minutes: 180, label: '3 h', words: 'last 3 hours' },
  { minutes: 1440, label: '1 day', words: 'last day' },
] as const;

/** What is looked at. It stands in the address behind `#`, so that it can be kept and sent. */
export interface View {
  readonly minutes: number;
  /** Name of a dashboard; nothing for the first. */
  readonly dashboard: string | undefined;
  /** Anchor of a heading of the runbook that is open. */
  readonly runbook: string | undefined;
}

const start: View = { minutes: 60, dashboard: undefined, runbook: undefined };

/** @param hash `#minutes=60&dashboard=loginward-local-overview`; what makes no sense is left out */
export function readView(hash: string): View {
  const parameters = new URLSearchParams(hash.slice(1));
  const minutes = Number(parameters.get('minutes'));
  return {
    minutes: ranges.some((range) => range.minutes === minutes) ? minutes : start.minutes,
    dashboard: parameters.get('dashboard') ?? undefined,
    runbook: parameters.get('runbook') ?? undefined,
  };
}

/** The same view as an address within the page. */
export function hashOf({ minutes, dashboard, runbook }: View): string {
  const parameters = new URLSearchParams();
  if (minutes !== start.minutes) parameters.set('minutes', String(minutes));
  if (dashboard !== undefined) parameters.set('dashboard', dashboard);
  if (runbook !== undefined) parameters.set('runbook', runbook);
  return `#${parameters.toString()}`;
}

/** The view that the address says, and how to change it. */
export function useView(): readonly [View, (change: Partial<View>) => void] {
  const [view, setView] = useState(() => readView(location.hash));
  useEffect(() => {
    const changed = (): void => setView(readView(location.hash));
    addEventListener('hashchange', changed);
    return () => removeEventListener('hashchange', changed);
  }, []);
  const change = (part: Partial<View>): void => {
    const next = { ...view, ...part };
    // Without a step in the browser's history for each choice.
    history.replaceState(null, '', hashOf(next));
    setView(next);
  };
  return [view, change];
}
