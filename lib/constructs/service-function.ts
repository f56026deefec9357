import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { Effect, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Architecture, type CfnFunction, Code, Function, LoggingFormat, RecursiveLoop, Runtime, SystemLogLevel, Tracing } from 'aws-cdk-lib/aws-lambda';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { variables } from '../../lambdas/contracts/names.ts';
import type { Names } from '../names.ts';
import type { Settings } from '../settings.ts';

interface ServiceFunctionProps {
  /** Name of the function: deployment, service and part. */
  readonly name: string;
  readonly names: Pick<Names, 'env'>;
  readonly service: string;
  readonly description: string;
  /** Folder of the bundle. */
  readonly codePath: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly memoryMiB: number;
  readonly timeoutSeconds: number;
  /** How long logs are kept; whether Lambda logs the end of each invocation, too, or of failed ones alone. */
  readonly settings: Pick<Settings, 'logRetentionDays' | 'lambdaReports'>;
  readonly statements: readonly PolicyStatement[];
  /** How many may run at once; left out, as many as the account allows. */
  readonly reservedConcurrency?: number;
  /** Whether it sends to the queue that it is fed from, on purpose and with an end. */
  readonly sendsToItself?: boolean;
  /** The VPC that it lies in; left out, none. */
  readonly network?: Network | undefined;
}

/** Where in a VPC a function lies. */
export interface Network {
  readonly subnetIds: string[];
  readonly securityGroupIds: string[];
}

/** A Lambda function with a role of its own that allows what is listed and no more. */
export class ServiceFunction extends Construct {
  readonly function: Function;

  constructor(scope: Construct, id: string, props: ServiceFunctionProps) {
    super(scope, id);
    // Made here, not by the first invocation: otherwise it would keep logs for ever and outlive the stack.
    const logGroup = new LogGroup(this, 'Logs', {
      logGroupName: `/aws/lambda/${props.name}`,
      retention: props.settings.logRetentionDays,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const role = new Role(this, 'Role', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
    for (const statement of [...props.statements, ...(props.network ? [networkInterfaces(['ec2:AssignPrivateIpAddresses', 'ec2:UnassignPrivateIpAddresses'])] : [])]) {
      role.addToPolicy(statement);
    }
    role.addToPolicy(
      new PolicyStatement({
        actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
        resources: [logGroup.logGroupArn],
      }),
    );
    this.function = new Function(this, 'Function', {
      functionName: props.name,
      description: props.description,
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      handler: 'index.handler',
      code: Code.fromAsset(props.codePath),
      role,
      memorySize: props.memoryMiB,
      timeout: Duration.seconds(props.timeoutSeconds),
      reservedConcurrentExecutions: props.reservedConcurrency,
      // By default Lambda dead-letters what went through the same queue and function 16 times, whatever for.
      ...(props.sendsToItself && { recursiveLoop: RecursiveLoop.ALLOW }),
      environment: {
        ...props.environment,
        [variables.env]: props.names.env,
        POWERTOOLS_SERVICE_NAME: props.service,
        POWERTOOLS_LOG_LEVEL: 'INFO',
      },
      tracing: Tracing.ACTIVE,
      loggingFormat: LoggingFormat.JSON,
      // By default two lines of each invocation: more bytes than all that the function itself has to say.
      systemLogLevelV2: props.settings.lambdaReports ? SystemLogLevel.INFO : SystemLogLevel.WARN,
      logGroup,
    });
    // Its ids are parameters, of which CDK makes no `Vpc`.
    if (props.network) (this.function.node.defaultChild as CfnFunction).vpcConfig = props.network;
  }
}

/**
 * What AWS Lambda does by a function's role to reach into a VPC. The function itself may not: with its own credentials the key of the condition is there.
 *
 * @param more beside what a function and an event source mapping both need
 */
export const networkInterfaces = (more: string[]): PolicyStatement =>
  new PolicyStatement({
    actions: ['ec2:CreateNetworkInterface', 'ec2:DescribeNetworkInterfaces', 'ec2:DeleteNetworkInterface', 'ec2:DescribeSubnets', ...more],
    resources: ['*'],
    conditions: { Null: { 'lambda:SourceFunctionArn': 'true' } },
  });

/** An allowing statement, for the lists of what functions may do. */
export const allow = (actions: string[], resources: string[]): PolicyStatement =>
  new PolicyStatement({ effect: Effect.ALLOW, actions, resources });
