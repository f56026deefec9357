import { join } from 'node:path';
import { CfnOutput, Duration, Fn, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Certificate } from 'aws-cdk-lib/aws-certificatemanager';
import {
  AllowedMethods,
  CachePolicy,
  Distribution,
  HeadersFrameOption,
  HeadersReferrerPolicy,
  HttpVersion,
  OriginProtocolPolicy,
  OriginRequestPolicy,
  PriceClass,
  ResponseHeadersPolicy,
  SecurityPolicyProtocol,
  ViewerProtocolPolicy,
} from 'aws-cdk-lib/aws-cloudfront';
import { HttpOrigin, S3BucketOrigin } from 'aws-cdk-lib/aws-cloudfront-origins';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { BlockPublicAccess, Bucket, BucketEncryption, type CfnBucket } from 'aws-cdk-lib/aws-s3';
import { BucketDeployment, CacheControl, type ISource, Source } from 'aws-cdk-lib/aws-s3-deployment';
import { StringParameter } from 'aws-cdk-lib/aws-ssm';
import type { Construct } from 'constructs';
import { allow } from '../constructs/service-function.ts';
import type { Names } from '../names.ts';
import { contentSecurityPolicy, crossOriginOpenerPolicy, permissionsPolicy } from '../page-headers.ts';
import { hashedFolder, playersPaths } from '../pages.ts';
import type { Settings } from '../settings.ts';

interface SiteStackProps {
  readonly names: Names;
  readonly settings: Settings;
  /** Folder of the bundled player's page. */
  readonly page: string;
}

/** The player's page: CloudFront before a private bucket, and before the routes of players on the HTTP API, so that both are one origin. */
export class SiteStack extends Stack {
  constructor(scope: Construct, id: string, { names, settings, page }: SiteStackProps) {
    super(scope, id, { description: "Loginward: the player's page" });
    const bucket = new Bucket(this, 'Files', {
      encryption: BucketEncryption.S3_MANAGED,
      enforceSSL: true,
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      // Every deployment writes the files anew; there is nothing of anybody's in it. CloudFormation deletes no bucket with files in it, so one empties it before.
      removalPolicy: RemovalPolicy.DESTROY,
      lifecycleRules: [{ abortIncompleteMultipartUploadAfter: Duration.days(1) }],
    });
    // What explains the findings of cdk-nag names it.
    (bucket.node.defaultChild as CfnBucket).overrideLogicalId('Files');
    const distribution = this.#distribution(bucket, names, settings);
    this.#deploy(bucket, names, settings, page);
    new CfnOutput(this, 'SiteUrl', { value: `https://${settings.siteDomain ?? distribution.distributionDomainName}/` });
  }

