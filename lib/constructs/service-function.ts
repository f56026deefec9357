import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { Effect, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Architecture, Code, Function, LoggingFormat, RecursiveLoop, Runtime, Tracing } from 'aws-cdk-lib/aws-lambda';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';

interface ServiceFunctionProps {
  /** Name of the function: deployment, service and part. */
  readonly name: string;
  readonly service: string;
  readonly description: string;
  /** Folder of the bundle. */
  readonly codePath: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly memoryMiB: number;
  readonly timeoutSeconds: number;
  readonly logRetentionDays: number;
  readonly statements: readonly PolicyStatement[];
  /** How many may run at once; left out, as many as the account allows. */
  readonly reservedConcurrency?: number;
  /** Whether it sends to the queue that it is fed from, on purpose and with an end. */
  readonly sendsToItself?: boolean;
}

/** A Lambda function with a role of its own that allows what is listed and no more. */
export class ServiceFunction extends Construct {
  readonly function: Function;

  constructor(scope: Construct, id: string, props: ServiceFunctionProps) {
    super(scope, id);
    // Made here, not by the first invocation: otherwise it would keep logs for ever and outlive the stack.
    const logGroup = new LogGroup(this, 'Logs', {
      logGroupName: `/aws/lambda/${props.name}`,
      retention: props.logRetentionDays,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const role = new Role(this, 'Role', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
    for (const statement of props.statements) role.addToPolicy(statement);
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
        POWERTOOLS_SERVICE_NAME: props.service,
        POWERTOOLS_METRICS_NAMESPACE: 'Loginward',
        POWERTOOLS_LOG_LEVEL: 'INFO',
      },
      tracing: Tracing.ACTIVE,
      loggingFormat: LoggingFormat.JSON,
      logGroup,
    });
  }
}

/** An allowing statement, for the lists of what functions may do. */
export const allow = (actions: string[], resources: string[]): PolicyStatement =>
  new PolicyStatement({ effect: Effect.ALLOW, actions, resources });
