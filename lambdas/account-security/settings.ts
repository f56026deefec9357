import type { Protection, SettingsVersion } from '../contracts/settings.ts';

/** A version of settings and trips, and whether the bus has confirmed its `settings.changed`. */
export interface KeptVersion extends SettingsVersion {
  readonly announced: boolean;
  readonly previous: Protection;
}

/** An account's security settings and trips in versions, with server time. */
export interface SettingsHistory {
  /** What was in force at a moment; the deployment's default before the first version. */
  inForceAt(accountId: string, moment: string): Promise<SettingsVersion>;
  /** The newest version, strongly consistent; nothing when the player never chose. */
  newest(accountId: string): Promise<KeptVersion | undefined>;
  /** The moment from which a version is in force; nothing when it is no longer kept. */
  sinceOf(accountId: string, version: number): Promise<string | undefined>;
  /** Adds a version. @returns false when there is one of that number already */
  add(accountId: string, version: KeptVersion): Promise<boolean>;
  /** Notes that the bus has confirmed a version, and lets the one before it expire once no login can refer to it. */
  noteAnnounced(accountId: string, version: KeptVersion): Promise<void>;
}
