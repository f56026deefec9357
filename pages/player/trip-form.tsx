import { useState } from 'preact/hooks';
import type { TripBody } from '../../lambdas/contracts/settings.ts';
import { CountryPicker } from './country-picker.tsx';
import { usePage } from './page.ts';
import { dayOf, daysBetween } from './time.ts';
import type { Words } from './words/words.ts';

/** How long a trip may last, in days. */
const longest = 90;

const faultOf = ({ countries, from, until }: TripBody): keyof Pick<Words['trips'], 'chooseCountry' | 'untilBeforeFrom' | 'tooLong'> | undefined => {
  if (countries.length === 0) return 'chooseCountry';
  const days = daysBetween(from, until);
  if (days < 1) return 'untilBeforeFrom';
  return days > longest ? 'tooLong' : undefined;
};

/** Announces a trip. @param add whether it was announced */
export function TripForm({ add, isBusy }: { add: (trip: TripBody) => Promise<boolean>; isBusy: boolean }) {
  const { words } = usePage();
  const today = dayOf(new Date());
  const empty: TripBody = { countries: [], from: today, until: today };
  const [trip, setTrip] = useState(empty);
  const [fault, setFault] = useState<ReturnType<typeof faultOf>>();
  const change = (what: Partial<TripBody>) => {
    setFault(undefined);
    // A later first day takes the last one with it.
    setTrip((before) => {
      const next = { ...before, ...what };
      return what.from !== undefined && next.until < next.from ? { ...next, until: next.from } : next;
    });
  };
  const submit = async () => {
    const found = faultOf(trip);
    setFault(found);
    if (found === undefined && (await add(trip))) setTrip(empty);
  };
  return (
    <form
      class="card setting trip-form"
      onSubmit={(event) => {
        event.preventDefault();
        void submit();
      }}
    >
      <h2>{words.trips.announce}</h2>
      <h3 aria-hidden="true">{words.trips.where}</h3>
      <CountryPicker label={words.trips.where} describedBy={fault && 'trip-fault'} chosen={trip.countries} least={0} choose={(countries) => change({ countries })} />
      <div class="dates">
        <label>
          {words.trips.from}
          <input type="date" required min={today} value={trip.from} onInput={({ currentTarget }) => change({ from: currentTarget.value })} />
        </label>
        <label>
          {words.trips.until}
          <input type="date" required min={trip.from || today} value={trip.until} onInput={({ currentTarget }) => change({ until: currentTarget.value })} />
        </label>
      </div>
      {fault && (
        <p class="notice bad" role="alert" id="trip-fault">
          {words.trips[fault]}
        </p>
      )}
      <div class="actions">
        <button type="submit" class="primary" aria-disabled={isBusy}>
          {words.trips.add}
        </button>
      </div>
    </form>
  );
}
