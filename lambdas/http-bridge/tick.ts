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
export function tickOf({ subscription, breakers, backlog, queue, telemetry, now }: BridgeParts) {
  return async (deadline: Date): Promise<void> => {
    const breaker = await breakers.read();
    // Once an hour without being told: a note that was lost costs an hour, not the events.
    if (!breaker.hasBacklog && now().getUTCMinutes() !== 0) return;
    const batches = await backlog.list();
    const [oldest] = batches;
    if (!oldest) {
      if (breaker.hasBacklog) await breakers.replace(breaker, { ...breaker, hasBacklog: false });
      return;
    }
    telemetry.gauge('HeldSeconds', (now().getTime() - Date.parse(oldest.heldSince)) / 1000);
    const expiry = new Date(now().getTime() - subscription.holdDays * 86_400_000).toISOString();
    const waiting = batches.filter(({ heldSince }) => heldSince >= expiry);
    for (const batch of batches) {
      if (batch.heldSince >= expiry) continue;
      await backlog.expire(batch);
      telemetry.error('Events waited too long and were put aside; `npm run dlq` brings them back', { subscription: subscription.name, batch: batch.key });
      telemetry.count('Expired');
    }
    if (subscription.paused || secondsUntilProbe(breaker, now()) > 0) return;
    // While the breaker is open one batch is the probe; the batch that it becomes claims it.
    if (breaker.state === 'open') return release(waiting.slice(0, 1));
    if (breaker.releasedUntil > now().toISOString() || !(await breakers.replace(breaker, releasing(breaker, deadline)))) return;
    await releaseAll(waiting, deadline);
    await changeBreaker(breakers, (found) => releasing(found));
  };

  async function releaseAll(first: readonly HeldBatch[], deadline: Date): Promise<void> {
    let open = [...first];
    while (open.length > 0 && now().getTime() + marginMilliseconds < deadline.getTime()) {
      await release(open.splice(0, atOnce));
      if ((await breakers.read()).state === 'open') return;
      if (open.length === 0) open = await backlog.list();
    }
  }

  async function release(batches: readonly HeldBatch[]): Promise<void> {
    await Promise.all(
      batches.map(async (batch) => {
        const events = await backlog.read(batch);
        const sent = await queue.send(events.map((event) => ({ body: event.body, attributes: attributesOf(event), delaySeconds: 0 })));
        // What was sent of a batch that stays is delivered twice, which the endpoint sees by the event's id.
        if (sent.size === events.length) await backlog.remove(batch);
      }),
    );
  }
}
