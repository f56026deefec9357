import { type Region, type Server, serverPrices, servers } from './prices.ts';

/** Sixteen servers that have together what the original system had: 64 vCPU and 272 GB. General ones have 4 GB for each vCPU, so one of them is of the family with more. */
const fleet: readonly { readonly type: Server; readonly count: number }[] = [
  { type: 'm7g.xlarge', count: 15 },
  { type: 'r7g.xlarge', count: 1 },
];

/** The original system's servers, bought on demand today; their disks, load balancers and traffic come on top. */
export function originalServers(region: Region): { readonly what: string; readonly vcpu: number; readonly gib: number; readonly dollarsPerDay: number } {
  const sum = (of: (type: Server) => number): number => fleet.reduce((all, { type, count }) => all + count * of(type), 0);
  return {
    what: fleet.map(({ type, count }) => `${count} × ${type}`).join(' and '),
    vcpu: sum((type) => servers[type].vcpu),
    gib: sum((type) => servers[type].gib),
    dollarsPerDay: 24 * sum((type) => serverPrices[region][type].dollars),
  };
}
