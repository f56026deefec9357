import { attributesOf, type BridgeParts } from './batch.ts';
import type { HeldBatch } from './backlog.ts';
import { changeBreaker, releasing, secondsUntilProbe } from './breaker.ts';

/** Batches that are on their way back at once. */
const atOnce = 8;
const marginMilliseconds = 5000;

/**
 * What is done every minute for a subscription with events in its backlog: lets them go back into the queue once the endpoint works
 * again, a few of them as a probe while it does not, and puts aside what has waited for too long.
 */
export function tickOf({ subscription, breakers, backlog, queue, telemetry, now, random }: BridgeParts) {
  return async (deadline: Date): Promise<void> => {
    const breaker = await breakers.read();
    telemetry.measure('BreakerOpen', breaker.state === 'open' ? 1 : 0);
    // Once an hour without being told: a note that was lost costs an hour, not the events.
    if (!breaker.hasBacklog && now().getUTCMinutes() !== 0) return;
    const batches = await backlog.list();
    const [oldest] = batches;
    if (!oldest) {
      if (breaker.hasBacklog) await breakers.replace(breaker, { ...breaker, hasBacklog: false });
      return;
    }
    telemetry.measure('HeldSeconds', (now().getTime() - Date.parse(oldest.heldSince)) / 1000);
    const expiry = new Date(now().getTime() - subscription.holdDays * 86_400_000).toISOString();
    const waiting = batches.filter(({ heldSince }) => heldSince >= expiry);
    await letGo(waiting, deadline);
    await eachOf(batches.filter(({ heldSince }) => heldSince < expiry), deadline, async (batch) => {
      await backlog.expire(batch);
      telemetry.error('Events waited too long and were put aside; `npm run dlq` brings them back', { subscription: subscription.name, batch: batch.key });
      telemetry.count('Expired');
    });
  };

  /** Lets batches go back into the queue: all once the endpoint works, one as a probe while it does not. */
  async function letGo(waiting: readonly HeldBatch[], deadline: Date): Promise<void> {
    const breaker = await changeBreaker(breakers, (found) => ({ ...found, hasBacklog: true }));
    if (subscription.paused || secondsUntilProbe(breaker, now()) > 0) return;
    if (breaker.state === 'open') {
      // Any of them: one that always fails must not be the only probe. The batch that it becomes claims the probe.
      const probe = waiting[Math.floor(random() * waiting.length)];
      if (probe) await release(probe);
      return;
    }
    if (breaker.releasedUntil > now().toISOString() || !(await breakers.replace(breaker, releasing(breaker, deadline)))) return;
    for (let open = waiting; open.length > 0 && hasTime(deadline); open = await backlog.list()) {
      await eachOf(open, deadline, release, async () => (await breakers.read()).state === 'closed');
      if ((await breakers.read()).state === 'open') break;
    }
    await changeBreaker(breakers, (found) => releasing(found));
  }

  function hasTime(deadline: Date): boolean {
    return now().getTime() + marginMilliseconds < deadline.getTime();
  }

  /** Does something with each batch, some at once, while there is time and nothing speaks against it. */
  async function eachOf(
    batches: readonly HeldBatch[],
    deadline: Date,
    work: (batch: HeldBatch) => Promise<void>,
    mayGoOn: () => Promise<boolean> = () => Promise.resolve(true),
  ): Promise<void> {
    for (let start = 0; start < batches.length && hasTime(deadline) && (await mayGoOn()); start += atOnce) {
      await Promise.all(batches.slice(start, start + atOnce).map(work));
    }
  }

  async function release(batch: HeldBatch): Promise<void> {
    const events = await backlog.read(batch);
    // Somebody else was quicker.
    if (!events) return;
    const sent = await queue.send(events.map((event) => ({ body: event.body, attributes: attributesOf(event), delaySeconds: 0 })));
    // What was sent of a batch that stays is delivered twice, which the endpoint sees by the event's id.
    if (sent.size === events.length) await backlog.remove(batch);
  }
}
