import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { contentSecurityPolicy } from '../../lib/page-headers.ts';
import { services } from '../../lib/services.ts';
import { readSettings } from '../../lib/settings.ts';
import { readModel } from '../../local/template.ts';
import { statementsOf, synthesize, type Templates, text } from '../support/templates.ts';

/** The stack alone: no service is part of it. */
let made: Templates;
const domain = { siteDomain: 'account.your-game.com', siteCertificate: 'arn:aws:acm:us-east-1:123456789012:certificate/01234567-89ab-cdef-0123-456789abcdef' };
const issuer = { jwtIssuer: 'https://id.your-game.com/pool', jwtAudience: 'game', siteConnect: 'https://sign-in.your-game.com' };
beforeAll(async () => {
  made = await synthesize({ site: true, ...domain, ...issuer }, []);
});
afterAll(() => made.remove());

const site = 'loginward-dev-site';
const only = (type: string) => {
  const [found, ...more] = made.of(type).filter(({ stack }) => stack === site);
  expect(more, type).toEqual([]);
  return found?.properties;
};
const distribution = () => only('AWS::CloudFront::Distribution').DistributionConfig;

describe('the player’s page on AWS', () => {
  it('is a stack of its own, which a deployment may do without', async () => {
    expect([...made.byStack.keys()]).toContain(site);
    const without = await synthesize({}, []);
    expect([...without.byStack.keys()]).not.toContain(site);
    await without.remove();
  });

  it('has files that nobody reads but CloudFront, by TLS', () => {
    expect(only('AWS::S3::Bucket')).toMatchObject({
      PublicAccessBlockConfiguration: { BlockPublicAcls: true, BlockPublicPolicy: true, IgnorePublicAcls: true, RestrictPublicBuckets: true },
      BucketEncryption: { ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } }] },
    });
    const policy = made.of('AWS::S3::BucketPolicy').find(({ stack }) => stack === site);
    const statements = policy ? statementsOf(policy) : [];
    expect(statements.filter(({ Effect }) => Effect === 'Deny').map(({ Condition }) => Condition)).toContainEqual({ Bool: { 'aws:SecureTransport': 'false' } });
    const allowed = statements.filter(({ Effect }) => Effect === 'Allow');
    expect(allowed).toMatchObject([{ actions: ['s3:GetObject'], Principal: { Service: 'cloudfront.amazonaws.com' } }]);
    expect(text(allowed[0]?.Condition)).toContain('AWS:SourceArn');
  });

  it('is one origin with the routes of players, which are never cached, and with no other route', () => {
    const { CacheBehaviors, DefaultCacheBehavior, Origins } = distribution();
    // AWS's own policies CachingDisabled and AllViewerExceptHostHeader.
    expect(CacheBehaviors).toMatchObject([
      { PathPattern: '/v1/me/*', ViewerProtocolPolicy: 'https-only', CachePolicyId: '4135ea2d-6df8-44a3-9df3-4b5a84be39ad', OriginRequestPolicyId: 'b689b0a8-53d0-40ab-baf2-68738e2966ac' },
    ]);
    const origin = Origins.find(({ Id }: { Id: string }) => Id === CacheBehaviors[0].TargetOriginId);
    expect(text(origin.DomainName)).toContain('Fn::Split');
    expect(origin.CustomOriginConfig.OriginProtocolPolicy).toBe('https-only');
    expect(DefaultCacheBehavior).toMatchObject({ ViewerProtocolPolicy: 'redirect-to-https', AllowedMethods: ['GET', 'HEAD'] });
    for (const { path, authorization } of services.flatMap(({ api }) => api?.routes ?? [])) {
      expect(path.startsWith('/v1/me/'), path).toBe(authorization === 'player');
    }
  });

  it('speaks HTTP/2 and 3, TLS 1.2 and newer, serves Asia, and logs no addresses', () => {
    const { HttpVersion, PriceClass, ViewerCertificate, Logging, DefaultRootObject, Aliases } = distribution();
    expect({ HttpVersion, PriceClass, Logging, DefaultRootObject, Aliases }).toEqual({
      HttpVersion: 'http2and3',
      PriceClass: 'PriceClass_200',
      Logging: undefined,
      DefaultRootObject: 'index.html',
      Aliases: [domain.siteDomain],
    });
    expect(ViewerCertificate.MinimumProtocolVersion).toBe('TLSv1.2_2021');
  });

  it('sends the headers of the pages, and lets the page call its own origin and the issuer’s alone', () => {
    const { Name, SecurityHeadersConfig: headers, CustomHeadersConfig } = only('AWS::CloudFront::ResponseHeadersPolicy').ResponseHeadersPolicyConfig;
    // It is the account's, of all regions.
    expect(text(Name)).toContain('AWS::Region');
    expect(headers.ContentSecurityPolicy.ContentSecurityPolicy).toBe(contentSecurityPolicy({ connect: ['https://id.your-game.com', 'https://sign-in.your-game.com'] }));
    expect(headers.ContentSecurityPolicy.ContentSecurityPolicy).not.toMatch(/unsafe|\*/);
    expect(headers).toMatchObject({
      ContentTypeOptions: { Override: true },
      FrameOptions: { FrameOption: 'DENY' },
      ReferrerPolicy: { ReferrerPolicy: 'no-referrer' },
      StrictTransportSecurity: { AccessControlMaxAgeSec: 31_536_000 },
    });
    expect(text(CustomHeadersConfig)).toContain('permissions-policy');
  });

  it('keeps hashed files for ever, and asks anew for the index and for what the page must know', () => {
    const deployments = made.of('Custom::CDKBucketDeployment').map(({ properties }) => properties);
    const cached = deployments.map(({ DestinationBucketKeyPrefix: folder, SystemMetadata, Prune, RetainOnDelete }) => [folder, SystemMetadata['cache-control'], Prune, RetainOnDelete]);
    expect(cached).toEqual([
      ['assets', 'public, max-age=31536000, immutable', false, true],
      [undefined, 'no-cache', false, true],
    ]);
    const assembly = join(dirname(made.bundles), 'cdk.out');
    const config = readdirSync(assembly, { recursive: true, encoding: 'utf8' }).find((file) => file.endsWith('config.json')) ?? '';
    expect(JSON.parse(readFileSync(join(assembly, config), 'utf8'))).toEqual({ issuer: issuer.jwtIssuer, clientId: 'game', scope: 'openid' });
  });

  it('is nothing to the local run, which serves the page by itself', () => {
    const { functions, buckets } = readModel(join(dirname(made.bundles), 'cdk.out'), 'http://127.0.0.1:8787');
    expect([functions, buckets]).toEqual([[], []]);
  });

  it('has settings that go together', () => {
    expect(() => readSettings({ siteDomain: domain.siteDomain })).toThrow(/siteCertificate: is missing/);
    expect(() => readSettings({ siteCertificate: domain.siteCertificate })).toThrow(/siteDomain: is missing/);
    expect(() => readSettings({ site: 'false', siteScope: 'openid' })).toThrow(/siteScope: is for site=true/);
    for (const name of ['site', 'serviceDashboards']) expect(() => readSettings({ [name]: 'no' })).toThrow(`${name}: must be \`true\` or \`false\``);
    expect(() => readSettings({ siteConnect: 'https://*' })).toThrow(/siteConnect/);
    expect(readSettings({ site: 'false' }).site).toBe(false);
  });
});
