import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { callers } from '../../lib/callers.ts';
import { type Principal, roleOf, snsService } from '../../local/aws/authority.ts';
import { accountNumber } from '../../local/cloudformation.ts';
import type { PolicyDocument } from '../../local/model.ts';
import { statementsOf, text } from '../support/templates.ts';
import { type Bus, type Deployment, deploymentOn, names } from './iam/deployment.ts';
import { concrete, probesOf } from './iam/probes.ts';
import { rightsOf } from './iam/rights.ts';

const deployments = new Map<Bus, Deployment>();
beforeAll(async () => {
  // One after the other: bundles are written into a process-wide cache of assets.
  for (const bus of ['sns', 'kafka'] as const) deployments.set(bus, await deploymentOn(bus));
});
afterAll(async () => {
  for (const each of deployments.values()) await each.remove();
});
const on = (bus: Bus): Deployment => deployments.get(bus) as Deployment;

/** A role of somebody else's account, to which its own account allows everything. */
const stranger: Principal = { id: 'arn:aws:iam::111122223333:role/stranger', policies: [{ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }] }] };
/** An administrator of our own account. */
const administrator: Principal = { ...stranger, id: `arn:aws:iam::${accountNumber}:role/administrator` };
const cloudWatch: Principal = { id: 'cloudwatch.amazonaws.com', policies: [] };
const insecure = { 'aws:SecureTransport': 'false' };

const actionsOf = (policy: PolicyDocument): string[] => (policy['Statement'] as { Action: string | string[] }[]).flatMap(({ Action }) => Action);

/** The actions for which AWS's service authorization reference knows no resource, and which functions need. */
const withoutResource = ['xray:PutTraceSegments', 'xray:PutTelemetryRecords', 'kafka:GetBootstrapBrokers'];

