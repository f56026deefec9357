import { useCallback, useEffect, useState } from 'preact/hooks';
import type { SecuritySettings } from '../../lambdas/contracts/settings.ts';
import { isTrouble, type VersionedSettings } from './api.ts';
import { usePage, withProof } from './page.ts';
import { useWork, type Work } from './work.ts';

/** The settings as they are in force, and as the player wants them. */
export interface SettingsState {
  /** Nothing until they were read. */
  readonly kept: SecuritySettings | undefined;
  readonly wanted: SecuritySettings | undefined;
  readonly isChanged: boolean;
  /** What came of the last save. */
  readonly told: 'saved' | 'changedElsewhere' | undefined;
  readonly work: Work;
  readonly load: () => Promise<void>;
  readonly change: (settings: SecuritySettings) => void;
  readonly save: () => Promise<void>;
}

/** Reads and changes the settings; a change names the version that it was made of. */
export function useSettings(): SettingsState {
  const { api, words, announce, prove } = usePage();
  const [kept, setKept] = useState<VersionedSettings>();
  const [wanted, setWanted] = useState<SecuritySettings>();
  const [told, setTold] = useState<SettingsState['told']>();
  const work = useWork();
  const { run } = work;
  const take = (settings: VersionedSettings): void => {
    setKept(settings);
    setWanted(settings.settings);
  };
  const load = useCallback(() => run(async () => take(await api.settings())), [api, run]);
  useEffect(() => void load(), [load]);
  const save = () =>
    run(async () => {
      if (!kept || !wanted) return;
      try {
        const saved = await withProof(() => api.saveSettings(wanted, kept.etag), prove);
        if (!saved) return;
        take(saved);
        setTold('saved');
        announce(words.settings.saved);
      } catch (error) {
        if (!isTrouble(error, 'precondition-failed')) throw error;
        take(await api.settings());
        setTold('changedElsewhere');
      }
    });
  const change = (settings: SecuritySettings): void => {
    setTold(undefined);
    setWanted(settings);
  };
  const isChanged = kept !== undefined && wanted !== undefined && !isSame(kept.settings, wanted);
  return { kept: kept?.settings, wanted, isChanged, told, work, load, change, save };
}

/** Whether two settings say the same, in whatever order. */
function isSame(a: SecuritySettings, b: SecuritySettings): boolean {
  const plain = ({ homeCountries, responses: { login_abroad, new_country, unlocated } }: SecuritySettings) =>
    JSON.stringify([homeCountries, login_abroad, new_country, unlocated].map((list) => [...list].toSorted()));
  return plain(a) === plain(b);
}
