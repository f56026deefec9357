import { isUtf8 } from 'node:buffer';
import { randomUUID } from 'node:crypto';
import type { HttpBindings } from '@hono/node-server';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { type Context, Hono } from 'hono';
import { routeResource } from '../../lib/callers.ts';
import type { Authority } from '../aws/authority.ts';
import type { Caller } from '../aws/endpoint.ts';
import type { Meter } from '../aws/meter.ts';
import type { Measures } from '../cloudwatch/measures.ts';
import { verifySignature } from '../aws/signature.ts';
import type { Model, Route } from '../model.ts';
import { accountNumber, region } from '../cloudformation.ts';
import { localCredentials } from '../credentials.ts';
import type { Issuer } from './issuer.ts';

/** What API Gateway takes at most, in bytes: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html */
const maxBytes = 10 * 1024 * 1024;

export interface GatewayParts {
  readonly model: Model;
  readonly authority: Authority;
  readonly issuer: Issuer;
  /** Which function an access key belongs to. */
  readonly callerOf: (accessKeyId: string) => Caller | undefined;
  readonly meter: Meter;
  readonly measures: Measures;
  readonly now: () => Date;
  /** Invokes a function by its ARN. */
  readonly invoke: (functionArn: string, event: APIGatewayProxyEventV2) => Promise<unknown>;
}

type Env = { Bindings: HttpBindings };
/** What the authorizer of a route found; nothing when it refuses. */
type Authorized = { readonly authorizer?: object } | undefined;

/** The HTTP API as the templates define it: its routes, their authorizers, throttling, and AWS's own errors, `{"message"}`. */
export function gateway(parts: GatewayParts): Hono<Env> {
  const { model } = parts;
  const takeToken = tokenBucket(model.api.throttle, () => performance.now());
  const app = new Hono<Env>();
  const api = model.api.arn.split(':').at(-1) ?? '';
  for (const route of model.api.routes) {
    const [method = '', path = ''] = route.key.split(' ');
    app.on(method, path.replaceAll(/\{(\w+)\}/g, ':$1'), async (context) => {
      // hono has HEAD answered as GET; API Gateway does not.
      if (context.req.method !== method) return context.notFound();
      const begin = performance.now();
      let integrationLatency: number | undefined;
      const invoke: GatewayParts['invoke'] = async (arn, event) => {
        const invoked = performance.now();
        return parts.invoke(arn, event).finally(() => (integrationLatency = performance.now() - invoked));
      };
      const response = takeToken() ? await answer(route, context, { ...parts, invoke }) : context.json({ message: 'Too Many Requests' }, 429);
      parts.measures.requested({ api, route: route.key, isDetailed: model.api.hasDetailedMetrics, status: response.status, latency: performance.now() - begin, integrationLatency });
      return response;
    });
  }
  return app;
}

async function answer(route: Route, context: Context<Env>, parts: GatewayParts): Promise<Response> {
  parts.meter.add('API requests', 1);
  const body = Buffer.from(await context.req.arrayBuffer());
  if (body.length > maxBytes) return context.json({ message: 'Request Entity Too Large' }, 413);
  const authorized = await authorize(route, context, body, parts);
  if (authorized) return call(route, context, body, authorized, parts);
  if (route.authorization.type === 'JWT') return context.json({ message: 'Unauthorized' }, 401, { 'www-authenticate': 'Bearer' });
  return context.json({ message: 'Forbidden' }, 403);
}

async function authorize({ authorization, key }: Route, context: Context<Env>, body: Buffer, parts: GatewayParts): Promise<Authorized> {
  if (authorization.type === 'NONE') return {};
  if (authorization.type === 'JWT') {
    const token = /^(?:Bearer\s+)?(\S+)$/i.exec(context.req.header('authorization') ?? '')?.[1] ?? '';
    const claims = await parts.issuer.claims(token, authorization);
    return claims && { authorizer: { jwt: { claims: textClaims(claims), scopes: null } } };
  }
  const { incoming } = context.env;
  const [path = '/', query = ''] = (incoming.url ?? '/').split('?');
  const signer = verifySignature(
    { method: incoming.method ?? '', path, query, headers: incoming.headers, body },
    (id) => (id === localCredentials.accessKeyId ? localCredentials.secretAccessKey : parts.callerOf(id)?.secret),
    region,
    parts.now(),
  );
  if (signer?.service !== 'execute-api') return undefined;
  const role = parts.callerOf(signer.accessKeyId)?.role;
  const caller = role ?? { id: `arn:aws:iam::${accountNumber}:user/${signer.accessKeyId}`, policies: parts.model.callerPolicies };
  // A role may be allowed one path of a route only. The user is allowed whole routes, and asked about each route once.
  const called = role ? `${incoming.method}${path}` : routeResource(key).replaceAll('*', 'any');
  const resource = `${parts.model.api.arn}/$default/${called}`;
  const isAllowed = await parts.authority.allows(caller, { action: 'execute-api:Invoke', resource });
  return isAllowed ? { authorizer: { iam: { userArn: caller.id, accountId: accountNumber } } } : undefined;
}