  #distribution(bucket: Bucket, names: Names, { siteDomain, siteCertificate, ...settings }: Settings): Distribution {
    const api = StringParameter.valueForStringParameter(this, names.parameters.apiEndpoint);
    return new Distribution(this, 'Distribution', {
      comment: `The player's page of ${names.resource('site')}`,
      defaultRootObject: 'index.html',
      httpVersion: HttpVersion.HTTP2_AND_3,
      // Asia is in it; the cheaper class would serve Korea from America and Europe.
      priceClass: PriceClass.PRICE_CLASS_200,
      ...(siteDomain !== undefined &&
        siteCertificate !== undefined && {
          domainNames: [siteDomain],
          certificate: Certificate.fromCertificateArn(this, 'Certificate', siteCertificate),
          // The default would take TLS 1.0; with CloudFront's own name AWS allows no other choice.
          minimumProtocolVersion: SecurityPolicyProtocol.TLS_V1_2_2021,
        }),
      // An access log would hold every player's address.
      enableLogging: false,
      defaultBehavior: {
        origin: S3BucketOrigin.withOriginAccessControl(bucket),
        viewerProtocolPolicy: ViewerProtocolPolicy.REDIRECT_TO_HTTPS,
        allowedMethods: AllowedMethods.ALLOW_GET_HEAD,
        cachePolicy: CachePolicy.CACHING_OPTIMIZED,
        compress: true,
        responseHeadersPolicy: this.#headers(names, settings),
      },
      additionalBehaviors: {
        // Only where the token says who calls: the API does not see callers' addresses behind CloudFront, and throttles public routes by them.
        [playersPaths]: {
          origin: new HttpOrigin(Fn.select(2, Fn.split('/', api)), { protocolPolicy: OriginProtocolPolicy.HTTPS_ONLY }),
          viewerProtocolPolicy: ViewerProtocolPolicy.HTTPS_ONLY,
          allowedMethods: AllowedMethods.ALLOW_ALL,
          // What one player reads must never be kept for another.
          cachePolicy: CachePolicy.CACHING_DISABLED,
          originRequestPolicy: OriginRequestPolicy.ALL_VIEWER_EXCEPT_HOST_HEADER,
        },
      },
    });
  }

  #headers(names: Names, { jwtIssuer, siteConnect }: Pick<Settings, 'jwtIssuer' | 'siteConnect'>): ResponseHeadersPolicy {
    const connect = [...new Set([new URL(jwtIssuer).origin, ...siteConnect])];
    return new ResponseHeadersPolicy(this, 'Headers', {
      // The name is the whole account's, of all regions.
      responseHeadersPolicyName: `${names.resource('site', 'headers')}-${this.region}`,
      securityHeadersBehavior: {
        contentSecurityPolicy: { contentSecurityPolicy: contentSecurityPolicy({ connect }), override: true },
        contentTypeOptions: { override: true },
        frameOptions: { frameOption: HeadersFrameOption.DENY, override: true },
        referrerPolicy: { referrerPolicy: HeadersReferrerPolicy.NO_REFERRER, override: true },
        strictTransportSecurity: { accessControlMaxAge: Duration.days(365), includeSubdomains: false, override: true },
      },
      customHeadersBehavior: {
        customHeaders: [
          { header: 'permissions-policy', value: permissionsPolicy, override: true },
          { header: 'cross-origin-opener-policy', value: crossOriginOpenerPolicy, override: true },
        ],
      },
    });
  }

  #deploy(bucket: Bucket, names: Names, settings: Settings, page: string): void {
    const logGroup = new LogGroup(this, 'DeploymentLog', {
      logGroupName: `/aws/lambda/${names.resource('site', 'deployment')}`,
      retention: settings.logRetentionDays,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    // What is left of older deployments stays: a tab that was opened before still finds its files. To remove them with the
    // stack is what CDK does not do, whatever one asks of it: https://github.com/aws/aws-cdk/issues/33397
    const role = this.#deploymentRole(bucket, logGroup);
    // CDK would let its function read the assets of all apps, and delete what it never deletes.
    const shared = { destinationBucket: bucket, prune: false, retainOnDelete: true, logGroup, role: role.withoutPolicyUpdates() };
    const readBy = (source: ISource): ISource => ({
      bind: (scope, context) => {
        const asset = source.bind(scope, context);
        role.addToPolicy(allow(['s3:GetObject'], [asset.bucket.arnForObjects(asset.zipObjectKey)]));
        return asset;
      },
    });
    const files = new BucketDeployment(this, 'HashedFiles', {
      ...shared,
      sources: [readBy(Source.asset(join(page, hashedFolder)))],
      destinationKeyPrefix: hashedFolder,
      cacheControl: [CacheControl.setPublic(), CacheControl.maxAge(Duration.days(365)), CacheControl.immutable()],
    });
    const config = { issuer: settings.jwtIssuer, clientId: settings.siteClientId ?? settings.jwtAudience[0], scope: settings.siteScope };
    const index = new BucketDeployment(this, 'Index', {
      ...shared,
      sources: [readBy(Source.asset(page, { exclude: [hashedFolder] })), readBy(Source.jsonData('config.json', config))],
      cacheControl: [CacheControl.noCache()],
    });
    // An index must not name files that are not there yet.
    index.node.addDependency(files);
  }

  /** What CDK's function does to write the files: it copies its assets, lists what is there, puts what differs, and logs. */
  #deploymentRole(bucket: Bucket, logGroup: LogGroup): Role {
    const role = new Role(this, 'DeploymentRole', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
    role.addToPolicy(allow(['s3:ListBucket'], [bucket.bucketArn]));
    role.addToPolicy(allow(['s3:PutObject'], [bucket.arnForObjects('*')]));
    role.addToPolicy(allow(['logs:CreateLogStream', 'logs:PutLogEvents'], [logGroup.logGroupArn]));
    return role;
  }
}
