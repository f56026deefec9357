import { execFile } from 'node:child_process';
import { cp, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Metafile } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { variables } from '../../lambdas/contracts/names.ts';
import { callers } from '../../lib/callers.ts';
import { type Service, services } from '../../lib/services.ts';
import { deployedOf } from '../../scripts/supply/licences.ts';
import { type LockFile, packagesIn } from '../../scripts/supply/packages.ts';
import { audit, type CatalogFolders, catalogFolders, gameServer, matchEnded } from '../support/catalog.ts';
import { idOf, type Resource, statementsOf, synthesize, type Templates, text } from '../support/templates.ts';

let catalog: CatalogFolders;
let context: Record<string, unknown>;
let dev: Templates;
let prod: Templates;
const subscribed = [gameServer.name, audit.name];
beforeAll(async () => {
  catalog = await catalogFolders({ 'game-server': gameServer, audit }, { 'match-ended': matchEnded });
  context = { subscriptions: catalog.subscriptions, eventTypes: catalog.eventTypes };
  dev = await synthesize(context);
  prod = await synthesize({ ...context, env: 'prod' });
});
afterAll(async () => {
  await dev.remove();
  await prod.remove();
  await catalog.remove();
});

const inStack = (templates: Templates, { stack }: Resource, id: string): Resource | undefined =>
  templates.resources.find((resource) => resource.stack === stack && resource.id === id);