/** API Gateway hands claims on as text, as Go prints them: lists as `[a b]`, null as `<nil>`, objects as `map[…]`. */
const textClaims = (claims: Record<string, unknown>): Record<string, string> =>
  Object.fromEntries(Object.entries(claims).map(([name, value]) => [name, textClaim(value)]));

function textClaim(value: unknown): string {
  if (Array.isArray(value)) return `[${value.join(' ')}]`;
  if (value === null) return '<nil>';
  return typeof value === 'object' ? 'map[]' : `${value as string | number | boolean}`;
}

async function call(route: Route, context: Context<Env>, body: Buffer, authorized: object, parts: GatewayParts): Promise<Response> {
  const target = parts.model.functions.find(({ arn }) => arn === route.functionArn);
  const source = `${parts.model.api.arn}/$default/${routeResource(route.key)}`;
  const mayInvoke = target?.invokers.some(({ service, sourceArn }) => service === 'apigateway.amazonaws.com' && matches(sourceArn, source));
  if (!target || !mayInvoke) return context.json({ message: 'Internal Server Error' }, 500);
  let result: APIGatewayProxyStructuredResultV2;
  try {
    result = (await parts.invoke(target.arn, eventOf(route, context, body, authorized, parts))) as APIGatewayProxyStructuredResultV2;
  } catch {
    return context.json({ message: 'Internal Server Error' }, 500);
  }
  const headers = Object.entries(result.headers ?? {}).map(([name, value]): [string, string] => [name, String(value)]);
  const content = result.isBase64Encoded ? Buffer.from(result.body ?? '', 'base64') : (result.body ?? null);
  return new Response(content, { status: result.statusCode ?? 200, headers });
}

/** Payload format version 2.0. */
function eventOf(route: Route, context: Context<Env>, body: Buffer, authorized: object, { model, now }: GatewayParts): APIGatewayProxyEventV2 {
  const url = new URL(context.req.url);
  const headers = Object.fromEntries(context.req.raw.headers);
  const isText = isUtf8(body) && /^(text\/|application\/(json|xml|javascript)\b)/.test(headers['content-type'] ?? '');
  const query = Object.entries(context.req.queries()).map(([name, values]) => [name, values.join(',')]);
  const path = Object.entries(context.req.param() as Record<string, string>);
  const time = now();
  return {
    version: '2.0',
    routeKey: route.key,
    rawPath: url.pathname,
    rawQueryString: url.search.slice(1),
    headers,
    ...(query.length > 0 && { queryStringParameters: Object.fromEntries(query) as Record<string, string> }),
    ...(path.length > 0 && { pathParameters: Object.fromEntries(path) }),
    requestContext: {
      accountId: accountNumber,
      apiId: model.api.arn.split(':').at(-1) ?? '',
      domainName: url.host,
      domainPrefix: 'local',
      http: {
        method: context.req.method,
        path: url.pathname,
        protocol: 'HTTP/1.1',
        sourceIp: context.env.incoming.socket.remoteAddress ?? '',
        userAgent: headers['user-agent'] ?? '',
      },
      requestId: randomUUID(),
      routeKey: route.key,
      stage: '$default',
      time: time.toISOString(),
      timeEpoch: time.getTime(),
      ...authorized,
    },
    ...(body.length > 0 && { body: body.toString(isText ? 'utf8' : 'base64') }),
    isBase64Encoded: body.length > 0 && !isText,
  };
}

/** An ARN pattern of IAM: `*` stands for anything. */
const matches = (pattern: string, text: string): boolean =>
  new RegExp(`^${pattern.split('*').map((part) => part.replaceAll(/[$()+.?[\\\]^{|}]/g, String.raw`\$&`)).join('.*')}$`).test(text);

/**
 * Throttling as API Gateway does it: a bucket that holds `burst` tokens and refills at `rate` a second.
 *
 * @param now milliseconds of a clock that never jumps
 */
function tokenBucket({ rate, burst }: { rate: number; burst: number }, now: () => number): () => boolean {
  let tokens = burst;
  let filledAt = now();
  return () => {
    tokens = Math.min(burst, tokens + ((now() - filledAt) / 1000) * rate);
    filledAt = now();
    if (tokens < 1) return false;
    tokens -= 1;
    return true;
  };
}
