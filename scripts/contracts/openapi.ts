import { createDocument, type ZodOpenApiOperationObject, type ZodOpenApiPathsObject, type ZodOpenApiResponseObject, type ZodOpenApiResponsesObject } from 'zod-openapi';
import { z } from 'zod';
import { campaignFile, campaignReport } from '../../lambdas/contracts/campaigns.ts';
import { outsideAttributes } from '../../lambdas/contracts/cloud-event.ts';
import { eventData } from '../../lambdas/contracts/events.ts';
import {
  challengeAsked,
  challengeVerified,
  confirmedLogin,
  disputedLogin,
  erasureAccepted,
  historyPage,
  publishResults,
} from '../../lambdas/contracts/answers.ts';
import {
  accessCheckBody,
  challengeBody,
  loginBody,
  linkQuery,
  loginIdParameter,
  pageQuery,
  supportUnlockBody,
  unlockChallengeBody,
  verifyBody,
} from '../../lambdas/contracts/http.ts';
import { eventType, outsideEventNames } from '../../lambdas/contracts/names.ts';
import { accountId } from '../../lambdas/contracts/primitives.ts';
import { problem, type ProblemKind, problemKinds } from '../../lambdas/contracts/problem.ts';
import { securitySettings, shownTrip, tripBody, tripPage } from '../../lambdas/contracts/settings.ts';
import { accessDecision, standing } from '../../lambdas/contracts/standing.ts';
import { verdict } from '../../lambdas/contracts/verdict.ts';
import { type Route, services } from '../../lib/services.ts';

const oneOrMany = <T extends z.core.$ZodType>(schema: T) => z.union([schema, z.array(schema).min(1).max(100)]);
const outsideEvents = outsideEventNames.map((name) =>
  z.strictObject({ ...outsideAttributes(), type: z.literal(eventType(name)), data: z.strictObject(eventData[name]().shape) }),
);
const outsideEvent = z.union(outsideEvents).meta({ id: 'OutsideEvent' });
const etag = { ETag: { description: 'The version, for `If-Match`.', schema: { type: 'string' as const } } };
const ifMatch = z.object({ 'if-match': z.string().optional().meta({ description: 'The `ETag` of the version to replace.' }) });

const json = (schema: z.core.$ZodType) => ({ 'application/json': { schema } });
const problems = (...kinds: ProblemKind[]) =>
  Object.fromEntries(
    [...Map.groupBy(kinds, (kind) => problemKinds[kind][0])].map(([status, each]) => [
      String(status),
      {
        description: each.map((kind) => problemKinds[kind][1]).join('; '),
        content: { 'application/problem+json': { schema: problem } },
      },
    ]),
  );
/** What API Gateway answers by itself, before or in place of a function; always `{"message"}`. */
const gatewayErrors = (authorization: Route['authorization']): Readonly<Record<string, string>> => ({
  ...(authorization === 'iam' && { '403': 'API Gateway: no good signature, or it may not call this' }),
  ...(authorization === 'player' && { '401': 'API Gateway: no good token' }),
  '413': 'API Gateway: above 10 MiB',
  '429': 'API Gateway: too many requests',
  '500': 'API Gateway: the function failed',
  '503': 'API Gateway: the function did not answer in time',
});
const gatewayError = z.object({ message: z.string() }).meta({ id: 'GatewayError', description: 'An error that API Gateway itself makes.' });

/** What a route may answer: what is described here, and what API Gateway may say in its place. */
function answers(described: ZodOpenApiResponsesObject, authorization: Route['authorization']): ZodOpenApiResponsesObject {
  const responses: ZodOpenApiResponsesObject = { ...described };
  for (const [status, description] of Object.entries(gatewayErrors(authorization))) {
    const own = described[status as `${1 | 2 | 3 | 4 | 5}${string}`] as ZodOpenApiResponseObject | undefined;
    responses[status as `${1 | 2 | 3 | 4 | 5}${string}`] = {
      description: own ? `${own.description}. ${description}` : description,
      content: { ...own?.content, ...json(gatewayError) },
    };
  }
  return responses;
}

