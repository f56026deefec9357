import { buses } from './buses.ts';
import { deliveries } from './deliveries.ts';
import { locks } from './locks.ts';
import type { Benchmark } from './report.ts';
import { requests } from './requests.ts';

/** What `npm run bench` measures, in this order. */
export const benchmarks: readonly Benchmark[] = [requests, deliveries, locks, buses];
