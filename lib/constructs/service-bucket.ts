import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { BlockPublicAccess, Bucket, BucketEncryption, type CfnBucket } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';

/** A bucket for events that wait, or could not be handled. */
export class ServiceBucket extends Construct {
  readonly bucket: Bucket;

  /** @param keptDays for how long what lies below a folder is kept; what lies elsewhere stays */
  constructor(scope: Construct, id: string, { keptDays }: { keptDays: Readonly<Record<string, number>> }) {
    super(scope, id);
    this.bucket = new Bucket(this, 'Bucket', {
      encryption: BucketEncryption.S3_MANAGED,
      enforceSSL: true,
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      // Events that wait are nobody's to lose, also when the stack goes.
      removalPolicy: RemovalPolicy.RETAIN,
      // What waits must never expire by itself; what was put aside must not stay for ever.
      lifecycleRules: [...Object.entries(keptDays).map(([prefix, days]) => ({ prefix, expiration: Duration.days(days) })), { abortIncompleteMultipartUploadAfter: Duration.days(1) }],
    });
    // What explains the findings of cdk-nag names it.
    (this.bucket.node.defaultChild as CfnBucket).overrideLogicalId(id);
  }
}