/** `GET /v1/me/logins` is `getMeLogins`. */
function operationId(route: string): string {
  const [method = '', path = ''] = route.split(' ');
  const words = path.split(/\W+/).filter((word) => word !== '' && word !== 'v1');
  return [method.toLowerCase(), ...words.map((word) => `${word[0]?.toUpperCase()}${word.slice(1)}`)].join('');
}

const published = {
  '202': { description: 'The bus has confirmed all.', content: json(publishResults) },
  '207': { description: 'Some were bad or are unconfirmed.', content: json(publishResults) },
  ...problems('invalid-request', 'too-large', 'unsupported-media-type', 'internal-error', 'bus-unavailable'),
};

const html = { 'text/html': { schema: z.string() } };
const page = (description: string) => ({ description, content: html });
const badLink = {
  '400': { description: 'The page: the link is altered or too old. A problem: there is no token, or more than that.', content: { ...html, 'application/problem+json': { schema: problem } } },
};
const asked = { '202': { description: 'The same for every account; a code is on its way if there is a contact for it.', content: json(challengeAsked) } };
const verified = { '200': { description: 'The code was right.', content: json(challengeVerified) } };

/** What can be done with a login of a page, by its id. */
const loginLinks = Object.fromEntries(
  ['GET /v1/me/verdicts/{loginId}', 'POST /v1/me/logins/{loginId}/confirm', 'POST /v1/me/logins/{loginId}/dispute'].map((route) => [
    operationId(route),
    { operationId: operationId(route), parameters: { loginId: '$response.body#/items/0/id' } },
  ]),
);

