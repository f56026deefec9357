import middy from '@middy/core';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import * as z from 'zod/mini';
import { accountId, defaultLocale, locale, type Locale } from '../contracts/primitives.ts';
import { ProblemError, problemOf } from './problems.ts';
import { reasonOf, type Telemetry } from './telemetry.ts';
import { fieldErrors } from './validation.ts';

/** A request as a handler sees it, whatever carried it. */
export interface Request {
  /** `POST /v1/logins` */
  readonly route: string;
  /** The address of the caller, as API Gateway saw it. */
  readonly sourceIp: string;
  readonly path: Readonly<Record<string, string | undefined>>;
  readonly query: Readonly<Record<string, string | undefined>>;
  /** Header by lower-case name. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: Buffer;
  /** The claims of the player's token, which API Gateway has verified. */
  readonly claims: Readonly<Record<string, unknown>>;
  /** The IAM principal that signed it: an ARN. */
  readonly caller: string | undefined;
}

export interface Response {
  readonly status: number;
  /** Sent as JSON. */
  readonly body?: unknown;
  /** A page, in place of a body. */
  readonly html?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A route's handler: a pure function of a request and its typed dependencies. Refusals are thrown as `ProblemError`. */
export type Route<S> = (request: Request, services: S) => Promise<Response>;

/** Larger bodies are refused before they are read as JSON: 1 MiB. */
const maxBodyBytes = 1024 * 1024;

/** What a caller must never see cached, guessed or framed. */
const safeHeaders = { 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' } as const;

/**
 * A Lambda function behind an HTTP API, with payload format 2.0. Whatever a route throws becomes a problem (RFC 9457); what is not a
 * refusal is a 500 that says nothing of its cause.
 */
export function httpApi<S>(routes: Readonly<Record<string, Route<S>>>, services: S, telemetry: Telemetry) {
  return middy<APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2>()
    .after(({ response }) => end(response ?? undefined, telemetry))
    .onError((request) => {
      const { error } = request;
      if (!(error instanceof ProblemError)) telemetry.error('A request failed', { reason: reasonOf(error) });
      const refusal = error instanceof ProblemError ? error : new ProblemError('internal-error');
      request.response = answer({ status: refusal.status, headers: refusal.headers, body: problemOf(refusal) }, 'application/problem+json');
      end(request.response, telemetry);
    })
    .handler(async (event) => {
      const route = routes[event.routeKey];
      if (!route) throw new ProblemError('not-found');
      return answer(await route(requestOf(event), services), 'application/json');
    });
}

/** Counts what was answered: 4xx is for the caller to mend, 5xx for us. */
function end(response: APIGatewayProxyStructuredResultV2 | undefined, telemetry: Telemetry): void {
  const status = response?.statusCode ?? 200;
  if (status >= 500) telemetry.count('RequestFailed');
  else if (status >= 400) telemetry.count('RequestRefused');
  telemetry.flush();
}

function answer({ status, body, html, headers }: Response, contentType: string): APIGatewayProxyStructuredResultV2 {
  if (html !== undefined) return { statusCode: status, headers: { ...safeHeaders, 'content-type': 'text/html; charset=utf-8', ...headers }, body: html };
  if (body === undefined) return { statusCode: status, headers: { ...safeHeaders, ...headers } };
  return { statusCode: status, headers: { ...safeHeaders, 'content-type': contentType, ...headers }, body: JSON.stringify(body) };
}

function requestOf(event: APIGatewayProxyEventV2): Request {
  const { authorizer } = event.requestContext as { authorizer?: { jwt?: { claims?: Record<string, unknown> }; iam?: { userArn?: string } } };
  return {
    route: event.routeKey,
    path: event.pathParameters ?? {},
    query: event.queryStringParameters ?? {},
    sourceIp: event.requestContext.http.sourceIp,
    headers: event.headers,
    body: Buffer.from(event.body ?? '', event.isBase64Encoded ? 'base64' : 'utf8'),
    claims: authorizer?.jwt?.claims ?? {},
    caller: authorizer?.iam?.userArn,
  };
}

/**
 * The JSON of a body, of one of the given media types.
 *
 * @throws ProblemError 413 above 1 MiB, 415 for another content type or coding, 400 for what is not UTF-8 or not JSON
 */
export function jsonBody(request: Request, mediaTypes: readonly string[] = ['application/json']): { mediaType: string; json: unknown } {
  if (request.body.length > maxBodyBytes) throw new ProblemError('too-large', 'A body holds at most 1 MiB.');
  // API Gateway hands on what it got: nothing here unpacks a body, so that a small one never becomes a large one.
  if (!/^(identity)?$/i.test(request.headers['content-encoding'] ?? '')) {
    throw new ProblemError('unsupported-media-type', 'Send the body without a Content-Encoding.', undefined, { 'accept-encoding': 'identity' });
  }
  const mediaType = mediaTypeOf(request.headers['content-type']);
  if (mediaType === undefined || !mediaTypes.includes(mediaType)) {
    throw new ProblemError('unsupported-media-type', `Send the header Content-Type: ${mediaTypes.join(' or ')}.`);
  }
  try {
    return { mediaType, json: JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(request.body)) };
  } catch {
    throw new ProblemError('invalid-request', 'The body is not JSON in UTF-8.', [{ pointer: '#', detail: 'must be JSON in UTF-8' }]);
  }
}

/** `application/json; charset=utf-8` is `application/json`; another charset is no media type of ours. */
function mediaTypeOf(header: string | undefined): string | undefined {
  const [type, ...parameters] = (header ?? '').toLowerCase().split(';').map((part) => part.trim());
  const charset = parameters.find((parameter) => parameter.startsWith('charset='))?.replaceAll('"', '');
  return charset === undefined || charset === 'charset=utf-8' ? type : undefined;
}

/** A value by its schema. @throws ProblemError 400 that points to each bad field */
export function valid<T>(schema: z.ZodMiniType<T>, value: unknown): T {
  const { data, error } = schema.safeParse(value);
  if (error) throw new ProblemError('invalid-request', undefined, fieldErrors(error));
  return data;
}

/** Refuses every query parameter, on routes that know none. @throws ProblemError 400 */
export function noQuery({ query }: Request): void {
  valid(z.strictObject({}), query);
}

/** Refuses every body but an empty one, on routes that take none. @throws ProblemError 400 */
export function noBody(request: Request): void {
  if (request.body.length > 0) valid(z.strictObject({}), jsonBody(request).json);
}

/** The language that a browser asks for, of those that players read; Korean when it asks for none of them. */
export function localeOf({ headers }: Request): Locale {
  const asked = (headers['accept-language'] ?? '').split(',').map((range) => range.trim().slice(0, 2).toLowerCase());
  return asked.map((each) => locale.safeParse(each).data).find((each) => each !== undefined) ?? defaultLocale;
}

/** The account that the player's token names, and the methods it proves (`amr`, RFC 8176). @throws ProblemError 403 */
export function player(request: Request, accountClaim: string): { accountId: string; methods: string[] } {
  const { data } = accountId.safeParse(request.claims[accountClaim]);
  if (data === undefined) throw new ProblemError('no-account', `Its claim ${accountClaim} must be an account's id.`);
  return { accountId: data, methods: listClaim(request.claims['amr']) };
}

/** API Gateway hands on a claim that is a list as the text `[a b]`. */
const listClaim = (claim: unknown): string[] =>
  typeof claim === 'string' ? claim.replaceAll(/^\[|\]$/g, '').split(/[ ,]+/).filter(Boolean) : [];
