import { ArnFormat, Stack } from 'aws-cdk-lib';
import { Alarm, type IAlarm } from 'aws-cdk-lib/aws-cloudwatch';
import { CfnQueryDefinition } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import { alarmDefinitionOf, type AlarmKind } from '../alarms.ts';
import { ChainAlarm } from '../constructs/chain-alarm.ts';
import { ServiceAlarm } from '../constructs/service-alarm.ts';
import { Overview } from '../dashboards/overview.ts';
import type { Names } from '../names.ts';
import { savedQueries } from '../queries.ts';
import type { Service } from '../services.ts';
import type { Settings } from '../settings.ts';

interface OperationsStackProps {
  readonly names: Names;
  readonly settings: Settings;
  readonly services: readonly Service[];
  /** The stacks whose alarms and logs it collects. */
  readonly stacks: readonly Stack[];
}

/**
 * What tells of a stage that it stands still, lags, or puts aside what it gets. A handler that throws is no error of its function, and five
 * tries are over before its queue is old: when every record of a stage fails, only what was put aside tells.
 */
const stageKinds: ReadonlySet<AlarmKind> = new Set([
  'behind', 'lagging', 'dead-letters', 'failed', 'consumer-errors', 'consumer-throttles', 'api-errors', 'api-throttles', 'unconfirmed',
]);

/**
 * What operators look at across services: the overview, the alarm that the chain stands still, and the saved queries. It knows all others by name alone,
 * so that none of them changes with it; it itself changes with each of them.
 */
export class OperationsStack extends Stack {
  constructor(scope: Construct, id: string, { names, settings, services, stacks }: OperationsStackProps) {
    super(scope, id, { description: 'Loginward: the overview, the alarm that the chain stands still, and saved queries' });
    const alarms = stacks.flatMap((stack) => stack.node.findAll().filter((each) => each instanceof ServiceAlarm));
    const stageStacks = new Set(services.filter(({ stage }) => stage).map(({ name }) => names.resource(name)));
    const stages = alarms.filter((alarm) => stageKinds.has(alarm.kind) && stageStacks.has(Stack.of(alarm).stackName)).map(({ alarmName }) => alarmName);
    const canary = alarms.find(({ kind }) => kind === 'missing')?.alarmName;
    const chain = canary === undefined || stages.length === 0 ? [] : [new ChainAlarm(this, 'ChainStandsStill', { names, settings, canary, stages }).alarm];
    const isCritical = ({ kind }: ServiceAlarm) => alarmDefinitionOf(kind).severity === 'critical';
    new Overview(this, 'Overview', {
      names,
      settings,
      services,
      critical: [...chain, ...alarms.filter(isCritical).map((alarm) => this.#byName(alarm))],
      others: alarms.filter((alarm) => !isCritical(alarm)).map((alarm) => this.#byName(alarm)),
    });
    for (const { name, queryString, logGroupNames } of savedQueries(names, stacks)) new CfnQueryDefinition(this, `Query-${name}`, { name, queryString, logGroupNames });
  }

  /** An alarm of another stack, without a reference to it. */
  #byName({ alarmName }: ServiceAlarm): IAlarm {
    const arn = this.formatArn({ service: 'cloudwatch', resource: 'alarm', resourceName: alarmName, arnFormat: ArnFormat.COLON_RESOURCE_NAME });
    return Alarm.fromAlarmArn(this, `Of-${alarmName}`, arn);
  }
}
