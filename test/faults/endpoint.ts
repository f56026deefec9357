import type { ServerResponse } from 'node:http';
import { startEndpoint } from '../support/endpoints.ts';

/** What an endpoint may do in place of answering well. */
export const endpointFaults = ['429', '503', '500', '401', '404', 'reset before', 'reset after', 'never answers', 'takes it and never answers', 'cut off', 'no event'] as const;
export type EndpointFault = (typeof endpointFaults)[number];

/** An event that the endpoint took. */
export interface Taken {
  readonly id: string;
  readonly subject: string;
  readonly type: string;
  readonly data: Readonly<Record<string, unknown>>;
}

interface Armed {
  readonly fault: EndpointFault;
  /** What the account begins with, and the type of event. */
  readonly mark: string;
  readonly type: string;
  fired: number;
}

/** An endpoint that carries out what it is asked for, replies, and has what trouble a test makes. */
export async function startGame() {
  const taken: Taken[] = [];
  const armed: Armed[] = [];
  /** What the accounts begin with for which it is down. */
  const down = new Set<string>();
  const endpoint = await startEndpoint(({ body }, response) => {
    const event = JSON.parse(body) as Taken;
    if ([...down].some((prefix) => event.subject.startsWith(prefix))) return response.writeHead(503, { 'retry-after': '4' }).end();
    const found = armed.find(({ mark, type, fired }) => fired === 0 && event.type === type && event.subject.startsWith(mark));
    if (found) {
      found.fired += 1;
      if (tookIt(found.fault)) taken.push(event);
      return misbehave(found.fault, response);
    }
    // An event that no endpoint can use.
    if (event.data['matchId'] === 'unknown') return response.writeHead(422).end('no such match');
    taken.push(event);
    const { actionId } = event.data;
    if (actionId === undefined) return response.writeHead(204).end();
    const reply = { specversion: '1.0', type: 'loginward.action.completed.v1', data: { actionId, outcome: 'done' } };
    return response.writeHead(200, { 'content-type': 'application/cloudevents+json' }).end(JSON.stringify(reply));
  });
  return { ...endpoint, taken, down, arm: (fault: EndpointFault, on: Pick<Armed, 'mark' | 'type'>): Armed => armed[armed.push({ fault, ...on, fired: 0 }) - 1] as Armed };
}

export type Game = Awaited<ReturnType<typeof startGame>>;

const tookIt = (fault: EndpointFault): boolean => ['reset after', 'takes it and never answers', 'cut off', 'no event'].includes(fault);

function misbehave(fault: EndpointFault, response: ServerResponse): unknown {
  switch (fault) {
    case 'never answers':
    case 'takes it and never answers':
      return undefined;
    case 'reset before':
    case 'reset after':
      return response.socket?.destroy();
    case 'cut off':
      response.writeHead(200, { 'content-type': 'application/cloudevents+json', 'content-length': '500' }).write('{"specversion":');
      return setTimeout(() => response.destroy(), 20);
    case 'no event':
      return response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
    default:
      return response.writeHead(Number(fault)).end('a test');
  }
}
