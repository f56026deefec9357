import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startLocalChain } from '../support/local-chain.ts';

/** What deploys is what was tested: if the template lacks something, the local run lacks it too. */
describe('the local run reads the templates', () => {
  let original: string;
  beforeAll(async () => {
    const chain = await startLocalChain();
    await chain.stop();
    original = chain.data;
  });
  afterAll(() => rm(original, { recursive: true, force: true }));

  type Template = { Resources: Record<string, { Type: string; Properties: any }> }; // oxlint-disable-line no-explicit-any

  /** A copy of the cloud assembly in which one stack's template was changed. */
  async function changed(service: string, change: (template: Template) => void): Promise<string> {
    const assembly = await mkdtemp(join(tmpdir(), 'loginward-changed-'));
    await cp(join(original, 'build', 'cdk.out'), assembly, { recursive: true });
    const file = join(assembly, `loginward-local-${service}.template.json`);
    const template = JSON.parse(await readFile(file, 'utf8')) as Template;
    change(template);
    await writeFile(file, JSON.stringify(template));
    return assembly;
  }

  const of = ({ Resources }: Template, type: string) => Object.entries(Resources).filter(([, { Type }]) => Type === type);

  async function withChanged(service: string, change: (template: Template) => void, test: (chain: Awaited<ReturnType<typeof startLocalChain>>) => Promise<void>) {
    const assembly = await changed(service, change);
    const chain = await startLocalChain({ assembly });
    try {
      await test(chain);
    } finally {
      await chain.remove();
      await rm(assembly, { recursive: true, force: true });
    }
  }

  it('without the permission to publish, nothing is published', () =>
    withChanged(
      'publisher',
      (template) => {
        for (const [, { Properties }] of of(template, 'AWS::IAM::Policy')) {
          Properties.PolicyDocument.Statement = Properties.PolicyDocument.Statement.filter(({ Action }: { Action: string }) => Action !== 'sns:Publish');
        }
      },
      async ({ api, reports }) => {
        const { status, headers } = await api.signed('/v1/logins', { body: { accountId: 'a', ip: '8.8.8.8' } });
        expect(status).toBe(503);
        expect(headers.get('retry-after')).not.toBeNull();
        expect(reports[0]).toMatch(/loginward-local-publisher-api does not allow sns:Publish/);
      },
    ));

  it('without the permission to use the key of the topics, nothing is published', () =>
    withChanged(
      'publisher',
      (template) => {
        for (const [, { Properties }] of of(template, 'AWS::IAM::Policy')) {
          Properties.PolicyDocument.Statement = Properties.PolicyDocument.Statement.filter(({ Action }: { Action: unknown }) => !JSON.stringify(Action).includes('kms:'));
        }
      },
      async ({ api }) => {
        expect((await api.signed('/v1/logins', { body: { accountId: 'a', ip: '8.8.8.8' } })).status).toBe(503);
      },
    ));

  it('without a route, its path is not found; without an authorizer, nobody is asked', () =>
    withChanged(
      'login-logger',
      (template) => {
        for (const [id, { Properties }] of of(template, 'AWS::ApiGatewayV2::Route')) {
          if (Properties.RouteKey === 'GET /v1/me/logins') delete template.Resources[id];
          else Properties.AuthorizationType = 'NONE';
        }
      },
      async ({ api }) => {
        expect((await api.asPlayer('a', '/v1/me/logins')).status).toBe(404);
        expect((await api.plain('/v1/accounts/a/logins')).status).toBe(200);
      },
    ));

  it('without the permission to invoke, the API fails as API Gateway does', () =>
    withChanged(
      'login-logger',
      (template) => {
        for (const [id] of of(template, 'AWS::Lambda::Permission')) delete template.Resources[id];
      },
      async ({ api }) => {
        const { status, body } = await api.signed('/v1/accounts/a/logins');
        expect({ status, body }).toEqual({ status: 500, body: { message: 'Internal Server Error' } });
      },
    ));

  it('without the queue policy, what was published lies nowhere', () =>
    withChanged(
      'ip-checker',
      (template) => {
        for (const [id] of of(template, 'AWS::SQS::QueuePolicy')) delete template.Resources[id];
      },
      async ({ api, settled }) => {
        expect((await api.signed('/v1/logins', { body: { accountId: 'a', ip: '8.8.8.8' } })).status).toBe(202);
        await settled();
        expect((await api.signed('/v1/accounts/a/logins')).body.items).toEqual([]);
      },
    ));

  it('with another filter, the notifier gets something else', () =>
    withChanged(
      'notifier',
      (template) => {
        for (const [, { Properties }] of of(template, 'AWS::SNS::Subscription')) {
          if (Properties.FilterPolicy) Properties.FilterPolicy = { data: { response: ['sms'] } };
        }
      },
      async ({ api, settled }) => {
        await api.signed('/v1/logins', { body: { accountId: 'a', ip: '8.8.8.8' } });
        await settled();
        const [item] = (await api.signed('/v1/accounts/a/logins')).body.items;
        expect(item.verdict.actions).toEqual([{ response: 'email' }]);
      },
    ));

  it('refuses a resource that it does not know, rather than to leave it out', async () => {
    const assembly = await changed('publisher', (template) => {
      template.Resources['Extra'] = { Type: 'AWS::Kinesis::Stream', Properties: {} };
    });
    await expect(startLocalChain({ assembly })).rejects.toThrow('does not know AWS::Kinesis::Stream');
    await rm(assembly, { recursive: true, force: true });
  });
});
