import { useCallback, useEffect, useState } from 'preact/hooks';
import type { TripBody } from '../../lambdas/contracts/settings.ts';
import type { ShownTrip } from './api.ts';
import { namesOf } from './countries.ts';
import { Flag } from './country-picker.tsx';
import { usePage, withProof } from './page.ts';
import { daysBetween, daysFromTo } from './time.ts';
import { TripForm } from './trip-form.tsx';
import { TroubleNotice } from './trouble.tsx';
import { useWork } from './work.ts';

/** Trips that were announced, and the announcing of another. */
export function Trips() {
  const { api, words, announce, prove } = usePage();
  const [trips, setTrips] = useState<readonly ShownTrip[]>();
  const work = useWork();
  const { run } = work;
  const load = useCallback(() => run(async () => setTrips(await api.trips())), [api, run]);
  useEffect(() => void load(), [load]);
  const add = async (trip: TripBody): Promise<boolean> => {
    let isAdded = false;
    await run(async () => {
      const added = await withProof(() => api.announceTrip(trip), prove);
      if (!added) return;
      isAdded = true;
      announce(words.trips.added);
      setTrips(await api.trips());
    });
    return isAdded;
  };
  const cancel = (id: string) =>
    run(async () => {
      await api.cancelTrip(id);
      announce(words.trips.cancelled);
      setTrips(await api.trips());
      document.getElementById('trips-title')?.focus();
    });
  return (
    <section aria-labelledby="trips-title">
      <h1 id="trips-title" tabIndex={-1}>
        {words.trips.title}
      </h1>
      <p class="faint">{words.trips.lead}</p>
      <TroubleNotice error={work.error} retry={trips === undefined ? () => void load() : undefined} />
      {trips === undefined && work.error === undefined && (
        <div class="card empty" aria-busy="true">
          <span class="skeleton">{words.loading}</span>
        </div>
      )}
      {trips?.length === 0 && <p class="card empty">{words.trips.none}</p>}
      {trips !== undefined && trips.length > 0 && (
        <ul class="card trips" aria-label={words.trips.list}>
          {trips.map((trip) => (
            <TripLine key={trip.id} trip={trip} isBusy={work.isBusy} cancel={() => void cancel(trip.id)} />
          ))}
        </ul>
      )}
      <TripForm add={add} isBusy={work.isBusy} />
    </section>
  );
}

function TripLine({ trip, isBusy, cancel }: { trip: ShownTrip; isBusy: boolean; cancel: () => void }) {
  const { words, locale } = usePage();
  const countries = namesOf(trip.countries, locale);
  return (
    <li class="trip">
      <span class="flags">
        {trip.countries.slice(0, 3).map((country) => (
          <Flag key={country} country={country} />
        ))}
      </span>
      <p>
        <strong>{countries}</strong>
        <br />
        {daysFromTo(trip.from, trip.until, locale)}{' '}
        <span class="faint small">
          {words.trips.days(daysBetween(trip.from, trip.until))} · {words.trips.inZone(trip.timeZone)}
        </span>
      </p>
      <button type="button" class="small" aria-disabled={isBusy} aria-label={words.trips.cancelOf(countries)} onClick={cancel}>
        {words.trips.cancelTrip}
      </button>
    </li>
  );
}
