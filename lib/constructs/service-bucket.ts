import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { BlockPublicAccess, Bucket, BucketEncryption, type CfnBucket } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { expiredFolder } from '../../lambdas/contracts/names.ts';

/** A bucket for events that wait. */
export class ServiceBucket extends Construct {
  readonly bucket: Bucket;

  /** @param expiredDays how long what was put aside is kept */
  constructor(scope: Construct, id: string, { expiredDays }: { expiredDays: number }) {
    super(scope, id);
    this.bucket = new Bucket(this, 'Bucket', {
      encryption: BucketEncryption.S3_MANAGED,
      enforceSSL: true,
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      // Events that wait are nobody's to lose, also when the stack goes.
      removalPolicy: RemovalPolicy.RETAIN,
      // What waits must never expire by itself; what was put aside must not stay for ever.
      lifecycleRules: [{ prefix: expiredFolder, expiration: Duration.days(expiredDays) }, { abortIncompleteMultipartUploadAfter: Duration.days(1) }],
    });
    // What explains the findings of cdk-nag names it.
    (this.bucket.node.defaultChild as CfnBucket).overrideLogicalId(id);
  }
}
