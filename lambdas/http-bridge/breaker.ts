/** A subscription's circuit breaker. While it is open, its events wait. */
export interface Breaker {
  readonly state: 'closed' | 'open';
  /** When an open one may be probed, RFC 3339. */
  readonly probeAt: string;
  /** Until then the endpoint asked to be left alone, RFC 3339: nothing but time ends it. */
  readonly holdUntil: string;
  /** Openings in a row without a success between. */
  readonly openings: number;
  /** Whether events may lie in the backlog. */
  readonly hasBacklog: boolean;
  /** Until then somebody lets the backlog go back into the queue, RFC 3339; two at once would deliver it twice. */
  readonly releasedUntil: string;
  /** Counts up with each change. */
  readonly revision: number;
}

/** Where breakers are kept. */
export interface Breakers {
  /** Strongly consistent; a subscription that never had trouble is closed. */
  read(): Promise<Breaker>;
  /** @returns false when what was found does not stand there any more */
  replace(found: Breaker, next: Omit<Breaker, 'revision'>): Promise<boolean>;
}

const never = new Date(0).toISOString();
export const closedBreaker: Breaker = { state: 'closed', probeAt: never, holdUntil: never, openings: 0, hasBacklog: false, releasedUntil: never, revision: 0 };

/** Changes a breaker, whoever else changes it at the same time. @returns it as it is then */
export async function changeBreaker(breakers: Breakers, to: (breaker: Breaker) => Breaker): Promise<Breaker> {
  for (;;) {
    const found = await breakers.read();
    const next = to(found);
    if (await breakers.replace(found, next)) return { ...next, revision: found.revision + 1 };
  }
}

/** With a claim on the backlog until a moment, or without. */
export const releasing = (breaker: Breaker, until?: Date): Breaker => ({ ...breaker, releasedUntil: until?.toISOString() ?? never });

/** The breaker opens after so many failures in a row; fewer are a bad moment of some events. */
export const failuresToOpen = 10;
/** An endpoint is probed about every minute at least. */
const maxProbeSeconds = 60;

/** Opened, or open for longer: 1, 2, 4… 60 seconds with a jitter of a quarter, or what the endpoint asked for. */
export function opened(breaker: Breaker, now: Date, random: () => number, retryAfterSeconds?: number): Breaker {
  const openings = breaker.openings + 1;
  const after = (seconds: number) => new Date(now.getTime() + seconds * 1000).toISOString();
  const probeAt = after(Math.min(2 ** (openings - 1), maxProbeSeconds) * (0.75 + random() / 4));
  const holdUntil = later(breaker.holdUntil, retryAfterSeconds === undefined ? never : after(retryAfterSeconds));
  return { ...breaker, state: 'open', openings, holdUntil, probeAt: later(probeAt, holdUntil) };
}

const later = (a: string, b: string): string => (a > b ? a : b);

/** Claimed for one probe: whoever else comes meanwhile waits. */
export const probing = (breaker: Breaker, now: Date, timeoutSeconds: number): Breaker => ({
  ...breaker,
  probeAt: new Date(now.getTime() + (timeoutSeconds + 5) * 1000).toISOString(),
});

/** Closed by a success, unless the endpoint has asked to be left alone meanwhile. */
export const closed = (breaker: Breaker, now: Date): Breaker =>
  breaker.holdUntil > now.toISOString()
    ? { ...breaker, openings: 0, probeAt: breaker.holdUntil }
    : { ...breaker, state: 'closed', openings: 0, probeAt: never };

/** Seconds until an open breaker may be probed; 0 when it may be now, or is closed. */
export const secondsUntilProbe = ({ state, probeAt }: Breaker, now: Date): number =>
  state === 'closed' ? 0 : Math.max(0, (Date.parse(probeAt) - now.getTime()) / 1000);
