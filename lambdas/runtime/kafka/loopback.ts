import { isIP } from 'node:net';

/** Whether a host is an address of this very machine, where nobody listens in. A name is not: who resolves it says where it leads. */
export const isLoopback = (host: string): boolean => host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
