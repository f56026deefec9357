import * as z from 'zod/mini';
import { type CloudEvent, outsideAttributes } from '../contracts/cloud-event.ts';
import { dataSchemaOf } from '../contracts/declared-data.ts';
import type { DeclaredType } from '../contracts/event-types.ts';
import { type EventData, eventData } from '../contracts/events.ts';
import { type LoginBody, loginBody } from '../contracts/http.ts';
import { type EventName, eventType, type outsideEventNames } from '../contracts/names.ts';
import { canaryAccount, isCanary } from '../contracts/metrics.ts';
import { accountId } from '../contracts/primitives.ts';
import { aheadMinutes, isWithinWindow, retentionDays } from '../contracts/window.ts';
import { jsonBody, noBody, noQuery, type Request, type Response, valid } from '../runtime/http.ts';
import { derivedId, loginIdOf } from '../runtime/ids.ts';
import { busUnavailable, ProblemError } from '../runtime/problems.ts';
import type { Publisher } from '../runtime/publisher.ts';
import type { Telemetry } from '../runtime/telemetry.ts';
import { answerOf, itemsOf, type Publishable } from './batch.ts';
import { tellAccepted, tracedAs } from './tracing.ts';

/** What the publisher depends on. */
export interface Services {
  readonly publisher: Publisher;
  readonly now: () => Date;
  /** 16 random bytes. */
  readonly random: () => Uint8Array;
  /** What `POST /v1/events` takes. */
  readonly outsideEvent: OutsideEventSchema;
  /** The share of logins and outside events, from 0 to 1, whose traces are sampled. */
  readonly traceSampling: number;
  readonly telemetry: Pick<Telemetry, 'count' | 'info'>;
}

const source = 'publisher';

/** Erasures are rare, and somebody will ask what became of one. */
const everyOne = 1;

/** `POST /v1/logins`: one login or up to 100, answered once the bus has confirmed them. */
export async function postLogins(request: Request, services: Services): Promise<Response> {
  noQuery(request);
  const now = services.now();
  const { json } = jsonBody(request);
  const toPublish = (login: LoginBody): Publishable => {
    const event = submitted(login, request.headers['traceparent'], now, services);
    return { id: event.data.loginId, event };
  };
  const { response, accepted } = await answerOf(itemsOf(json, Array.isArray(json), takenLogin(services.now), toPublish), services.publisher);
  services.telemetry.count('LoginsAccepted', accepted.filter(({ subject }) => !isCanary(subject)).length);
  tellAccepted(accepted, services.telemetry);
  return response;
}

/** A login that is taken now. It is made once for a clock: a schema is compiled when it first parses, which takes as long as ten logins. */
function takenLogin(now: Services['now']): typeof loginBody {
  const made =
    takenLogins.get(now) ??
    loginBody.check(
      z.refine(({ occurredAt }) => occurredAt === undefined || isWithinWindow(occurredAt, now()), {
        path: ['occurredAt'],
        error: `must lie between ${retentionDays} days back and ${aheadMinutes} minutes ahead`,
      }),
    );
  takenLogins.set(now, made);
  return made;
}
const takenLogins = new WeakMap<Services['now'], typeof loginBody>();

function submitted(login: LoginBody, traceparent: string | undefined, now: Date, { random, traceSampling }: Services) {
  const { accountId, id, ...rest } = login;
  const occurredAt = new Date(login.occurredAt ?? now);
  const loginId = loginIdOf({ accountId, id, occurredAt }, random);
  const data = eventData['login.submitted']().parse({
    ...rest,
    loginId,
    occurredAt: occurredAt.toISOString(),
    outcome: login.outcome ?? 'success',
  });
  const eventId = derivedId(loginId, 'login.submitted', accountId);
  return cloudEvent('login.submitted', eventId, accountId, now.toISOString(), tracedAs(traceparent, eventId, traceSampling), data);
}

