import { createRequire } from 'node:module';
import { connect } from 'node:net';
import { type ISocketFactory, Kafka, logLevel, type RetryOptions } from 'kafkajs';

interface RequestQueue {
  pending: readonly unknown[];
  throttledUntil: number;
  throttleCheckTimeoutId: NodeJS.Timeout | null;
  checkPendingRequests(): void;
  scheduleCheckPendingRequests(): void;
}

/**
 * Mends a defect of kafkajs 2.2.4: each connection looks a thousand times a second after requests that wait, even when none does, and
 * Node warns of the negative time. Here it looks only when one waits.
 */
const { prototype } = createRequire(import.meta.url)('kafkajs/src/network/requestQueue') as { prototype: RequestQueue };
const betweenChecks = 10;
prototype.scheduleCheckPendingRequests = function schedule(this: RequestQueue): void {
  if (this.pending.length === 0 || this.throttleCheckTimeoutId) return;
  this.throttleCheckTimeoutId = setTimeout(
    () => {
      this.throttleCheckTimeoutId = null;
      this.checkPendingRequests();
    },
    Math.max(betweenChecks, this.throttledUntil - Date.now()),
  );
};

/** As kafkajs makes them. It lets go of a closed socket again and again, each time with one more listener, of which Node warns. */
const socketFactory: ISocketFactory = ({ host, port, onConnect }) => connect({ host, port }, onConnect).setKeepAlive(true, 60_000).setMaxListeners(0);

/**
 * A client of brokers on loopback. It prints nothing: what it would complain of, a broker that is away for a while, is waited for.
 *
 * @param brokers list of host:port, separated by commas
 */
export const kafkaClient = (brokers: string, retry: RetryOptions = {}): Kafka =>
  new Kafka({
    clientId: 'loginward-local',
    brokers: brokers.split(','),
    socketFactory,
    connectionTimeout: 1000,
    // A call that is on its way for longer than that is made anew.
    requestTimeout: 10_000,
    logLevel: logLevel.NOTHING,
    retry: { initialRetryTime: 100, maxRetryTime: 1000, retries: 5, ...retry },
  });
