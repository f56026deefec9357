import { Alarm, ComparisonOperator, type IMetric, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { StringParameter } from 'aws-cdk-lib/aws-ssm';
import { Construct } from 'constructs';
import type { Names } from '../names.ts';

interface ServiceAlarmProps {
  readonly names: Names;
  readonly service: string;
  /** What is wrong, as the last part of the alarm's name: `dead-letters`. */
  readonly what: string;
  /** What breaks for whom; an alarm without it would wake someone without telling why. */
  readonly errorImpact: string;
  readonly metric: IMetric;
  /** The alarm fires above it. */
  readonly threshold: number;
  readonly evaluationPeriods?: number;
  /** ARN of the topic that it tells; the deployment's alarm topic when left out, which the stack that makes it cannot look up. */
  readonly alarmTopicArn?: string;
}

/** An alarm of a service, told to the deployment's alarm topic. */
export class ServiceAlarm extends Construct {
  constructor(scope: Construct, id: string, props: ServiceAlarmProps) {
    super(scope, id);
    const alarm = new Alarm(this, 'Alarm', {
      alarmName: props.names.resource(props.service, props.what),
      alarmDescription: props.errorImpact,
      metric: props.metric,
      threshold: props.threshold,
      evaluationPeriods: props.evaluationPeriods ?? 1,
      comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
      // A service without traffic reports nothing, and nothing is wrong then.
      treatMissingData: TreatMissingData.NOT_BREACHING,
    });
    const arn = props.alarmTopicArn ?? StringParameter.valueForStringParameter(this, props.names.parameters.alarmTopic);
    alarm.addAlarmAction(new SnsAction(Topic.fromTopicArn(this, 'Topic', arn)));
  }
}
