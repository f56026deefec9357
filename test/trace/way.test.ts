import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Line, linesOf } from '../../bin/trace/lines.ts';
import { localLogs } from '../../bin/trace/local-logs.ts';
import { told, wayOf } from '../../bin/trace/way.ts';
import { eventType, type EventName } from '../../lambdas/contracts/names.ts';

const loginId = '01a1fd04-3dd9-7656-8240-37297dbc23b8';
const traceId = '0af7651916cd43dd8448eb211c80319c';
const start = Date.parse('2026-11-21T09:00:00.000Z');
const at = (seconds: number) => new Date(start + seconds * 1000).toISOString();
const stage = (seconds: number, service: string, event: EventName, outcome: Line['outcome'], ...emitted: EventName[]): Line => ({
  message: 'Event',
  timestamp: at(seconds),
  service,
  eventType: eventType(event),
  loginId,
  traceId,
  outcome,
  emitted: emitted.map(eventType),
  ageSeconds: seconds,
});
const accepted: Line = { message: 'Login accepted', timestamp: at(0), service: 'publisher', eventType: eventType('login.submitted'), loginId, traceId };
const way = [
  accepted,
  stage(1, 'ip-checker', 'login.submitted', 'emitted', 'login.located'),
  stage(1.1, 'password-campaign', 'login.submitted', 'swallowed'),
  stage(2, 'login-logger', 'login.located', 'emitted', 'login.recorded'),
  stage(2.2, 'account-security', 'login.recorded', 'emitted', 'verdict.decided', 'action.requested'),
  stage(3.2, 'login-logger', 'verdict.decided', 'swallowed'),
];
const now = new Date(start + 60_000);

describe('npm run trace', () => {
  it('tells the stages in the order of time, each with the time since what led to it, and actions at the end', () => {
    const notice = stage(2.5, 'notifier', 'action.requested', 'emitted', 'action.completed');
    const done = [stage(2.6, 'account-security', 'action.completed', 'swallowed'), stage(3.2, 'login-logger', 'action.completed', 'swallowed')];
    const lines = told(wayOf([notice, ...done, ...way.toReversed()], now));
    expect(lines.slice(2).map((line) => line.split(/ {2,}/).slice(0, 4))).toEqual([
      ['09:00:00.000', 'publisher', 'login.submitted', 'accepted'],
      ['09:00:01.000', '1.0 s', '+1.0 s', 'ip-checker'],
      ['09:00:01.100', '1.1 s', '+1.1 s', 'password-campaign'],
      ['09:00:02.000', '2.0 s', '+1.0 s', 'login-logger'],
      ['09:00:02.200', '2.2 s', '+0.2 s', 'account-security'],
      ['09:00:03.200', '3.2 s', '+1.0 s', 'login-logger'],
      ['actions'],
      ['09:00:02.500', '2.5 s', '+0.3 s', 'notifier'],
      ['09:00:02.600', '2.6 s', '+0.1 s', 'account-security'],
      ['09:00:03.200', '3.2 s', '+0.7 s', 'login-logger'],
    ]);
  });

  it('says what is missing: what is on the bus and was seen nowhere, and what failed and did not come back', () => {
    expect(wayOf(way, now).missing).toEqual(['nothing from notifier, account-standing or an endpoint yet: action.requested is on the bus since 58 s ago, from account-security']);
    expect(wayOf(way.slice(0, 2), now).missing).toEqual([
      'nothing from password-campaign yet: login.submitted is on the bus since 60 s ago, from publisher',
      'nothing from login-logger yet: login.located is on the bus since 59 s ago, from ip-checker',
    ]);
    const failed = stage(2, 'login-logger', 'login.located', 'failed');
    const once = [...way.slice(0, 3), failed];
    expect(wayOf(once, now).missing).toEqual(['login-logger failed with login.located, and has not done it since']);
    expect(wayOf([...once, stage(5, 'login-logger', 'login.located', 'swallowed')], now).missing).toEqual([]);
  });

  it('says why the first stages are missing of a login that turned out notable', () => {
    expect(told(wayOf(way.slice(3), now)).at(-1)).toContain('traceSampling');
    expect(told(wayOf(way, now)).join()).not.toContain('traceSampling');
  });

  it('finds events of the trace that name no login, in both files of a log, and no other login of the same request', async () => {
    const data = await mkdtemp(join(tmpdir(), 'loginward-trace-'));
    const logs = join(data, 'logs');
    await mkdir(logs);
    const { loginId: _, ...completed } = stage(3, 'login-logger', 'action.completed', 'swallowed');
    const neighbour = { ...accepted, loginId: '01a1fd04-3dd9-7656-8240-37297dbc23b9' };
    const old = { ...accepted, timestamp: at(-7200) };
    const write = (file: string, lines: readonly object[]) => writeFile(join(logs, file), ['START', ...lines.map((line) => JSON.stringify(line)), '{"message":"Event"', ''].join('\n'));
    await write('publisher.log.1', [old, accepted, neighbour]);
    await write('login-logger.log', [{ message: 'The breaker could not be opened', loginId }, completed]);
    expect(await linesOf(loginId, localLogs(data, new Date(start - 3_600_000)))).toEqual([accepted, completed]);
    expect(() => localLogs(join(data, 'elsewhere'), now)).toThrow('There are no logs');
    await rm(data, { recursive: true });
  });
});
