import { createHmac, createSecretKey, hash, type KeyObject, timingSafeEqual } from 'node:crypto';

/** A request as it came over the wire. */
export interface SignedRequest {
  readonly method: string;
  /** Path as sent, percent-encoded, without the query. */
  readonly path: string;
  /** Query as sent, without the question mark. */
  readonly query: string;
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
}

export type Signer = { readonly accessKeyId: string; readonly service: string };

const algorithm = 'AWS4-HMAC-SHA256';
/** How far the time of a signature may be from AWS's, in minutes; S3 is more patient (Amazon S3 API Reference, error RequestTimeTooSkewed). */
const maxSkewMinutes = (service: string): number => (service === 's3' ? 15 : 5);

/**
 * Checks a Signature Version 4 in the Authorization header, as the AWS General Reference describes it (Create a signed AWS API
 * request).
 *
 * @param secretOf the secret access key of an access key id, or nothing for an unknown one
 * @returns who signed for which service; nothing when the signature is missing, wrong or too old
 */
export function verifySignature(
  request: SignedRequest,
  secretOf: (accessKeyId: string) => string | undefined,
  region: string,
  now: Date,
): Signer | undefined {
  const parts = parse(one(request.headers['authorization']));
  const date = one(request.headers['x-amz-date']) ?? '';
  if (!parts || parts.region !== region || !date.startsWith(parts.day) || !(skewOf(date, now) <= maxSkewMinutes(parts.service) * 60_000)) return undefined;
  const secret = secretOf(parts.accessKeyId);
  if (secret === undefined || !parts.signedHeaders.includes('host')) return undefined;
  const scope = `${parts.day}/${parts.region}/${parts.service}/aws4_request`;
  const text = [algorithm, date, scope, sha256(canonicalRequest(request, parts.signedHeaders, parts.service))].join('\n');
  const expected = hmac(signingKey(secret, scope), text);
  const given = Buffer.from(parts.signature, 'hex');
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) return undefined;
  return { accessKeyId: parts.accessKeyId, service: parts.service };
}

/** Keys of the day by secret and scope: each costs more than all the rest of the check. */
const signingKeys = new Map<string, KeyObject>();
const maxKeys = 1000;

function signingKey(secret: string, scope: string): KeyObject {
  const name = `${secret} ${scope}`;
  const known = signingKeys.get(name);
  if (known) return known;
  const key = createSecretKey(scope.split('/').reduce<Buffer>(hmac, Buffer.from(`AWS4${secret}`)));
  if (signingKeys.size >= maxKeys) signingKeys.clear();
  signingKeys.set(name, key);
  return key;
}

function parse(authorization: string | undefined) {
  if (!authorization?.startsWith(`${algorithm} `)) return undefined;
  const fields = new Map(
    authorization
      .slice(algorithm.length + 1)
      .split(',')
      .map((field): [string, string] => {
        const [name = '', ...value] = field.trim().split('=');
        return [name, value.join('=')];
      }),
  );
  const [accessKeyId, day, region, service, end] = (fields.get('Credential') ?? '').split('/');
  const signature = fields.get('Signature');
  if (!accessKeyId || !day || !region || !service || end !== 'aws4_request' || !signature) return undefined;
  return { accessKeyId, day, region, service, signature, signedHeaders: (fields.get('SignedHeaders') ?? '').split(';') };
}

/** The service that a request is signed for at a time that AWS does not accept; nothing when its time is good, or there is none. */
export function skewedFor({ headers }: Pick<SignedRequest, 'headers'>, now: Date): string | undefined {
  const service = parse(one(headers['authorization']))?.service;
  return service !== undefined && skewOf(one(headers['x-amz-date']) ?? '', now) > maxSkewMinutes(service) * 60_000 ? service : undefined;
}

/** How far a time such as `20261121T090000Z` is from now, in milliseconds. */
function skewOf(date: string, now: Date): number {
  const [, y, mo, d, h, mi, s] = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(date) ?? [];
  return Math.abs(Date.parse(`${y}-${mo}-${d}T${h}:${mi}:${s}Z`) - now.getTime());
}

function canonicalRequest({ method, path, query, headers, body }: SignedRequest, signedHeaders: readonly string[], service: string): string {
  const headerLines = signedHeaders.map((name) => {
    const value = headers[name];
    const values = Array.isArray(value) ? value : [value ?? ''];
    return `${name}:${values.map((each) => each.trim().replaceAll(/\s+/g, ' ')).join(',')}\n`;
  });
  // Every service but S3 encodes the path once more.
  const canonicalPath = service === 's3' ? path : path.split('/').map(encode).join('/');
  return [method, canonicalPath, canonicalQuery(query), headerLines.join(''), signedHeaders.join(';'), sha256(body)].join('\n');
}

function canonicalQuery(query: string): string {
  if (query === '') return '';
  return query
    .split('&')
    .map((pair) => {
      const [name = '', ...value] = pair.split('=');
      return [encode(decode(name)), encode(decode(value.join('=')))] as const;
    })
    .toSorted(([a, av], [b, bv]) => compare(a, b) || compare(av, bv))
    .map((pair) => pair.join('='))
    .join('&');
}

const compare = (a: string, b: string): number => Number(a > b) - Number(a < b);

/** What is not valid percent-encoding stands for itself. */
function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** RFC 3986: everything but unreserved characters. */
const encode = (text: string): string =>
  encodeURIComponent(text).replaceAll(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);

const one = (value: string | string[] | undefined): string | undefined => (Array.isArray(value) ? value[0] : value);
const sha256 = (data: string | Buffer): string => hash('sha256', data);
const hmac = (key: Buffer | KeyObject, data: string): Buffer => createHmac('sha256', key).update(data).digest();
