import { useEffect, useState } from 'preact/hooks';

/** What was last read from a URL. It stays while the next is on its way, so that nothing flickers. */
export interface Polled<T> {
  readonly data: T | undefined;
  /** Since when the local run does not answer, in epoch milliseconds. */
  readonly failedSince: number | undefined;
}

/** Reads a URL again and again, as long as somebody can see the page. Nothing is read without a URL. */
export function usePolled<T>(url: string | undefined, everyMilliseconds: number): Polled<T> {
  const [polled, setPolled] = useState<Polled<T>>({ data: undefined, failedSince: undefined });
  useEffect(() => {
    if (url === undefined) return undefined;
    const stopping = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    let text = '';
    const read = async (): Promise<void> => {
      clearTimeout(timer);
      try {
        const response = await fetch(url, { signal: stopping.signal });
        if (!response.ok) throw new Error(`The local run answered ${response.status}.`);
        const fresh = await response.text();
        // What is the same is not drawn again.
        if (fresh !== text) setPolled({ data: JSON.parse(fresh) as T, failedSince: undefined });
        text = fresh;
      } catch {
        text = '';
        if (!stopping.signal.aborted) setPolled(({ data, failedSince }) => ({ data, failedSince: failedSince ?? Date.now() }));
      }
      if (!stopping.signal.aborted && !document.hidden) timer = setTimeout(() => void read(), everyMilliseconds);
    };
    const seen = (): void => {
      if (!document.hidden) void read();
    };
    document.addEventListener('visibilitychange', seen);
    void read();
    return () => {
      stopping.abort();
      clearTimeout(timer);
      document.removeEventListener('visibilitychange', seen);
    };
  }, [url, everyMilliseconds]);
  return polled;
}