/** `DELETE /v1/accounts/{accountId}` has every service forget the account; answered once the bus has confirmed it. */
export async function eraseAccount(request: Request, services: Services): Promise<Response> {
  const { publisher, now, random } = services;
  noQuery(request);
  noBody(request);
  const account = valid(accountId, request.path['accountId']);
  // What is erased is deaf for 30 days: nobody would know then whether logins still go the whole way.
  if (isCanary(account)) throw new ProblemError('conflict', `The account ${canaryAccount} is reserved: by it the deployment watches itself, and no player's data is kept for it.`);
  const erasedAt = now().toISOString();
  const id = derivedId(Buffer.from(random()).toString('hex'), 'account.erased', account);
  const traceparent = tracedAs(request.headers['traceparent'], id, everyOne);
  const event = cloudEvent('account.erased', id, account, erasedAt, traceparent, { erasedAt });
  if ((await publisher.publish([event])).size > 0) throw busUnavailable('Send it again; that is harmless.');
  tellAccepted([event], services.telemetry);
  return { status: 202, body: { id, erasedAt } };
}

const single = 'application/cloudevents+json';
const batch = 'application/cloudevents-batch+json';

/** `POST /v1/events`: events of the types that are open to outside producers, as CloudEvents. */
export async function postEvents(request: Request, services: Services): Promise<Response> {
  noQuery(request);
  const { mediaType, json } = jsonBody(request, [single, batch]);
  if ((mediaType === batch) !== Array.isArray(json)) {
    const detail = `${single} holds one event, ${batch} an array of them.`;
    throw new ProblemError('invalid-request', detail, [{ pointer: '#', detail }]);
  }
  const now = services.now();
  const isAhead = (moment: string) => Date.parse(moment) > now.getTime() + aheadMinutes * 60_000;
  const error = `must not lie more than ${aheadMinutes} minutes ahead`;
  const schema = services.outsideEvent.check(
    z.refine(({ time }) => !isAhead(time), { path: ['time'], error }),
    z.refine((event) => event.type !== passwordChanged || !isAhead((event.data as EventData<'password.changed'>).changedAt), { path: ['data', 'changedAt'], error }),
  );
  const toPublish = (event: CloudEvent): Publishable => ({
    id: event.id,
    event: {
      ...event,
      traceparent: tracedAs(event.traceparent ?? request.headers['traceparent'], event.id, services.traceSampling),
      acceptedtime: now.toISOString(),
    },
  });
  const { response, accepted } = await answerOf(itemsOf(json, mediaType === batch, schema, toPublish), services.publisher);
  tellAccepted(accepted, services.telemetry);
  return response;
}

const passwordChanged = eventType('password.changed');

/**
 * An event of a type that is open to outside producers, of ours or of the company's own; unknown attributes are refused, as everywhere
 * in requests.
 */
export async function outsideEventSchema(declared: readonly DeclaredType[]) {
  const open = declared.filter(({ outsideProducers }) => outsideProducers);
  return z.discriminatedUnion('type', [outside('contact.changed'), outside('password.changed'), ...(await Promise.all(open.map(outsideDeclared)))]);
}
type OutsideEventSchema = Awaited<ReturnType<typeof outsideEventSchema>>;

const outside = <N extends (typeof outsideEventNames)[number]>(name: N) =>
  z.strictObject({ ...outsideAttributes(), type: z.literal(eventType(name)), data: z.strictObject(eventData[name]().shape) });

const outsideDeclared = async (declared: DeclaredType) =>
  z.strictObject({ ...outsideAttributes(), type: z.literal(declared.type), data: await dataSchemaOf(declared) });

function cloudEvent<N extends EventName, D>(
  name: N,
  id: string,
  subject: string,
  time: string,
  traceparent: string,
  data: D,
): CloudEvent<string, D> {
  return {
    specversion: '1.0',
    id,
    source,
    type: eventType(name),
    subject,
    time,
    datacontenttype: 'application/json',
    traceparent,
    // An event of ours happens when it is accepted.
    acceptedtime: time,
    data,
  };
}
