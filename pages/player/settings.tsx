import { useCallback, useEffect, useState } from 'preact/hooks';
import type { SecuritySettings } from '../../lambdas/contracts/settings.ts';
import { isTrouble, type VersionedSettings } from './api.ts';
import { CountryPicker } from './country-picker.tsx';
import { usePage, withProof } from './page.ts';
import { TroubleNotice } from './trouble.tsx';
import type { ChosenResponse, ChosenTrigger } from './words/words.ts';
import { useWork } from './work.ts';

/** What can be chosen for each trigger; `block_abroad` makes sense for abroad alone. */
const choices: Readonly<Record<ChosenTrigger, readonly ChosenResponse[]>> = {
  login_abroad: ['email', 'sms', 'player_message', 'kick', 'block_abroad', 'lock'],
  new_country: ['email', 'sms', 'player_message', 'kick', 'lock'],
  unlocated: ['email', 'sms', 'player_message', 'kick', 'lock'],
};
const triggers = Object.keys(choices) as ChosenTrigger[];

/** The player's settings, by trigger in sentences, and the home countries. */
export function Settings() {
  const { api, words, announce, prove } = usePage();
  const [kept, setKept] = useState<VersionedSettings>();
  const [wanted, setWanted] = useState<SecuritySettings>();
  const [told, setTold] = useState<'saved' | 'changedElsewhere'>();
  const work = useWork();
  const { run } = work;
  const take = (settings: VersionedSettings): void => {
    setKept(settings);
    setWanted(settings.settings);
  };
  const load = useCallback(() => run(async () => take(await api.settings())), [api, run]);
  useEffect(() => void load(), [load]);
  const change = (settings: SecuritySettings): void => {
    setTold(undefined);
    setWanted(settings);
  };
  const save = (settings: SecuritySettings, etag: string) =>
    run(async () => {
      try {
        const saved = await withProof(() => api.saveSettings(settings, etag), prove);
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
  const isChanged = kept !== undefined && wanted !== undefined && !isSame(kept.settings, wanted);
  return (
    <section aria-labelledby="settings-title">
      <h1 id="settings-title" tabIndex={-1}>
        {words.settings.title}
      </h1>
      <p class="faint">{words.settings.lead}</p>
      {told === 'changedElsewhere' && (
        <p class="notice warn" role="alert">
          {words.settings.changedElsewhere}
        </p>
      )}
      {wanted && kept ? (
        <form
          onSubmit={(event) => {
            event.preventDefault();
            void save(wanted, kept.etag);
          }}
        >
          {triggers.map((trigger) => (
            <Trigger key={trigger} trigger={trigger} settings={wanted} change={change} />
          ))}
          <div class="card setting">
            <h2>{words.settings.home}</h2>
            <p class="faint small" id="home-note">
              {words.settings.homeNote} {words.settings.oneHome}
            </p>
            <CountryPicker label={words.settings.home} describedBy="home-note" chosen={wanted.homeCountries} least={1} choose={(homeCountries) => change({ ...wanted, homeCountries })} />
          </div>
          <TroubleNotice error={work.error} />
          {told === 'saved' && !isChanged && <p class="notice good">{words.settings.saved}</p>}
          {isChanged && (
            <div class="save-bar">
              <p>{words.settings.unsaved}</p>
              <div class="actions">
                <button type="button" onClick={() => change(kept.settings)}>
                  {words.settings.discard}
                </button>
                <button type="submit" class="primary" aria-disabled={work.isBusy}>
                  {work.isBusy ? words.settings.saving : words.settings.save}
                </button>
              </div>
            </div>
          )}
        </form>
      ) : (
        <>
          <TroubleNotice error={work.error} retry={() => void load()} />
          {work.error === undefined && <Skeleton />}
        </>
      )}
    </section>
  );
}

interface TriggerProps {
  readonly trigger: ChosenTrigger;
  readonly settings: SecuritySettings;
  readonly change: (settings: SecuritySettings) => void;
}

/** A sentence: when this happens, do these. Nothing ticked is `none`. */
function Trigger({ trigger, settings, change }: TriggerProps) {
  const { words } = usePage();
  const chosen = settings.responses[trigger];
  const toggle = (response: ChosenResponse, isOn: boolean) => {
    const others = chosen.filter((each) => each !== response && each !== 'none');
    // In the order of the page, so that what is ticked and unticked again is the same as before.
    const next = choices[trigger].filter((each) => (each === response ? isOn : others.includes(each)));
    change({ ...settings, responses: { ...settings.responses, [trigger]: next.length > 0 ? next : ['none'] } });
  };
  return (
    <fieldset class="card setting" aria-describedby={`${trigger}-note`}>
      <legend>{words.settings.trigger[trigger]}</legend>
      <p class="faint small" id={`${trigger}-note`}>
        {words.settings.triggerNote[trigger]}
      </p>
      {choices[trigger].map((response) => (
        <label key={response}>
          <input type="checkbox" name={`${trigger}-${response}`} checked={chosen.includes(response)} onChange={({ currentTarget }) => toggle(response, currentTarget.checked)} />
          {words.settings.response[response]}
        </label>
      ))}
      {chosen.includes('none') && <p class="small">{words.settings.nothing}</p>}
    </fieldset>
  );
}

/** Whether two settings say the same, in whatever order. */
const isSame = (a: SecuritySettings, b: SecuritySettings): boolean => {
  const plain = ({ homeCountries, responses }: SecuritySettings) => JSON.stringify([homeCountries.toSorted(), ...triggers.map((trigger) => responses[trigger].toSorted())]);
  return plain(a) === plain(b);
};

/** In the place of the settings, of their height. */
function Skeleton() {
  const { words } = usePage();
  return (
    <div aria-busy="true">
      <p class="heard">{words.loading}</p>
      {triggers.map((trigger) => (
        <div key={trigger} class="card setting" aria-hidden="true">
          <p>
            <span class="skeleton">{words.settings.trigger[trigger]}</span>
          </p>
          {choices[trigger].map((response) => (
            <p key={response}>
              <span class="skeleton">{words.settings.response[response]}</span>
            </p>
          ))}
        </div>
      ))}
    </div>
  );
}
