import { useCallback, useEffect, useRef, useState } from 'preact/hooks';

/** What is being done, and what went wrong the last time. */
export interface Work {
  readonly isBusy: boolean;
  readonly error: unknown;
  /** Does one thing; while it lasts, another is not begun. */
  readonly run: (work: () => Promise<void>) => Promise<void>;
  readonly clear: () => void;
}

/** One thing at a time, with its errors kept to be shown. */
export function useWork(): Work {
  const [isBusy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const busy = useRef(false);
  const run = useCallback(async (work: () => Promise<void>) => {
    if (busy.current) return;
    busy.current = true;
    setBusy(true);
    setError(undefined);
    try {
      await work();
    } catch (thrown) {
      setError(thrown);
    } finally {
      busy.current = false;
      setBusy(false);
    }
  }, []);
  const clear = useCallback(() => setError(undefined), []);
  return { isBusy, error, run, clear };
}

/** The time, anew each minute. */
export function useNow(): Date {
  const [now, setNow] = useState(() => new Date());
  useEffect(() => {
    const timer = setInterval(() => setNow(new Date()), 60_000);
    return () => clearInterval(timer);
  }, []);
  return now;
}
