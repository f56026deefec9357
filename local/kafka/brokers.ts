import { isLoopback } from '../../lambdas/runtime/kafka/loopback.ts';
import { LocalRunError } from '../error.ts';

/** Whether a host is this machine, by its address or by name. */
export const isThisMachine = (host: string): boolean => host === 'localhost' || isLoopback(host);

/**
 * Brokers as an option names them, `127.0.0.1:9092`, with localhost as an address: functions dial nobody but this machine without TLS.
 *
 * @throws LocalRunError for what is no list of host:port, and for brokers of other machines
 */
export function readBrokers(text: string): string {
  const brokers = text.split(',').map((broker) => {
    const [, host, port] = /^(\[::1\]|[\w.-]+):(\d{1,5})$/.exec(broker.trim()) ?? [];
    if (host === undefined || Number(port) > 65_535) throw new LocalRunError(`${broker} is no broker: name host and port, such as 127.0.0.1:9092.`);
    if (!isThisMachine(host.replace(/^\[(.*)\]$/, '$1'))) {
      throw new LocalRunError(`${broker} is another machine, and the local run dials without TLS: only brokers on loopback are allowed, such as 127.0.0.1:9092.`);
    }
    return host === 'localhost' ? `127.0.0.1:${port}` : `${host}:${port}`;
  });
  return brokers.join(',');
}
