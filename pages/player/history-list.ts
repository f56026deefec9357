import { useCallback, useEffect, useState } from 'preact/hooks';
import type { HistoryItem } from '../../lambdas/contracts/answers.ts';
import type { PlayerApi } from './api.ts';
import { useWork, type Work } from './work.ts';

/** A login that deserves a second look: it was notable, or did not succeed. */
export const isUnusual = ({ verdict, outcome, disputedAt }: HistoryItem): boolean => verdict !== undefined || outcome !== 'success' || disputedAt !== undefined;

/** The history as far as it was read. */
export interface HistoryList {
  /** Nothing until the first page is there. */
  readonly items: readonly HistoryItem[] | undefined;
  readonly hasMore: boolean;
  readonly work: Work;
  /** Reads the newest anew. */
  readonly refresh: () => Promise<void>;
  readonly more: () => Promise<void>;
  /** Shows what is known of a login already, before the history is read anew. */
  readonly change: (id: string, what: Partial<HistoryItem>) => void;
}

/**
 * The newest page before what was read earlier. When the two do not touch, logins in between may be missing: then only the newest is left, with its
 * cursor.
 */
export function joined(newest: readonly HistoryItem[], earlier: readonly HistoryItem[]): { items: HistoryItem[]; touches: boolean } {
  const last = newest.at(-1);
  const place = last ? earlier.findIndex(({ id }) => id === last.id) : -1;
  return place < 0 ? { items: [...newest], touches: false } : { items: [...newest, ...earlier.slice(place + 1)], touches: true };
}

export function useHistory(api: PlayerApi): HistoryList {
  const [{ items, cursor }, setList] = useState<{ items?: readonly HistoryItem[]; cursor: string | null }>({ cursor: null });
  const work = useWork();
  const { run } = work;
  const refresh = useCallback(
    () =>
      run(async () => {
        const page = await api.logins();
        setList((before) => {
          const { items, touches } = joined(page.items, before.items ?? []);
          return { items, cursor: touches ? before.cursor : page.cursor };
        });
      }),
    [api, run],
  );
  const more = () =>
    run(async () => {
      if (cursor === null) return;
      const page = await api.logins(cursor);
      setList((before) => ({ items: [...(before.items ?? []), ...page.items], cursor: page.cursor }));
    });
  const change = (id: string, what: Partial<HistoryItem>) =>
    setList((before) => ({ ...before, items: before.items?.map((item) => (item.id === id ? { ...item, ...what } : item)) }));
  useEffect(() => {
    void refresh();
    // Who comes back to the tab sees what is new.
    const look = () => {
      if (document.visibilityState === 'visible') void refresh();
    };
    document.addEventListener('visibilitychange', look);
    return () => document.removeEventListener('visibilitychange', look);
  }, [refresh]);
  return { items, hasMore: cursor !== null, work, refresh, more, change };
}