describe('independence: any service deploys, or is absent, without touching another', () => {
  it('has no Fn::ImportValue and no export in any template', () => {
    for (const [name, template] of dev.byStack) {
      expect(text(template), name).not.toMatch(/ImportValue|"Export"/);
    }
  });

  it('gives each service a stack of its own, beside the shared ones', () => {
    const names = ['bus', 'api', 'operations', ...services.map(({ name }) => name)].map((name) => `loginward-dev-${name}`);
    expect([...dev.byStack.keys()].toSorted()).toEqual(names.toSorted());
  });

  it('lets each stack deploy alone once its parameters exist: it refers to its own resources and to SSM parameters only', () => {
    const written = new Set(dev.of('AWS::SSM::Parameter').map(({ properties }) => properties.Name));
    for (const [name, template] of dev.byStack) {
      const { Parameters = {}, Resources } = template as { Parameters?: Record<string, { Type: string; Default: string }>; Resources: object };
      const known = new Set([...Object.keys(Resources), ...Object.keys(Parameters)]);
      const references = [...text(template).matchAll(/\{"Ref":"([^"]+)"\}|\{"Fn::GetAtt":\["([^"]+)"/g)].map(([, ref, att]) => ref ?? att ?? '');
      expect(references.filter((reference) => !reference.startsWith('AWS::') && !known.has(reference)), name).toEqual([]);
      for (const { Type, Default } of Object.values(Parameters)) {
        if (Default.startsWith('/cdk-bootstrap/')) continue;
        expect(Type).toBe('AWS::SSM::Parameter::Value<String>');
        expect(written, `${name} reads ${Default}`).toContain(Default);
      }
    }
  });

  it('names no table in the policies of two stacks', () => {
    const stacksOf = new Map<string, Set<string>>();
    for (const { stack, properties } of dev.of('AWS::DynamoDB::Table')) stacksOf.set(properties.TableName, new Set([stack]));
    for (const policy of [...dev.of('AWS::IAM::Policy'), ...dev.of('AWS::IAM::ManagedPolicy')]) {
      for (const { actions, resources } of statementsOf(policy)) {
        if (!actions.some((action) => action.startsWith('dynamodb:'))) continue;
        for (const resource of resources as { 'Fn::GetAtt'?: [string, string] }[]) {
          const table = inStack(dev, policy, idOf(resource));
          expect(table?.type, `${policy.stack} ${text(resource)}`).toBe('AWS::DynamoDB::Table');
          stacksOf.get(table?.properties.TableName)?.add(policy.stack);
        }
      }
      for (const name of stacksOf.keys()) {
        if (text(policy.properties).includes(name)) stacksOf.get(name)?.add(policy.stack);
      }
    }
    expect(stacksOf.size).toBeGreaterThan(0);
    for (const [table, stacks] of stacksOf) expect([...stacks], table).toHaveLength(1);
  });

  it('leaves every other stack as it is when a service is added or taken away', async () => {
    const extra: Service = { ...(services.find(({ name }) => name === 'ip-checker') as Service), tables: [] };
    const fewer = await synthesize(context, [...services.filter(({ name }) => name !== 'ip-checker' && name !== 'notifier'), extra]);
    // It collects what there is, and refers to none of it.
    for (const [name, template] of fewer.byStack) if (name !== 'loginward-dev-operations') expect(text(template), name).toBe(text(dev.byStack.get(name)));
    expect(fewer.byStack.has('loginward-dev-notifier')).toBe(false);
    await fewer.remove();
  });
});

describe('what is usually forgotten', () => {
  it('hides a record at least six times as long as its function may take', () => {
    for (const mapping of dev.of('AWS::Lambda::EventSourceMapping')) {
      const queue = inStack(dev, mapping, idOf(mapping.properties.EventSourceArn));
      const target = inStack(dev, mapping, mapping.properties.FunctionName.Ref);
      expect(queue?.properties.VisibilityTimeout).toBeGreaterThanOrEqual(6 * target?.properties.Timeout);
    }
    expect(dev.of('AWS::Lambda::EventSourceMapping')).toHaveLength(services.filter(({ consumer }) => consumer).length + subscribed.length);
  });

  it('reports failed records one by one', () => {
    for (const { properties } of dev.of('AWS::Lambda::EventSourceMapping')) {
      expect(properties.FunctionResponseTypes).toEqual(['ReportBatchItemFailures']);
      expect(properties.ScalingConfig.MaximumConcurrency).toBeGreaterThanOrEqual(2);
    }
  });

  it('gives every queue that is consumed a dead-letter queue of 14 days, which keeps longer than the queue', () => {
    for (const mapping of dev.of('AWS::Lambda::EventSourceMapping')) {
      const queue = inStack(dev, mapping, idOf(mapping.properties.EventSourceArn)) as Resource;
      // What waits for an endpoint burns no tries.
      expect(queue.properties.RedrivePolicy.maxReceiveCount).toBe(queue.stack.endsWith('-http-bridge') ? 1000 : 5);
      const dead = inStack(dev, queue, idOf(queue.properties.RedrivePolicy.deadLetterTargetArn));
      expect(dead?.properties.MessageRetentionPeriod).toBe(14 * 86_400);
      expect(dead?.properties.RedriveAllowPolicy.redrivePermission).toBe('byQueue');
      if (!queue.stack.endsWith('-http-bridge')) expect(queue.properties.MessageRetentionPeriod).toBeLessThan(14 * 86_400);
    }
  });

  it('delivers raw, and keeps what cannot be delivered for 14 days', () => {
    for (const subscription of dev.of('AWS::SNS::Subscription')) {
      expect(subscription.properties).toMatchObject({ Protocol: 'sqs', RawMessageDelivery: true });
      const dead = inStack(dev, subscription, idOf(subscription.properties.RedrivePolicy.deadLetterTargetArn));
      expect(dead?.properties.MessageRetentionPeriod).toBe(14 * 86_400);
    }
  });

  it('lets SNS send to each subscribed queue and its dead-letter queue, from the subscribed topics only', () => {
    for (const subscription of dev.of('AWS::SNS::Subscription')) {
      const { Endpoint, RedrivePolicy, TopicArn } = subscription.properties;
      for (const queueId of [idOf(Endpoint), idOf(RedrivePolicy.deadLetterTargetArn)]) {
        const policies = dev.of('AWS::SQS::QueuePolicy').filter(({ stack, properties }) => stack === subscription.stack && text(properties.Queues).includes(queueId));
        const allowing = policies.flatMap(statementsOf).filter(({ Effect, Principal }) => Effect === 'Allow' && Principal?.Service === 'sns.amazonaws.com');
        expect(allowing).toHaveLength(1);
        expect(text(allowing[0]?.Condition?.ArnEquals?.['aws:SourceArn'])).toContain(text(TopicArn));
      }
    }
  });

  it('encrypts queues, topics and tables at rest, and refuses what does not come by TLS', () => {
    for (const queue of dev.of('AWS::SQS::Queue')) {
      expect(queue.properties.SqsManagedSseEnabled).toBe(true);
      const policies = dev.of('AWS::SQS::QueuePolicy').filter(({ stack, properties }) => stack === queue.stack && text(properties.Queues).includes(`"${queue.id}"`));
      expect(text(policies.map(({ properties }) => properties))).toContain('"aws:SecureTransport":"false"');
    }
    for (const topic of dev.of('AWS::SNS::Topic')) {
      expect(topic.properties.KmsMasterKeyId).toBeDefined();
      const policies = dev.of('AWS::SNS::TopicPolicy').filter(({ stack, properties }) => stack === topic.stack && text(properties.Topics).includes(`"${topic.id}"`));
      expect(text(policies.map(({ properties }) => properties))).toContain('"aws:SecureTransport":"false"');
    }
  });

  it('keeps tables restorable, lets old items go, and bills by request', () => {
    const names = services.flatMap(({ tables }) => tables.map(({ name }) => `loginward-dev-${name}`));
    expect(dev.of('AWS::DynamoDB::Table').map(({ properties }) => String(properties.TableName)).toSorted()).toEqual(names.toSorted());
    for (const { properties } of dev.of('AWS::DynamoDB::Table')) {
      const row = services.flatMap(({ tables }) => tables).find(({ name }) => properties.TableName.endsWith(`-${name}`));
      expect(properties.PointInTimeRecoverySpecification.PointInTimeRecoveryEnabled).toBe(true);
      expect(properties.BillingMode).toBe('PAY_PER_REQUEST');
      expect(properties.TimeToLiveSpecification).toEqual(row?.timeToLive && { AttributeName: 'expiresAt', Enabled: true });
    }
  });

  it('protects the tables of prod from deletion, and no others', () => {
    for (const { properties, deletionPolicy } of prod.of('AWS::DynamoDB::Table')) {
      expect({ protected: properties.DeletionProtectionEnabled, deletionPolicy }).toEqual({ protected: true, deletionPolicy: 'Retain' });
    }
    for (const { properties, deletionPolicy } of dev.of('AWS::DynamoDB::Table')) {
      expect({ protected: properties.DeletionProtectionEnabled, deletionPolicy }).toEqual({ protected: false, deletionPolicy: 'Delete' });
    }
  });

  it('runs every function on arm64 and nodejs24.x, with a log group of its own that forgets', () => {
    for (const target of dev.of('AWS::Lambda::Function')) {
      expect(target.properties).toMatchObject({ Architectures: ['arm64'], Runtime: 'nodejs24.x', Handler: 'index.handler' });
      const group = inStack(dev, target, target.properties.LoggingConfig.LogGroup.Ref);
      expect(group?.properties.RetentionInDays).toBe(30);
    }
    for (const { properties } of dev.of('AWS::Logs::LogGroup')) expect(properties.RetentionInDays).toBeLessThanOrEqual(30);
  });

  it('throttles the API and logs its access, without addresses, paths or tokens', () => {
    const [stage] = dev.of('AWS::ApiGatewayV2::Stage');
    expect(stage?.properties.DefaultRouteSettings).toMatchObject({ ThrottlingRateLimit: 1000, ThrottlingBurstLimit: 2000 });
    const format = stage?.properties.AccessLogSettings.Format;
    expect(format).toContain('$context.status');
    expect(format).not.toMatch(/sourceIp|\$context\.path|authorizer\.claims|identity\.user/i);
  });
});

describe('least privilege', () => {
  const broad = (action: string) => action === '*' || action.endsWith(':*');

  it('allows no action by wildcard, and no resource by wildcard but where AWS knows no other', () => {
    for (const policy of [...dev.of('AWS::IAM::Policy'), ...dev.of('AWS::IAM::ManagedPolicy')]) {
      for (const { Effect, actions, resources, NotResource } of statementsOf(policy)) {
        expect(Effect).toBe('Allow');
        expect(actions.filter(broad), policy.stack).toEqual([]);
        if (resources.includes('*')) expect(actions.every((action) => action.startsWith('xray:')), text(actions)).toBe(true);
        // An SMS has no ARN: what is no topic is a telephone number.
        const topics = { 'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, ':sns:*:*:*']] };
        if (NotResource !== undefined) expect({ actions, NotResource }).toEqual({ actions: ['sns:Publish'], NotResource: topics });
      }
    }
  });

  it('attaches each policy to one role, and each role to one function', () => {
    for (const policy of dev.of('AWS::IAM::Policy')) expect(policy.properties.Roles).toHaveLength(1);
    const roles = dev.of('AWS::Lambda::Function').map(({ stack, properties }) => `${stack} ${idOf(properties.Role)}`);
    expect(new Set(roles).size).toBe(roles.length);
    expect(dev.of('AWS::IAM::Role')).toHaveLength(roles.length);
  });

  it('gives a function the environment variables of names.ts, and no secret', () => {
    const fixed: string[] = Object.values(variables).filter((name) => typeof name === 'string');
    for (const { properties } of dev.of('AWS::Lambda::Function')) {
      for (const name of Object.keys(properties.Environment.Variables)) {
        expect(fixed.includes(name) || /^(TOPIC_|TABLE_|POWERTOOLS_)/.test(name), name).toBe(true);
      }
    }
  });

  it('lets API Gateway invoke a function for its own routes only', () => {
    const routes = dev.of('AWS::ApiGatewayV2::Route');
    const permissions = dev.of('AWS::Lambda::Permission').filter(({ properties }) => properties.Principal !== 'events.amazonaws.com');
    expect(permissions).toHaveLength(routes.length);
    for (const { properties } of permissions) {
      expect(properties.Principal).toBe('apigateway.amazonaws.com');
      expect(text(properties.SourceArn)).toMatch(/\/\*\/(GET|PUT|POST|DELETE)\/v1\//);
    }
  });

  it('lets a schedule invoke the function of its own subscription or service only', () => {
    const rules = dev.of('AWS::Events::Rule');
    expect(rules).toHaveLength(subscribed.length + services.filter(({ schedule }) => schedule).length);
    for (const rule of rules) {
      const [permission, ...more] = dev.of('AWS::Lambda::Permission').filter(({ stack, properties }) => stack === rule.stack && idOf(properties.SourceArn) === rule.id);
      expect(more).toEqual([]);
      expect(permission?.properties.FunctionName).toEqual(rule.properties.Targets[0].Arn);
    }
  });

  it('lets a subscription touch what waits for it, its secret and the topics that it emits, and nothing of another', () => {
    for (const name of subscribed) {
      const policy = dev.of('AWS::IAM::Policy').find(({ id }) => id.startsWith(`Subscription${name.replaceAll('-', '')}`)) as Resource;
      const others = subscribed.filter((each) => each !== name);
      for (const other of others) expect(text(policy.properties), name).not.toContain(other);
      const secrets = statementsOf(policy).filter(({ actions }) => actions.some((action) => action.startsWith('secretsmanager:')));
      expect(text(secrets)).toContain(`:secret:${name}-??????`);
    }
  });

  it('keeps Lambda from dead-lettering what goes back into the queue of its subscription, and from repeating a look after it', () => {
    const bridges = dev.of('AWS::Lambda::Function').filter(({ stack }) => stack.endsWith('-http-bridge'));
    expect(bridges).toHaveLength(subscribed.length);
    for (const { properties } of bridges) expect(properties.RecursiveLoop).toBe('Allow');
    for (const { properties } of dev.of('AWS::Lambda::EventInvokeConfig')) expect(properties.MaximumRetryAttempts).toBe(0);
  });

  it('lets a function call only what its row says of the HTTP API', () => {
    const calling = dev.of('AWS::IAM::Policy').filter((policy) => text(policy.properties).includes('execute-api:Invoke'));
    expect(calling.map(({ stack }) => stack)).toEqual(services.filter(({ schedule }) => schedule).map(({ name }) => `loginward-dev-${name}`));
    for (const policy of calling) {
      const { resources } = statementsOf(policy).find(({ actions }) => actions.includes('execute-api:Invoke')) ?? { resources: [] };
      const paths = resources.map((resource) => /\/\$default\/(.*?)"/.exec(text(resource))?.[1]);
      expect(paths).toEqual(services.find(({ name }) => policy.stack.endsWith(`-${name}`))?.schedule?.calls.map((call) => call.replace(' ', '')));
      expect(text(resources)).not.toContain('*');
    }
  });

  it('has an authorizer on every route but those of the locked out and of links, and a managed policy for every route of IAM', () => {
    const named = Object.values(callers).flat() as string[];
    const open = dev.of('AWS::ApiGatewayV2::Route').filter(({ properties }) => properties.AuthorizationType === 'NONE');
    expect(open.map(({ properties }) => properties.RouteKey as string).toSorted()).toEqual([
      'GET /v1/not-me',
      'POST /v1/not-me',
      'POST /v1/unlock-challenges',
      'POST /v1/unlock-challenges/verify',
    ]);
    for (const { properties } of dev.of('AWS::ApiGatewayV2::Route')) {
      if (open.some((route) => route.properties === properties)) continue;
      expect(['AWS_IAM', 'JWT']).toContain(properties.AuthorizationType);
      if (properties.AuthorizationType === 'AWS_IAM') expect(named).toContain(properties.RouteKey);
      else expect(properties.AuthorizerId).toBeDefined();
    }
    expect(dev.of('AWS::IAM::ManagedPolicy')).toHaveLength(Object.keys(callers).length);
  });
});

describe('bundles', () => {
  it('hold only what the function uses', async () => {
    const { inputs, outputs } = JSON.parse(await readFile(join(dev.bundles, 'metafile.json'), 'utf8')) as {
      inputs: object;
      outputs: Record<string, { bytes: number; inputs: Record<string, unknown> }>;
    };
    expect(Object.keys(inputs).length).toBeGreaterThan(0);
    for (const [name, { bytes, inputs: used }] of Object.entries(outputs)) {
      if (!name.endsWith('.js')) continue;
      const [, service = '', part = ''] = /([a-z-]+)-(consumer|api|schedule|bridge|resources)\/index\.js$/.exec(name) ?? [];
      expect(bytes, name).toBeLessThan(1_500_000);
      const files = Object.keys(used);
      const foreign = files.filter((file) => /^(lib|local|test|bench)\//.test(file) || (/^lambdas\/(?!contracts|runtime)/.test(file) && !file.startsWith(`lambdas/${service}/`)));
      expect(foreign, name).toEqual([]);
      // zod's classic interface, and its languages; ways to credentials that no function has.
      expect(files.filter((file) => /zod\/v4\/classic\/|zod\/v4\/locales\/(?!en\.js)|\/credential-provider-(?!env\/)|\/nested-clients\//.test(file)), name).toEqual([]);
      const uses = (client: string) => files.some((file) => file.includes(`@aws-sdk/client-${client}/`));
      const needs = services.find((each) => each.name === service);
      expect(uses('sesv2'), `${name} and SES`).toBe(part === 'consumer' && (needs?.consumer?.needs.includes('email') ?? false));
      if (service !== '') {
        // What consumers need for records that failed lies beside them.
        expect(uses('sqs'), `${name} and SQS`).toBe(part === 'bridge');
        expect(files.filter((file) => file.includes('/@platformatic/')), name).toEqual([]);
      }
      expect(uses('dynamodb'), `${name} and DynamoDB`).toBe((needs?.tables.length ?? 0) > 0);
    }
  });

  it('load with nothing beside them but what is deployed', async () => {
    // Above the bundles of a synthesis lie the project's own packages.
    const alone = await mkdtemp(join(tmpdir(), 'loginward-bundles-'));
    try {
      await cp(dev.bundles, alone, { recursive: true });
      const files = (await readdir(alone, { recursive: true })).filter((file) => file.endsWith('.js'));
      expect(files.length).toBeGreaterThan(services.length);
      const script = `for (const file of ${JSON.stringify(files)}) require(require('node:path').join(${JSON.stringify(alone)}, file));`;
      await expect(promisify(execFile)(process.execPath, ['-e', script], { cwd: alone })).resolves.toBeDefined();
    } finally {
      await rm(alone, { recursive: true, force: true });
    }
  });

  it('have code of those packages that docs/licences.md lists, and of no other', async () => {
    const root = join(import.meta.dirname, '..', '..');
    const [metafile, lock] = (await Promise.all([join(dev.bundles, 'metafile.json'), join(root, 'package-lock.json')].map(async (file) => JSON.parse(await readFile(file, 'utf8'))))) as [Metafile, LockFile];
    const listed = [...deployedOf(await readFile(join(root, 'docs', 'licences.md'), 'utf8'))].filter(([id, places]) => places.includes('functions') && !id.includes('ip-location-db'));
    expect(listed.map(([id]) => id)).toEqual([...packagesIn(metafile, lock).keys()].toSorted());
  });

  it('have the geo database where it is needed, and nowhere else', async () => {
    for (const folder of await readdir(dev.bundles)) {
      if (folder.endsWith('.json')) continue;
      const files = await readdir(join(dev.bundles, folder));
      expect(files.includes('geo.mmdb'), folder).toBe(['ip-checker-consumer', 'account-standing-api'].includes(folder));
    }
  });
});
