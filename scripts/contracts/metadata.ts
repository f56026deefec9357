import { z } from 'zod';
import * as answers from '../../lambdas/contracts/answers.ts';
import { campaignFile, campaignReport } from '../../lambdas/contracts/campaigns.ts';
import { eventTypeFile } from '../../lambdas/contracts/event-types.ts';
import * as http from '../../lambdas/contracts/http.ts';
import { address, country } from '../../lambdas/contracts/places.ts';
import { accountId, instant, owner, response } from '../../lambdas/contracts/primitives.ts';
import { problem } from '../../lambdas/contracts/problem.ts';
import { responsesByTrigger, securitySettings, shownTrip, trip, tripBody, tripPage } from '../../lambdas/contracts/settings.ts';
import { accessDecision, standing } from '../../lambdas/contracts/standing.ts';
import { subscriptionFile } from '../../lambdas/contracts/subscriptions.ts';
import { verdict } from '../../lambdas/contracts/verdict.ts';

/** An id that a password campaign may have. */
export const exampleCampaign = 'spring-2027';

/**
 * Tells zod what the documents say of the contracts beside their shapes: names, descriptions and examples. It stands here rather than beside the schemas because functions read
 * those at each cold start, and this never.
 */
export function describeContracts(): void {
  for (const [id, schema] of Object.entries(named())) about(schema, { id });
  describePrimitives();
  describeSettings();
  describeSubscription();
  describeCampaign();
  about(eventTypeFile, { id: 'EventType', title: 'An event type of the company' });
  about(eventTypeFile.shape.dataSchema, { description: 'JSON Schema of `data`, draft 2020-12.' });
  about(eventTypeFile.shape.outsideProducers, { description: 'Whether POST /v1/events takes it.' });
}

const about = (schema: z.core.$ZodType, metadata: z.core.GlobalMeta): void => void z.globalRegistry.add(schema, metadata);

/** Schemas that documents refer to by name, and say nothing else of. */
const named = (): Readonly<Record<string, z.core.$ZodType>> => ({
  CampaignReport: campaignReport,
  Login: http.loginBody,
  PublishResults: answers.publishResults,
  HistoryItem: answers.historyItem,
  HistoryPage: answers.historyPage,
  AccessCheck: http.accessCheckBody,
  SupportUnlock: http.supportUnlockBody,
  ChallengeBody: http.challengeBody,
  UnlockChallengeBody: http.unlockChallengeBody,
  ChallengeAnswer: http.verifyBody,
  ChallengeAsked: answers.challengeAsked,
  ChallengeVerified: answers.challengeVerified,
  DisputedLogin: answers.disputedLogin,
  ConfirmedLogin: answers.confirmedLogin,
  ErasureAccepted: answers.erasureAccepted,
  Problem: problem,
  SecuritySettings: securitySettings(),
  TripBody: tripBody(),
  Trip: trip(),
  ShownTrip: shownTrip(),
  TripPage: tripPage(),
  Standing: standing(),
  AccessDecision: accessDecision(),
  Verdict: verdict(),
});

function describePrimitives(): void {
  about(accountId, { id: 'AccountId', examples: ['player-7'] });
  about(instant, { id: 'Instant', examples: ['2026-11-21T09:30:00+09:00'] });
  about(address, { id: 'Address', anyOf: [{ format: 'ipv4' }, { format: 'ipv6' }], examples: ['203.0.113.7', '2001:db8::7'] });
  about(country(), { id: 'Country', examples: ['KR'] });
  about(owner, { description: 'The team to ask about it.' });
}

/** What the refinements of settings mean. */
function describeSettings(): void {
  const responses = (options: readonly string[]) => ({
    description: 'What happens when the trigger holds; `none` stands alone.',
    uniqueItems: true,
    anyOf: [{ items: { const: 'none' } }, { items: { enum: options.filter((option) => option !== 'none') } }],
  });
  const { login_abroad, new_country, unlocated } = responsesByTrigger().shape;
  about(login_abroad, responses(response.options));
  for (const withoutBlock of [new_country, unlocated]) about(withoutBlock, responses(response.options.filter((option) => option !== 'block_abroad')));
  for (const countries of [securitySettings().shape.homeCountries, trip().shape.countries]) about(countries, { uniqueItems: true });
}

function describeSubscription(): void {
  const { shape } = subscriptionFile;
  about(subscriptionFile, { id: 'Subscription', title: 'A subscription of an HTTP endpoint' });
  about(shape.name, { description: 'Also the name of the file. Events that wait belong to the name.' });
  about(shape.eventTypes, { description: 'The types that it gets.' });
  about(shape.filter, { description: 'Only events whose `data` has one of these values in each of these fields.' });
  about(shape.endpoint, { description: 'The https URL that events are posted to.' });
  about(shape.mode, { description: 'streaming: what the endpoint answers goes onto the bus, 204 is a swallow. one-way: any 2xx is an acknowledgement.' });
  about(shape.emits, { description: 'The types that its answers may have.' });
  about(shape.parallelism, { description: 'How many events it gets at once, at most.' });
  about(shape.timeoutSeconds, { description: 'How long an answer may take, headers and body.' });
  about(shape.holdDays, { description: 'How long events wait for an endpoint that is down, before they are put aside.' });
  about(shape.secret, { description: 'The secret of Secrets Manager that requests are signed with: whsec_…, or a JSON array of two, new and old.' });
  about(shape.paused, { description: 'Holds every event until it is false again.' });
}

function describeCampaign(): void {
  const { shape } = campaignFile;
  about(campaignFile, { id: 'Campaign', title: 'A password campaign' });
  about(shape.id, { description: 'Also the name of the file. Who was asked and who was counted belong to the id.', examples: [exampleCampaign] });
  about(shape.passwordOlderThan, { description: 'Asked is who has not changed the password at this moment or later.' });
  about(shape.message, { description: 'What the player is told, in the languages that players read.' });
  about(shape.response, { description: 'How the player is told.' });
  about(shape.everyDays, { description: 'A player is asked at most once in so many days.' });
  about(shape.from, { description: 'Logins from this moment on count.' });
  about(shape.until, { description: 'Logins from this moment on do not count any more.' });
}
