import type { SecuritySettings } from '../../lambdas/contracts/settings.ts';
import { CountryPicker } from './country-picker.tsx';
import { usePage } from './page.ts';
import { type SettingsState, useSettings } from './settings-state.ts';
import { TroubleNotice } from './trouble.tsx';
import type { ChosenResponse, ChosenTrigger } from './words/words.ts';

/** What can be chosen for each trigger; `block_abroad` makes sense for abroad alone. */
const choices: Readonly<Record<ChosenTrigger, readonly ChosenResponse[]>> = {
  login_abroad: ['email', 'sms', 'player_message', 'kick', 'block_abroad', 'lock'],
  new_country: ['email', 'sms', 'player_message', 'kick', 'lock'],
  unlocated: ['email', 'sms', 'player_message', 'kick', 'lock'],
};
const triggers = Object.keys(choices) as ChosenTrigger[];

/** The player's settings, by trigger in sentences, and the home countries. */
export function Settings() {
  const { words } = usePage();
  const state = useSettings();
  const { wanted, work, told } = state;
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
      {wanted ? (
        <SettingsForm state={state} wanted={wanted} />
      ) : (
        <>
          <TroubleNotice error={work.error} retry={() => void state.load()} />
          {work.error === undefined && <Skeleton />}
        </>
      )}
    </section>
  );
}

function SettingsForm({ state: { isChanged, told, work, change, save, kept }, wanted }: { state: SettingsState; wanted: SecuritySettings }) {
  const { settings: text } = usePage().words;
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        void save();
      }}
    >
      {triggers.map((trigger) => (
        <Trigger key={trigger} trigger={trigger} settings={wanted} change={change} />
      ))}
      <div class="card setting">
        <h2>{text.home}</h2>
        <p class="faint small" id="home-note">
          {text.homeNote} {text.oneHome}
        </p>
        <CountryPicker label={text.home} describedBy="home-note" chosen={wanted.homeCountries} least={1} choose={(homeCountries) => change({ ...wanted, homeCountries })} />
      </div>
      <TroubleNotice error={work.error} />
      {told === 'saved' && !isChanged && <p class="notice good">{text.saved}</p>}
      {isChanged && <SaveBar isBusy={work.isBusy} discard={() => kept && change(kept)} />}
    </form>
  );
}

/** Stays in sight as long as something is not saved. */
function SaveBar({ isBusy, discard }: { isBusy: boolean; discard: () => void }) {
  const { settings: text } = usePage().words;
  return (
    <div class="save-bar">
      <p>{text.unsaved}</p>
      <div class="actions">
        <button type="button" onClick={discard}>
          {text.discard}
        </button>
        <button type="submit" class="primary" aria-disabled={isBusy}>
          {isBusy ? text.saving : text.save}
        </button>
      </div>
    </div>
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
