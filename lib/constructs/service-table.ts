import { RemovalPolicy } from 'aws-cdk-lib';
import { AttributeType, BillingMode, Table as DynamoTable, TableEncryption } from 'aws-cdk-lib/aws-dynamodb';
import { Construct } from 'constructs';
import type { Names } from '../names.ts';
import type { Table } from '../services.ts';
import type { Settings } from '../settings.ts';

interface ServiceTableProps {
  readonly row: Table;
  readonly names: Names;
  readonly settings: Settings;
}

/** A table of a service's own. */
export class ServiceTable extends Construct {
  readonly table: DynamoTable;

  constructor(scope: Construct, id: string, { row, names, settings }: ServiceTableProps) {
    super(scope, id);
    const isProduction = settings.env === 'prod';
    const string = (name: string) => ({ name, type: AttributeType.STRING });
    this.table = new DynamoTable(this, 'Table', {
      tableName: names.resource(row.name),
      partitionKey: string(row.partitionKey),
      ...(row.sortKey && { sortKey: string(row.sortKey) }),
      ...(row.timeToLive && { timeToLiveAttribute: row.timeToLive }),
      // Logins come in waves, and an idle table then costs nothing.
      billingMode: BillingMode.PAY_PER_REQUEST,
      // Table class Standard, the default: Standard-IA keeps a GB for $0.10 in place of $0.25, and takes a quarter more for each write and read. For a login that is kept 90 days that is
      // cheaper from some 420 bytes an item on, DynamoDB's own 100 included; a typical one has 307 (bin/cost/measured.ts). How many logins there are does not matter: all of it grows with them.
      // Encryption by a key that AWS owns costs nothing; a key of KMS would be billed for every request to the table.
      encryption: TableEncryption.DEFAULT,
      // A table lost by mistake can be restored to any second of the last 35 days; off by default.
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      deletionProtection: isProduction,
      removalPolicy: isProduction ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
    });
  }
}
