import { isDeepStrictEqual } from 'node:util';
import { TZDate } from '@date-fns/tz';
import * as z from 'zod/mini';
import { pageQuery } from '../contracts/http.ts';
import { defaultTimeZone } from '../contracts/primitives.ts';
import { maxOpenTrips, maxTripAheadDays, type Trip, tripBody, type TripBody } from '../contracts/settings.ts';
import { cursors } from '../runtime/cursor.ts';
import { jsonBody, noQuery, player, type Request, type Response, valid } from '../runtime/http.ts';
import { ProblemError } from '../runtime/problems.ts';
import { announce, change, currentOf, requireProof } from './change.ts';
import type { Services } from './routes.ts';

/** `GET /v1/me/trips`: the trips that are not over, by the day on which they begin. */
export async function getTrips(request: Request, services: Services): Promise<Response> {
  const { accountId } = player(request, services.accountClaim);
  const { limit, cursor } = valid(pageQuery, request.query);
  const list = `trips of ${accountId}`;
  const before = cursors.placeIn(list, cursor, z.string().check(z.regex(/^\d{4}-\d\d-\d\d .+$/)));
  const { protection } = await currentOf(accountId, services);
  const sorted = protection.trips.toSorted((a, b) => (placeOf(a) < placeOf(b) ? -1 : 1)).filter((trip) => before === undefined || placeOf(trip) > before);
  const items = sorted.slice(0, Number(limit));
  const last = items.at(-1);
  return { status: 200, body: { items: items.map(shown), cursor: cursors.of(list, last && sorted.length > items.length ? placeOf(last) : null) } };
}

const placeOf = ({ from, id }: Trip): string => `${from} ${id}`;

/** `POST /v1/me/trips` announces a trip, during which a login from its countries counts as home; this always needs proof. */
export async function postTrip(request: Request, services: Services): Promise<Response> {
  noQuery(request);
  const who = player(request, services.accountClaim);
  const { accountId } = who;
  const wanted = valid(tripBody(), jsonBody(request).json);
  const current = await currentOf(accountId, services);
  const { newest, protection } = current;
  const same = protection.trips.find(({ countries, from, until }) => isDeepStrictEqual({ countries, from, until }, wanted));
  if (same) {
    // Sent again, perhaps because the bus did not confirm it the first time.
    if (newest) await announce(accountId, newest, services);
    return { status: 201, body: shown(same) };
  }
  const { timeZone } = await services.facts.find(accountId);
  const trip = tripOf(wanted, timeZone ?? defaultTimeZone, services);
  await requireProof(who, ['#/countries'], services);
  if (protection.trips.length >= maxOpenTrips) throw new ProblemError('conflict', `There are ${maxOpenTrips} trips already; delete one first.`);
  await change(accountId, { ...protection, trips: [...protection.trips, trip] }, current, services);
  return { status: 201, body: shown(trip) };
}

/** `DELETE /v1/me/trips/{id}`: from now on a login from there is one from abroad again. */
export async function deleteTrip(request: Request, services: Services): Promise<Response> {
  noQuery(request);
  const { accountId } = player(request, services.accountClaim);
  const current = await currentOf(accountId, services);
  const { newest, protection } = current;
  const trips = protection.trips.filter(({ id }) => id !== request.path['id']);
  if (trips.length === protection.trips.length) {
    // Sent again because the bus did not confirm it the first time.
    const wasDeleted = newest?.previous.trips?.some(({ id }) => id === request.path['id']) ?? false;
    if (!newest || newest.announced || !wasDeleted) throw new ProblemError('not-found', 'There is no such trip.');
    await announce(accountId, newest, services);
    return { status: 204 };
  }
  await change(accountId, { ...protection, trips }, current, services);
  return { status: 204 };
}

const shown = ({ id, countries, from, until, timeZone }: Trip) => ({ id, countries, from, until, timeZone });

/** The trip with the moments between which its days lie in a time zone. @throws ProblemError 400 when it is over, or too far ahead */
function tripOf(wanted: TripBody, timeZone: string, { now, newId }: Services): Trip {
  const startsAt = startOfDay(wanted.from, 0, timeZone);
  const endsAt = startOfDay(wanted.until, 1, timeZone);
  const refuse = (detail: string) => new ProblemError('invalid-request', undefined, [{ pointer: '#/until', detail }]);
  if (endsAt <= now()) throw refuse('is over already');
  if (endsAt.getTime() - now().getTime() > maxTripAheadDays * 86_400_000) throw refuse(`must lie within ${maxTripAheadDays} days`);
  return { ...wanted, id: newId(), timeZone, startsAt: startsAt.toISOString(), endsAt: endsAt.toISOString() };
}

/** The moment at which a day, or the one so many days later, begins in a time zone. */
function startOfDay(date: string, daysLater: number, timeZone: string): Date {
  const [year = 0, month = 1, day = 1] = date.split('-').map(Number);
  return new Date(new TZDate(year, month - 1, day + daysLater, timeZone).getTime());
}
