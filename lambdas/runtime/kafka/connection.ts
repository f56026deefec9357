import { compatibilityPartitioner, Producer as KafkaProducer, type ProducerOptions } from '@platformatic/kafka';
import { isLoopback } from './loopback.ts';
import type { Producer } from './publisher.ts';

/** How a producer reaches the brokers. */
export interface Connection {
  /** `host:port` */
  readonly brokers: readonly string[];
  /** Without it the connection is not encrypted. */
  readonly tls?: boolean;
  readonly sasl?: Sasl;
}

/** OAUTHBEARER asks for a token at each authentication, also when the brokers want a new one of an open connection. */
export type Sasl =
  | { readonly mechanism: 'OAUTHBEARER'; readonly token: () => Promise<string> }
  | { readonly mechanism: 'SCRAM-SHA-512'; readonly username: string; readonly password: string };

/** Whether all brokers are addresses of this very machine, where nobody listens in. */
export const areLoopback = (brokers: readonly string[]): boolean =>
  brokers.every((broker) => isLoopback(broker.slice(0, broker.lastIndexOf(':')).replace(/^\[(.*)\]$/, '$1')));

/** Opens a producer: idempotent, confirmed by all replicas, compressed, partitioned as Kafka's own clients do. */
export async function connectProducer({ brokers, tls, sasl }: Connection): Promise<Producer> {
  const options: ProducerOptions<string, string, string, string> = {
    clientId: 'loginward',
    bootstrapBrokers: [...brokers],
    idempotent: true,
    // Without a number it retries for ever. A try may take its time, so that no storm of new connections meets brokers that count them.
    retries: 2,
    retryDelay: 50,
    // TCP, TLS and SASL together.
    connectTimeout: 3000,
    // How long the brokers may wait for their replicas.
    timeout: 2000,
    compression: 'gzip',
    partitioner: compatibilityPartitioner,
    serializers: { key: utf8, value: utf8 },
    ...(tls && { tls: {} }),
    ...(sasl && { sasl }),
  };
  const producer = new KafkaProducer(options);
  return {
    send: async (messages) => {
      await producer.send({ messages: [...messages] });
    },
    close: () => producer.close(true),
  };
}

const utf8 = (text?: string): Buffer | undefined => (text === undefined ? undefined : Buffer.from(text));
