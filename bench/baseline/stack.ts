import { join } from 'node:path';
import { Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { HttpApi, HttpMethod } from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpIamAuthorizer } from 'aws-cdk-lib/aws-apigatewayv2-authorizers';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import { AttributeType, BillingMode, Table } from 'aws-cdk-lib/aws-dynamodb';
import { ManagedPolicy, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Architecture, Runtime } from 'aws-cdk-lib/aws-lambda';
import { SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
import { type ICommandHooks, NodejsFunction } from 'aws-cdk-lib/aws-lambda-nodejs';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { SqsSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';

const geoDatabaseFile = 'geo.mmdb';

/**
 * The chain as one would write it first: a login a request, a message a call, `NodejsFunction` as it comes, an idempotency table where doing it twice would show. What makes it
 * cheaper than it might be is in: raw delivery, on-demand tables, arm64, no idempotency where doing it twice does no harm.
 */
export class BaselineStack extends Stack {
  constructor(scope: Construct, id: string, { geoDatabase }: { readonly geoDatabase: string }) {
    super(scope, id);
    const submitted = this.#topic('login-submitted');
    const located = this.#topic('login-located');
    const recorded = this.#topic('login-recorded');
    const prompts = this.#topic('password-prompts');
    const history = this.#table('login-history', 'accountId', 'entry');
    const settings = this.#table('security-settings', 'accountId');
    const campaigns = this.#table('campaigns', 'id');
    const idempotency = this.#table('idempotency', 'id');

    const publisher = this.#function('publisher', { TOPIC_ARN: submitted.topicArn });
    submitted.grantPublish(publisher);
    this.#route(publisher);

    const beside: ICommandHooks = {
      beforeBundling: () => [],
      beforeInstall: () => [],
      afterBundling: (_, outputDir) => [`cp "${geoDatabase}" "${join(outputDir, geoDatabaseFile)}"`],
    };
    const ipChecker = this.#function('ip-checker', { TOPIC_ARN: located.topicArn, GEO_DATABASE: geoDatabaseFile }, beside);
    located.grantPublish(ipChecker);
    this.#feed(ipChecker, 'ip-checker', submitted);

    const loginLogger = this.#function('login-logger', {
      TOPIC_ARN: recorded.topicArn,
      HISTORY_TABLE: history.tableName,
      SETTINGS_TABLE: settings.tableName,
      IDEMPOTENCY_TABLE: idempotency.tableName,
    });
    recorded.grantPublish(loginLogger);
    history.grantWriteData(loginLogger);
    settings.grantReadData(loginLogger);
    idempotency.grantReadWriteData(loginLogger);
    this.#feed(loginLogger, 'login-logger', located);

    const campaign = this.#function('password-campaign', { TOPIC_ARN: prompts.topicArn, CAMPAIGN_TABLE: campaigns.tableName, IDEMPOTENCY_TABLE: idempotency.tableName });
    prompts.grantPublish(campaign);
    campaigns.grantReadData(campaign);
    idempotency.grantReadWriteData(campaign);
    this.#feed(campaign, 'password-campaign', submitted);
  }

  #topic(name: string): Topic {
    return new Topic(this, `Topic-${name}`, { topicName: `baseline-${name}` });
  }

  #table(name: string, partitionKey: string, sortKey?: string): Table {
    return new Table(this, `Table-${name}`, {
      tableName: `baseline-${name}`,
      partitionKey: { name: partitionKey, type: AttributeType.STRING },
      ...(sortKey !== undefined && { sortKey: { name: sortKey, type: AttributeType.STRING } }),
      billingMode: BillingMode.PAY_PER_REQUEST,
      timeToLiveAttribute: name === 'idempotency' ? 'expiration' : 'expiresAt',
      removalPolicy: RemovalPolicy.DESTROY,
    });
  }

  #function(name: string, environment: Record<string, string>, commandHooks?: ICommandHooks): NodejsFunction {
    return new NodejsFunction(this, `Function-${name}`, {
      functionName: `baseline-${name}`,
      entry: join(import.meta.dirname, 'functions', `${name}.ts`),
      depsLockFilePath: join(import.meta.dirname, '..', '..', 'package-lock.json'),
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      memorySize: 512,
      timeout: Duration.seconds(10),
      environment,
      ...(commandHooks && { bundling: { commandHooks } }),
    });
  }

  /** A queue of its own for a function, one message a call. */
  #feed(consumer: NodejsFunction, name: string, topic: Topic): void {
    const deadLetterQueue = new Queue(this, `DeadLetters-${name}`, { queueName: `baseline-${name}-dlq` });
    const queue = new Queue(this, `Queue-${name}`, { queueName: `baseline-${name}`, visibilityTimeout: Duration.seconds(60), deadLetterQueue: { queue: deadLetterQueue, maxReceiveCount: 5 } });
    topic.addSubscription(new SqsSubscription(queue, { rawMessageDelivery: true }));
    consumer.addEventSource(new SqsEventSource(queue, { batchSize: 1 }));
  }

  #route(publisher: NodejsFunction): void {
    const api = new HttpApi(this, 'Api', { apiName: 'baseline' });
    api.addRoutes({ path: '/v1/logins', methods: [HttpMethod.POST], integration: new HttpLambdaIntegration('Publisher', publisher), authorizer: new HttpIamAuthorizer() });
    new ManagedPolicy(this, 'Callers', {
      managedPolicyName: 'baseline-callers',
      statements: [new PolicyStatement({ actions: ['execute-api:Invoke'], resources: [api.arnForExecuteApi('POST', '/v1/logins', '$default')] })],
    });
  }
}
