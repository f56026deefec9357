import { Fn } from 'aws-cdk-lib';
import {
  GatewayVpcEndpointAwsService,
  InterfaceVpcEndpointAwsService,
  IpAddresses,
  Port,
  SecurityGroup,
  SubnetType,
  Vpc,
} from 'aws-cdk-lib/aws-ec2';
import { Construct } from 'constructs';
import type { Settings } from '../settings.ts';

interface BusNetworkProps {
  readonly settings: Settings;
  /** Whether a function in it calls what is not of AWS: an endpoint whose answers go onto the bus. */
  readonly reachesOut: boolean;
}

/** The VPC of the deployment's own brokers. Functions that publish lie in it too, since brokers can be reached from nowhere else. */
export class BusNetwork extends Construct {
  readonly subnets: string[];
  readonly securityGroup: string;

  constructor(scope: Construct, id: string, { settings, reachesOut }: BusNetworkProps) {
    super(scope, id);
    const count = Math.min(3, settings.kafkaBrokerCount);
    const vpc = new Vpc(this, 'Vpc', {
      ipAddresses: IpAddresses.cidr('10.93.0.0/16'),
      availabilityZones: settings.kafkaZones ?? Array.from({ length: count }, (_, index) => Fn.select(index, Fn.getAzs())),
      subnetConfiguration: [
        { name: 'private', cidrMask: 20, subnetType: reachesOut ? SubnetType.PRIVATE_WITH_EGRESS : SubnetType.PRIVATE_ISOLATED },
        ...(reachesOut ? [{ name: 'public', cidrMask: 28, subnetType: SubnetType.PUBLIC, mapPublicIpOnLaunch: false }] : []),
      ],
      // About $36 a month with its address, and $0.045 a GB. One: while its zone is down, the endpoints that reply wait.
      natGateways: reachesOut ? 1 : 0,
    });
    this.subnets = vpc.selectSubnets({ subnetGroupName: 'private' }).subnetIds;

    // Brokers, pollers, functions and endpoints are members, and open to each other alone.
    const members = new SecurityGroup(this, 'Members', { vpc, description: 'The brokers of Loginward, and who talks to them' });
    members.addIngressRule(members, Port.tcp(9098), 'Kafka with TLS and IAM');
    members.addIngressRule(members, Port.tcp(443), 'The endpoints of AWS');
    this.securityGroup = members.securityGroupId;

    // These two cost nothing: every table and bucket of the functions, and the on-failure buckets of the mappings.
    vpc.addGatewayEndpoint('Tables', { service: GatewayVpcEndpointAwsService.DYNAMODB });
    vpc.addGatewayEndpoint('Buckets', { service: GatewayVpcEndpointAwsService.S3 });
    // About $7.30 a month for each zone, and $0.01 a GB: with three zones about $66 for the three. Event source mappings in provisioned mode need none;
    // logs and traces of a function do not go through its VPC.
    const services = {
      Secrets: InterfaceVpcEndpointAwsService.SECRETS_MANAGER,
      Email: InterfaceVpcEndpointAwsService.EMAIL,
      // For SMS.
      Sms: InterfaceVpcEndpointAwsService.SNS,
    };
    for (const [name, service] of Object.entries(services)) {
      // By default an endpoint is open to the whole VPC by a group of its own.
      vpc.addInterfaceEndpoint(name, { service, securityGroups: [members], open: false, subnets: { subnetGroupName: 'private' } });
    }
  }
}
