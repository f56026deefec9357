import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type LocalOptions, type LocalRun, startLocal } from '../../local/run.ts';
import type { Chain } from '../chain/suite.ts';
import { apiClient } from './local-client.ts';

/** A local run for a test, with a folder of its own. */
export interface LocalChain extends Chain {
  readonly local: LocalRun;
  readonly data: string;
  /** What the templates or the local AWS were wrong about. */
  readonly reports: readonly string[];
  /** Stops it; the state stays for the next start, unless it is to be removed. */
  stop(): Promise<void>;
  remove(): Promise<void>;
}

/** Starts a local run on a free port. */
export async function startLocalChain(options: Partial<LocalOptions> = {}): Promise<LocalChain> {
  const data = options.data ?? (await mkdtemp(join(tmpdir(), 'loginward-')));
  const reports: string[] = [];
  const local = await startLocal({ port: 0, data, report: (what) => reports.push(what), ...options });
  return {
    local,
    data,
    reports,
    api: apiClient(local.url),
    settled: () => local.whenIdle(),
    messages: (accountId) => Promise.resolve(local.outbox.list(accountId)),
    stop: () => local.close(),
    remove: async () => {
      await local.close();
      await rm(data, { recursive: true, force: true });
    },
  };
}