/** What each route takes and answers, by route key; the table of services says which routes there are, and for whom. */
const operations: Readonly<Record<string, ZodOpenApiOperationObject>> = {
  'POST /v1/logins': {
    summary: 'Posts one login, or up to 100.',
    requestBody: { required: true, content: json(oneOrMany(loginBody)) },
    responses: published,
  },
  'POST /v1/events': {
    summary: 'Posts events of the types that are open to outside producers.',
    requestBody: {
      required: true,
      content: {
        'application/cloudevents+json': { schema: outsideEvent },
        'application/cloudevents-batch+json': { schema: z.array(outsideEvent).min(1).max(100) },
      },
    },
    responses: published,
  },
  'GET /v1/me/logins': {
    summary: "The player's own login history, newest first.",
    requestParams: { query: pageQuery },
    responses: {
      '200': { description: 'A page.', content: json(historyPage), links: loginLinks },
      ...problems('invalid-request', 'invalid-cursor', 'no-account', 'internal-error'),
    },
  },
  'GET /v1/accounts/{accountId}/logins': {
    summary: "An account's login history for support, newest first.",
    requestParams: { path: z.object({ accountId }), query: pageQuery },
    responses: {
      '200': { description: 'A page; empty for an unknown account.', content: json(historyPage) },
      ...problems('invalid-request', 'invalid-cursor', 'internal-error'),
    },
  },
  'GET /v1/me/security-settings': {
    summary: 'What happens at a login from abroad.',
    responses: {
      '200': { description: 'The settings in force.', headers: etag, content: json(securitySettings()) },
      ...problems('no-account', 'internal-error'),
    },
  },
  'PUT /v1/me/security-settings': {
    summary: 'Replaces the settings whole; weakening them needs proof beyond the password.',
    requestParams: { header: ifMatch },
    requestBody: { required: true, content: json(securitySettings()) },
    responses: {
      '200': { description: 'The settings in force from now on.', headers: etag, content: json(securitySettings()) },
      ...problems(
        'invalid-request',
        'step-up-required',
        'account-locked',
        'no-account',
        'not-found',
        'precondition-failed',
        'too-many-requests',
        'too-large',
        'unsupported-media-type',
        'internal-error',
        'bus-unavailable',
      ),
    },
  },
  'DELETE /v1/accounts/{accountId}': {
    summary: 'Has every service forget an account; for 30 days what still arrives for it is dropped.',
    requestParams: { path: z.object({ accountId }) },
    responses: {
      '202': { description: 'The bus has confirmed it. Each service reports by `loginward.account.erasure_reported.v1`.', content: json(erasureAccepted) },
      ...problems('invalid-request', 'conflict', 'internal-error', 'bus-unavailable'),
    },
  },
  'POST /v1/me/logins/{loginId}/dispute': {
    summary: '"Not me": locks the account, is told, and can do nothing else.',
    requestParams: { path: z.object({ loginId: loginIdParameter }) },
    responses: {
      '202': { description: 'The account is being locked; again, the same.', content: json(disputedLogin) },
      ...problems('invalid-request', 'no-account', 'not-found', 'internal-error', 'bus-unavailable'),
    },
  },
  'POST /v1/me/logins/{loginId}/confirm': {
    summary: '"This was me": changes only what the history shows.',
    requestParams: { path: z.object({ loginId: loginIdParameter }) },
    responses: {
      '200': { description: 'The history shows it.', content: json(confirmedLogin) },
      ...problems('invalid-request', 'no-account', 'not-found', 'conflict', 'internal-error'),
    },
  },
  'GET /v1/not-me': {
    summary: 'The page behind the link of a notice, in Korean or English; it changes nothing.',
    requestParams: { query: linkQuery },
    responses: { '200': page('The page, with the button.'), ...badLink, ...problems('internal-error') },
  },
  'POST /v1/not-me': {
    summary: 'Disputes the login of the link, once.',
    requestParams: { query: linkQuery },
    responses: {
      '200': page('The account is being locked.'),
      ...badLink,
      '409': page('It was used before.'),
      '503': page('The bus did not confirm it: the page, with the button once more.'),
      ...problems('internal-error'),
    },
  },
  'GET /v1/me/trips': {
    summary: 'The trips that are not over, by the day on which they begin.',
    requestParams: { query: pageQuery },
    responses: {
      '200': { description: 'A page.', content: json(tripPage()) },
      ...problems('invalid-request', 'invalid-cursor', 'no-account', 'internal-error'),
    },
  },
  'POST /v1/me/trips': {
    summary: 'Announces a trip; needs proof beyond the password.',
    requestBody: { required: true, content: json(tripBody()) },
    responses: {
      '201': { description: 'The trip. Announced again, the same.', content: json(shownTrip()) },
      ...problems(
        'invalid-request',
        'step-up-required',
        'account-locked',
        'no-account',
        'not-found',
        'conflict',
        'precondition-failed',
        'too-many-requests',
        'too-large',
        'unsupported-media-type',
        'internal-error',
        'bus-unavailable',
      ),
    },
  },
  'DELETE /v1/me/trips/{id}': {
    summary: 'Deletes a trip; from now on a login from there is one from abroad again.',
    requestParams: { path: z.object({ id: z.string() }) },
    responses: {
      '204': { description: 'It is gone.' },
      ...problems('no-account', 'not-found', 'precondition-failed', 'too-many-requests', 'internal-error', 'bus-unavailable'),
    },
  },
  'POST /v1/access-checks': {
    summary: 'Whether a player whose password was right may be let in.',
    requestBody: { required: true, content: json(accessCheckBody) },
    responses: {
      '200': { description: 'The decision. Without an answer, let the player in.', content: json(accessDecision()) },
      ...problems('invalid-request', 'too-large', 'unsupported-media-type', 'internal-error'),
    },
  },
  'GET /v1/accounts/{accountId}/standing': {
    summary: 'Whether an account may be played, and whether from abroad.',
    requestParams: { path: z.object({ accountId }) },
    responses: {
      '200': { description: 'The standing; of an unknown account, active.', content: json(standing()) },
      ...problems('invalid-request', 'internal-error'),
    },
  },
  'GET /v1/me/standing': {
    summary: "Whether the player's own account may be played, and since when and why not.",
    responses: {
      '200': { description: 'The standing; of an account that nothing is known of, active.', content: json(standing()) },
      ...problems('invalid-request', 'no-account', 'internal-error'),
    },
  },
  'POST /v1/accounts/{accountId}/unlock': {
    summary: 'Support lifts a lock; who and why is kept.',
    requestParams: { path: z.object({ accountId }) },
    requestBody: { required: true, content: json(supportUnlockBody) },
    responses: {
      '200': { description: 'The standing now.', content: json(standing()) },
      ...problems('invalid-request', 'too-large', 'unsupported-media-type', 'internal-error', 'bus-unavailable'),
    },
  },
  'GET /v1/me/verdicts/{loginId}': {
    summary: 'The receipt of the verdict on a login.',
    requestParams: { path: z.object({ loginId: loginIdParameter }) },
    responses: {
      '200': { description: 'Every input of the judgement, and what followed.', content: json(verdict()) },
      ...problems('no-account', 'not-found', 'internal-error'),
    },
  },
  'POST /v1/me/challenges': {
    summary: 'Asks for a one-time code that proves the player, or lifts a lock.',
    requestBody: { required: true, content: json(challengeBody) },
    responses: {
      ...asked,
      ...problems('invalid-request', 'no-account', 'too-large', 'unsupported-media-type', 'internal-error', 'bus-unavailable'),
    },
  },
  'POST /v1/me/challenges/verify': {
    summary: "Answers a code that the player asked for; the proof is the account's, and counts for 10 minutes.",
    requestBody: { required: true, content: json(verifyBody) },
    responses: {
      ...verified,
      ...problems('invalid-request', 'invalid-code', 'no-account', 'too-large', 'unsupported-media-type', 'internal-error', 'bus-unavailable'),
    },
  },
  'POST /v1/unlock-challenges': {
    summary: 'Asks for a one-time code that unlocks an account.',
    requestBody: { required: true, content: json(unlockChallengeBody) },
    responses: { ...asked, ...problems('invalid-request', 'too-large', 'unsupported-media-type', 'internal-error', 'bus-unavailable') },
  },
  'POST /v1/unlock-challenges/verify': {
    summary: 'Answers a code that anyone asked for, and unlocks the account.',
    requestBody: { required: true, content: json(verifyBody) },
    responses: {
      ...verified,
      ...problems('invalid-request', 'invalid-code', 'too-large', 'unsupported-media-type', 'internal-error', 'bus-unavailable'),
    },
  },
  'GET /v1/campaigns/{id}': {
    summary: 'How far a password campaign is, in numbers of accounts.',
    requestParams: { path: z.object({ id: campaignFile.shape.id }) },
    responses: {
      '200': { description: 'How many were reached, asked, and have changed their password since.', content: json(campaignReport) },
      ...problems('invalid-request', 'not-found', 'internal-error'),
    },
  },
};

