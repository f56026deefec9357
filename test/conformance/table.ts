import { type Consumption, type Service, services } from '../../lib/services.ts';

const probe = (name: string, emits: Service['emits'], consumes: readonly Consumption[]): Service => ({
  name,
  folder: `test/conformance/${name}`,
  purpose: 'writes down what reaches it',
  emits,
  tables: [{ name: `${name}-log`, partitionKey: 'accountId', sortKey: 'entry' }],
  consumer: {
    consumes,
    batchSize: 10,
    batchingWindowSeconds: 0,
    maxConcurrency: 5,
    memoryMiB: 256,
    timeoutSeconds: 5,
    access: { [`${name}-log`]: ['GetItem', 'UpdateItem'] },
    publishes: emits,
    needs: [],
    errorImpact: 'A test fails.',
  },
});

/** What takes events from outside, and two probes that consume them: a small deployment in which the bus itself can be watched. */
export const probes: readonly Service[] = [
  // The second because a local run wants a geo database.
  ...services.filter(({ name }) => name === 'publisher' || name === 'ip-checker'),
  probe('probe-one', ['account.erased'], [{ event: 'password.changed', leadsTo: ['account.erased'] }, { event: 'contact.changed', filter: { locale: ['ko'] } }]),
  probe('probe-two', [], [{ event: 'password.changed' }, { event: 'account.erased' }]),
];
