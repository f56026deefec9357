import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { metrics, metricsNamespace } from '../../lambdas/contracts/metrics.ts';
import { powertools } from '../../lambdas/runtime/telemetry.ts';

/** What CloudWatch makes of a line: metrics with their values, by their dimensions. */
interface Emf {
  readonly _aws: { readonly CloudWatchMetrics: readonly { Namespace: string; Dimensions: string[][]; Metrics: { Name: string; Unit: string }[] }[] };
  readonly [field: string]: unknown;
}

let written: string[];
beforeEach(() => {
  written = [];
  vi.spyOn(process.stdout, 'write').mockImplementation((chunk) => {
    written.push(String(chunk));
    return true;
  });
});
afterEach(() => {
  vi.restoreAllMocks();
});

const lines = (): Emf[] =>
  written
    .join('')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Emf);
/** What a line says without what CloudWatch needs around it. */
const fieldsOf = ({ _aws, ...fields }: Emf) => fields;
const directivesOf = ({ _aws }: Emf) => _aws.CloudWatchMetrics;
const dimensionsOf = (line: Emf) => directivesOf(line).flatMap(({ Dimensions }) => Dimensions.map((names) => names.toSorted()));

const origin = { env: 'dev', service: 'account-security' };

describe('metrics', () => {
  it('are nothing at all when nothing was counted', () => {
    const telemetry = powertools(origin);
    telemetry.count('Failed', 0);
    telemetry.flush();
    telemetry.flush();
    expect(written).toEqual([]);
  });

  it('are 0 where that is said on purpose, and nothing is lost by it', () => {
    const telemetry = powertools(origin);
    telemetry.zero('NotificationSent');
    telemetry.count('CodeSent', 2);
    telemetry.zero('CodeSent');
    telemetry.flush();
    expect(lines().map(fieldsOf)).toEqual([{ env: 'dev', service: 'account-security', NotificationSent: 0, CodeSent: 2 }]);
  });

  it('that are not told apart share a line, with deployment and service as their dimensions', () => {
    const telemetry = powertools(origin);
    telemetry.count('Received', 10);
    telemetry.count('Swallowed');
    telemetry.count('Swallowed', 2);
    telemetry.measure('EventAge', 1.5);
    telemetry.measure('EventAge', 0.5);
    telemetry.flush();
    const [line, ...more] = lines() as [Emf, ...Emf[]];
    expect(more).toEqual([]);
    expect(fieldsOf(line)).toEqual({ env: 'dev', service: 'account-security', Received: 10, Swallowed: 3, EventAge: [1.5, 0.5] });
    expect(dimensionsOf(line)).toEqual([['env', 'service']]);
    expect(directivesOf(line)[0]).toMatchObject({
      Namespace: metricsNamespace,
      Metrics: [
        { Name: 'Received', Unit: 'Count' },
        { Name: 'Swallowed', Unit: 'Count' },
        { Name: 'EventAge', Unit: metrics.EventAge.unit },
      ],
    });
  });

  it('that are told apart have a line for each value, and none of the others', () => {
    const telemetry = powertools(origin);
    telemetry.count('Received');
    telemetry.count('Verdicts', 1, 'login_abroad');
    telemetry.count('Verdicts', 1, 'new_country');
    telemetry.count('Verdicts', 1, 'login_abroad');
    telemetry.count('ActionsRequested', 1, 'email');
    telemetry.flush();
    expect(lines().map((line) => [fieldsOf(line), dimensionsOf(line)])).toEqual([
      [{ env: 'dev', service: 'account-security', Received: 1 }, [['env', 'service']]],
      [{ env: 'dev', service: 'account-security', trigger: 'login_abroad', Verdicts: 2 }, [['env', 'service', 'trigger']]],
      [{ env: 'dev', service: 'account-security', trigger: 'new_country', Verdicts: 1 }, [['env', 'service', 'trigger']]],
      [{ env: 'dev', service: 'account-security', response: 'email', ActionsRequested: 1 }, [['env', 'response', 'service']]],
    ]);
  });

  it('of a subscription share one line more, whatever they measure; a state of 0 is written, too', () => {
    const telemetry = powertools({ env: 'dev', service: 'http-bridge', subscription: 'game-server' });
    telemetry.count('Received', 2);
    telemetry.count('Delivered', 2);
    telemetry.measure('BreakerOpen', 0);
    telemetry.measure('HeldSeconds', 60);
    telemetry.flush();
    expect(lines().map(fieldsOf)).toEqual([
      { env: 'dev', service: 'http-bridge', Received: 2 },
      { env: 'dev', service: 'http-bridge', subscription: 'game-server', Delivered: 2, BreakerOpen: 0, HeldSeconds: 60 },
    ]);
  });

  it('begin anew with each invocation', () => {
    const telemetry = powertools(origin);
    for (const times of [1, 2]) {
      telemetry.count('Received', times);
      telemetry.flush();
    }
    expect(lines().map(({ Received }) => Received)).toEqual([1, 2]);
  });

  it('are as many as there are countries, however a geo database spells them', () => {
    const telemetry = powertools({ env: 'dev', service: 'login-logger' });
    for (const country of [null, 'US', 'USA', 'player', 'us', '8.8.8.8', '']) telemetry.count('LoginsByCountry', 1, country);
    telemetry.flush();
    expect(lines().map(({ country, LoginsByCountry }) => [country, LoginsByCountry])).toEqual([
      ['none', 6],
      ['US', 1],
    ]);
  });

  it('take no dimension that is not theirs: the compiler refuses it', () => {
    const telemetry = powertools(origin);
    // @ts-expect-error -- a verdict is told apart by its trigger
    telemetry.count('Verdicts');
    // @ts-expect-error -- and by nothing else
    telemetry.count('Verdicts', 1, 'email');
    // @ts-expect-error -- this one is not told apart
    telemetry.count('Received', 1, 'login_abroad');
    // @ts-expect-error -- only the function of a subscription knows which one
    telemetry.count('Delivered');
    // @ts-expect-error -- an age is measured, not counted
    telemetry.count('EventAge');
    // @ts-expect-error -- and events are counted
    telemetry.measure('Received', 1);
  });
});