describe.each(['sns', 'kafka'] as const)('policies on %s', (bus) => {
  const policies = () => ['AWS::IAM::Policy', 'AWS::IAM::ManagedPolicy'].flatMap((type) => on(bus).templates.of(type));

  it('have no wildcard in an action, and stand in no policy of AWS’s own that would bring one', () => {
    for (const policy of policies()) {
      for (const { Effect, actions, ...rest } of statementsOf(policy)) {
        expect(Effect).toBe('Allow');
        expect(rest, text(rest)).not.toHaveProperty('NotAction');
        for (const action of actions) expect(action, policy.stack).toMatch(/^[a-z-]+[a-z0-9-]*:[A-Za-z0-9]+$/);
      }
    }
    for (const { stack, properties } of on(bus).templates.of('AWS::IAM::Role')) {
      expect(properties.ManagedPolicyArns, stack).toBeUndefined();
      expect(properties.Policies, stack).toBeUndefined();
    }
  });

  it('name their resources, but for what has none and for what AWS Lambda does in a VPC', () => {
    for (const policy of policies()) {
      for (const { actions, resources, Condition, NotResource } of statementsOf(policy)) {
        if (NotResource !== undefined) {
          // A telephone number has no ARN: whatever is not a topic.
          expect(actions).toEqual(['sns:Publish']);
          expect(text(NotResource)).toMatch(/:sns:\*:\*:\*/);
        } else if (text(resources) === '["*"]') {
          if (actions.every((action) => action.startsWith('ec2:'))) expect(Condition?.Null).toEqual({ 'lambda:SourceFunctionArn': 'true' });
          else expect(withoutResource).toEqual(expect.arrayContaining(actions));
        } else {
          for (const resource of resources) expect(text(resource), `${policy.stack} ${actions.join()}`).not.toMatch(/^"?\*"?$|:::\*|:\*\/|table\/\*|function:\*/);
        }
      }
    }
  });

  it('allow each function what its row says, and nothing else of the deployment', async () => {
    const { model, authority } = on(bus);
    const probes = probesOf(on(bus));
    const bucketOf = (service: string) => model.buckets.findIndex(({ name }) => model.functions.some((each) => each.name.startsWith(names(service)) && Object.values(each.environment).includes(name)));
    let asked = 0;
    for (const target of model.functions) {
      const allowed: string[] = [];
      // Without a wildcard in any action, IAM can mean no other.
      const actions = new Set(target.policies.flatMap((policy) => actionsOf(policy)));
      for (const { line, ...ask } of probes.filter(({ action }) => actions.has(action))) {
        asked += 1;
        if (await authority.allows(roleOf(target), ask)) allowed.push(line);
      }
      expect([...new Set(allowed)].toSorted(), target.name).toEqual([...new Set(rightsOf(target.name, bus, bucketOf))].toSorted());
    }
    console.log(`policies on ${bus}: ${model.functions.length} roles, ${asked} questions: 0 wider than their rows`);
  });

  it('let functions be called by whom the templates say, and their roles be taken by AWS Lambda alone', () => {
    const { templates, model } = on(bus);
    for (const { properties } of templates.of('AWS::IAM::Role')) {
      const { Statement } = properties.AssumeRolePolicyDocument as { Statement: { Principal: object; Action: string }[] };
      expect(Statement).toMatchObject([{ Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' }]);
    }
    for (const { name, invokers } of model.functions) {
      for (const { service, sourceArn } of invokers) {
        expect(['apigateway.amazonaws.com', 'events.amazonaws.com'], name).toContain(service);
        if (service === 'events.amazonaws.com') expect(model.schedules.map(({ arn }) => arn)).toContain(sourceArn);
        else expect(sourceArn.startsWith(`${model.api.arn}/*/`), sourceArn).toBe(true);
      }
    }
    // Without a source of its own anybody's API could call it.
    for (const { properties } of templates.of('AWS::Lambda::Permission')) expect(properties.SourceArn).toBeDefined();
  });

  it('give each kind of caller exactly its routes', async () => {
    const { model, authority, templates } = on(bus);
    const managed = templates.of('AWS::IAM::ManagedPolicy');
    expect(model.callerPolicies).toHaveLength(managed.length);
    for (const [index, { properties }] of managed.entries()) {
      const caller = String(properties.ManagedPolicyName).slice(names('callers-').length) as keyof typeof callers;
      const principal: Principal = { id: `arn:aws:iam::${accountNumber}:role/${caller}`, policies: [model.callerPolicies[index] ?? {}] };
      const reached: string[] = [];
      for (const { key } of model.api.routes) {
        // An account may have any of the characters that its id may have.
        const answers = await Promise.all(['player-1', '-', 'a:b@c.d+e_f', '..', 'logins', 'v1'].map((account) => authority.allows(principal, { action: 'execute-api:Invoke', resource: `${model.api.arn}/$default/${concrete(key, account)}` })));
        if (answers.some(Boolean)) reached.push(key);
      }
      expect(reached.toSorted(), caller).toEqual([...callers[caller]].toSorted());
      for (const action of ['execute-api:ManageConnections', 'dynamodb:GetItem']) {
        expect(await authority.allows(principal, { action, resource: action.startsWith('dynamodb') ? (model.tables[0]?.arn ?? '') : `${model.api.arn}/$default/POST/v1/logins` }), `${caller} ${action}`).toBe(false);
      }
    }
  });

  it('let the canary post logins and read its own history, and no other', async () => {
    const { model, authority } = on(bus);
    const canary = model.functions.find(({ name }) => name === names('canary-schedule'));
    if (!canary) throw new Error('There is no canary.');
    const mayCall = (path: string) => authority.allows(roleOf(canary), { action: 'execute-api:Invoke', resource: `${model.api.arn}/$default/${path}` });
    for (const path of ['POST/v1/logins', 'GET/v1/accounts/loginward.canary/logins']) expect(await mayCall(path), path).toBe(true);
    for (const path of ['GET/v1/accounts/player-1/logins', 'GET/v1/accounts/loginward.canary2/logins', 'GET/v1/accounts/loginward.canary/standing', 'DELETE/v1/accounts/loginward.canary', 'POST/v1/accounts/loginward.canary/unlock', 'POST/v1/events', 'POST/v1/access-checks']) {
      expect(await mayCall(path), path).toBe(false);
    }
  });

  it('keep keys, topics and buckets from other accounts, and from whatever does not come by TLS', async () => {
    const { model, authority } = on(bus);
    const inOurAccount = { 'aws:SourceAccount': accountNumber };
    for (const { arn } of model.keys) {
      for (const action of ['kms:GenerateDataKey', 'kms:Decrypt']) {
        expect(await authority.allows(cloudWatch, { action, resource: arn, context: inOurAccount })).toBe(true);
        expect(await authority.allows(cloudWatch, { action, resource: arn, context: { 'aws:SourceAccount': '111122223333' } })).toBe(false);
        for (const principal of [stranger, snsService]) expect(await authority.allows(principal, { action, resource: arn })).toBe(false);
      }
    }
    for (const { arn } of model.topics) {
      const isAlarms = arn.endsWith('-alarms');
      expect(await authority.allows(cloudWatch, { action: 'sns:Publish', resource: arn, context: inOurAccount }), arn).toBe(isAlarms);
      expect(await authority.allows(cloudWatch, { action: 'sns:Publish', resource: arn, context: { 'aws:SourceAccount': '111122223333' } }), arn).toBe(false);
      for (const action of ['sns:Publish', 'sns:Subscribe', 'sns:AddPermission']) expect(await authority.allows(stranger, { action, resource: arn }), arn).toBe(false);
      expect(await authority.allows(administrator, { action: 'sns:Publish', resource: arn }), arn).toBe(true);
      expect(await authority.allows(administrator, { action: 'sns:Publish', resource: arn, context: insecure }), arn).toBe(false);
    }
    for (const { arn } of model.buckets) {
      for (const [action, resource] of [['s3:GetObject', `${arn}/backlog/game-server/1`], ['s3:PutObject', `${arn}/x`], ['s3:ListBucket', arn]] as const) {
        expect(await authority.allows(stranger, { action, resource }), resource).toBe(false);
      }
      expect(await authority.allows(administrator, { action: 's3:ListBucket', resource: arn, context: insecure }), arn).toBe(false);
    }
    for (const { properties } of on(bus).templates.of('AWS::S3::Bucket')) {
      expect(properties.PublicAccessBlockConfiguration).toEqual({ BlockPublicAcls: true, BlockPublicPolicy: true, IgnorePublicAcls: true, RestrictPublicBuckets: true });
    }
  });
});

describe('queues', () => {
  it('take messages from the topics that they are subscribed to, and from nobody else', async () => {
    const { model, authority } = on('sns');
    for (const { arn } of model.queues) {
      const subscribed = model.subscriptions.flatMap(({ queueArn, deadLetterQueueArn, topicArn }) => ([queueArn, deadLetterQueueArn].includes(arn) ? [topicArn] : []));
      const maySend = (principal: Principal, context: Record<string, string>) => authority.allows(principal, { action: 'sqs:SendMessage', resource: arn, context });
      for (const { arn: topicArn } of model.topics) expect(await maySend(snsService, { 'aws:SourceArn': topicArn }), `${topicArn} to ${arn}`).toBe(subscribed.includes(topicArn));
      for (const source of subscribed) {
        // The same name in somebody else's account, and the right topic without TLS.
        expect(await maySend(snsService, { 'aws:SourceArn': source.replace(accountNumber, '111122223333') })).toBe(false);
        expect(await maySend(snsService, { 'aws:SourceArn': source, ...insecure })).toBe(false);
      }
      expect(await maySend(snsService, {})).toBe(false);
      expect(await maySend({ ...snsService, id: 'events.amazonaws.com' }, { 'aws:SourceArn': subscribed[0] ?? '' })).toBe(false);
      expect(await maySend(stranger, {})).toBe(false);
      expect(await authority.allows(snsService, { action: 'sqs:ReceiveMessage', resource: arn, context: { 'aws:SourceArn': subscribed[0] ?? '' } })).toBe(false);
      expect(await authority.allows(stranger, { action: 'sqs:ReceiveMessage', resource: arn })).toBe(false);
    }
  });
});
