import { buses } from './buses.ts';
import { capacity } from './capacity.ts';
import { cpu } from './cpu.ts';
import { deliveries } from './deliveries.ts';
import { dollars } from './dollars.ts';
import { drained } from './drain.ts';
import { histories } from './history.ts';
import { hotAccount } from './hot-account.ts';
import { imports } from './imports.ts';
import { locks } from './locks.ts';
import type { Benchmark } from './report.ts';
import { requests } from './requests.ts';

/** What `npm run bench` measures, in this order. */
export const benchmarks: readonly Benchmark[] = [requests, dollars, cpu, imports, deliveries, locks, drained, histories, hotAccount, capacity, buses];
