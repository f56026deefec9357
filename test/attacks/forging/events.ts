export const single = 'application/cloudevents+json';
export const batch = 'application/cloudevents-batch+json';

/** An event that a company's own server may post. */
export const contact = {
  specversion: '1.0',
  id: 'contact-1',
  source: 'studio/accounts',
  type: 'loginward.contact.changed.v1',
  subject: 'player-1',
  time: new Date(Date.now() - 3_600_000).toISOString(),
  data: { email: 'player@example.com', locale: 'en' },
};

type Change = (id: string) => object;
const inHours = (hours: number): string => new Date(Date.now() + hours * 3_600_000).toISOString();
const match = (data: unknown) => ({ type: 'studio.match.ended.v1', data });
/** Stands for lists nested so deep that whoever writes them as JSON would run out of stack: here, too, which is why `textOf` puts them in. */
const nested = (levels: number): string => `nested ${levels}`;

/** The JSON text of an event. */
export const textOf = (event: unknown): string => JSON.stringify(event).replace(/"nested (\d+)"/, (_, levels) => `${'['.repeat(Number(levels))}${']'.repeat(Number(levels))}`);

/** What is forged in an event, by what it is; all are refused with a pointer. */
export const changes: Readonly<Record<string, Change>> = {
  'how far it came': () => ({ hops: 0 }),
  'a negative way': () => ({ hops: -1 }),
  'when it was accepted': () => ({ acceptedtime: inHours(-1) }),
  'an extension attribute': (id) => ({ recordedtime: id }),
  'an attribute of the runtime': () => ({ xraytraceid: '1-2-3' }),
  'a prototype': (id) => JSON.parse(`{"__proto__x":{"hops":0},"constructor":{"prototype":{"id":"${id}"}}}`) as object,
  'a trace that is none': () => ({ traceparent: '00-1-1-01' }),
  'a trace of another version': () => ({ traceparent: `01-${'1'.repeat(32)}-${'1'.repeat(16)}-01` }),
  'a trace with a line after it': () => ({ traceparent: `00-${'1'.repeat(32)}-${'1'.repeat(16)}-01\nx` }),
  'another version of CloudEvents': () => ({ specversion: '0.3' }),
  'an id that is empty': () => ({ id: '' }),
  'an id that is too long': (id) => ({ id: id.padEnd(257, 'x') }),
  'an id that is no text': () => ({ id: 7 }),
  'no source': () => ({ source: undefined }),
  'a source that is too long': () => ({ source: 'x'.repeat(257) }),
  'another subject than an account': () => ({ subject: 'player/1' }),
  'a subject with a line after it': () => ({ subject: 'player-1\n' }),
  'a subject of other letters': () => ({ subject: 'рlayer-1' }),
  'no subject': () => ({ subject: undefined }),
  'a subject that is too long': () => ({ subject: 'x'.repeat(129) }),
  'several subjects': () => ({ subject: ['player-1', 'player-2'] }),
  'a time ahead': () => ({ time: inHours(1) }),
  'a time far ahead': () => ({ time: '9999-12-31T23:59:59Z' }),
  'a time ahead by its offset': () => ({ time: inHours(2).replace('Z', '+01:00') }),
  'a time that is none': () => ({ time: '2026-02-30T00:00:00Z' }),
  'a time in another spelling': () => ({ time: 'Sat, 21 Nov 2026 00:00:00 GMT' }),
  'a time as a number': () => ({ time: 0 }),
  'a change of the password ahead': () => ({ type: 'loginward.password.changed.v1', data: { changedAt: inHours(1) } }),
  'data of another kind': () => ({ datacontenttype: 'text/xml' }),
  'data in base64': () => ({ data: undefined, data_base64: Buffer.from('{}').toString('base64') }),
  'data beside data in base64': () => ({ data_base64: Buffer.from('{}').toString('base64') }),
  'a schema that is too long': () => ({ dataschema: `https://studio.com/${'x'.repeat(1024)}` }),
  'no data': () => ({ data: undefined }),
  'data that is null': () => ({ data: null }),
  'data that is a list': () => ({ data: [] }),
  'an unknown field of data': () => ({ data: { email: 'player@example.com', verified: true } }),
  'an address that is too long': () => ({ data: { email: `${'x'.repeat(400)}@example.com` } }),
  'an address with a header after it': () => ({ data: { email: 'a@example.com\r\nBcc: all@example.com' } }),
  'a telephone number that is a topic': () => ({ data: { phone: 'arn:aws:sns:us-east-1:000000000000:loginward-local-bus-account-erased' } }),
  'a telephone number with more behind it': () => ({ data: { phone: '+821012345678;ext=1' } }),
  'a language that is a path': () => ({ data: { locale: '../en' } }),
  'data of a company that is nested without end': () => match({ matchId: 'm', more: nested(20_000) }),
  'data of a company that is nested too deep': () => match({ matchId: 'm', more: nested(64) }),
  'data of a company without what it must have': () => match({ more: 1 }),
};