const security = { iam: [{ sigv4: [] }], player: [{ player: [] }], public: [] } as const satisfies Record<Route['authorization'], unknown>;

/** The HTTP interface as OpenAPI 3.1. @throws when a route of the table of services is not described here */
export function openApi(): unknown {
  const paths: ZodOpenApiPathsObject = {};
  for (const { method, path, authorization } of services.flatMap(({ api }) => api?.routes ?? [])) {
    const operation = operations[`${method} ${path}`];
    if (!operation) throw new Error(`scripts/contracts/openapi.ts does not describe ${method} ${path}.`);
    paths[path] = { ...paths[path], [method.toLowerCase()]: { operationId: operationId(`${method} ${path}`), ...operation, responses: answers(operation.responses, authorization), security: [...security[authorization]] } };
  }
  return createDocument({
    openapi: '3.1.0',
    info: {
      title: 'Loginward',
      version: '1',
      description: 'Errors that API Gateway itself makes (401, 403, 404, 413, 429, 500, 503) hold `{"message"}`; all others are RFC 9457 problems.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    paths,
    components: {
      securitySchemes: {
        sigv4: { type: 'apiKey', in: 'header', name: 'Authorization', description: 'AWS Signature Version 4, service `execute-api`.' },
        player: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT', description: "A token of the company's OIDC issuer, RS256." },
      },
    },
  });
}
