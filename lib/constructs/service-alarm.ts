import { Alarm, type IMetric } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { StringParameter } from 'aws-cdk-lib/aws-ssm';
import { Construct } from 'constructs';
import { alarmDefinitionOf, alarmDescription, type AlarmKind, evaluationOf } from '../alarms.ts';
import { dashboardOf } from '../dashboards/names.ts';
import type { Names } from '../names.ts';
import type { Settings } from '../settings.ts';

interface ServiceAlarmProps {
  readonly names: Names;
  readonly settings: Settings;
  readonly service: string;
  /** Of the http-bridge: the subscription. */
  readonly subscription?: string;
  /** Severity, heading of the runbook and evaluation, out of the one table. */
  readonly kind: AlarmKind;
  /** What tells alarms of this kind and service apart: a topic, a broker. */
  readonly of?: string;
  /** What breaks for whom, unless the kind says it; an alarm without it would wake someone without telling why. */
  readonly errorImpact?: string;
  readonly metric: IMetric;
  /** Of a kind without one of its own. */
  readonly threshold?: number;
  /** ARN of the topic that it tells; the deployment's alarm topic when left out, which the stack that makes it cannot look up. */
  readonly alarmTopicArn?: string;
}

/** An alarm of a service, told to the deployment's alarm topic. */
export class ServiceAlarm extends Construct {
  readonly alarmName: string;
  readonly alarm: Alarm;
  readonly kind: AlarmKind;

  constructor(scope: Construct, props: ServiceAlarmProps) {
    const { names, settings, service, subscription, kind, of, metric, threshold } = props;
    const what = of === undefined ? kind : `${kind}-${of}`;
    super(scope, `Alarm-${what}`);
    this.kind = kind;
    this.alarmName = names.resource(subscription === undefined ? service : `${service}-${subscription}`, what);
    const errorImpact = alarmDefinitionOf(kind).errorImpact ?? props.errorImpact;
    if (errorImpact === undefined) throw new Error(`${this.alarmName} does not say what breaks for whom.`);
    this.alarm = new Alarm(this, 'Alarm', {
      alarmName: this.alarmName,
      alarmDescription: alarmDescription(kind, errorImpact, dashboardOf(names, settings, service), settings),
      metric,
      ...evaluationOf(kind, threshold),
    });
    const arn = props.alarmTopicArn ?? StringParameter.valueForStringParameter(this, names.parameters.alarmTopic);
    this.alarm.addAlarmAction(new SnsAction(Topic.fromTopicArn(this, 'Topic', arn)));
  }
}
