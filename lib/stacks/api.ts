import { CfnOutput, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { CfnApi, CfnAuthorizer, CfnStage } from 'aws-cdk-lib/aws-apigatewayv2';
import { ManagedPolicy } from 'aws-cdk-lib/aws-iam';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { StringParameter } from 'aws-cdk-lib/aws-ssm';
import type { Construct } from 'constructs';
import { callers, routeResource } from '../callers.ts';
import { allow } from '../constructs/service-function.ts';
import { ApiDashboard } from '../dashboards/api-dashboard.ts';
import type { Names } from '../names.ts';
import type { Settings } from '../settings.ts';

/** What an access log line holds. An account's addresses are private: neither the caller's address nor the path is in it. */
const accessLogFormat = {
  requestId: '$context.requestId',
  time: '$context.requestTime',
  routeKey: '$context.routeKey',
  status: '$context.status',
  responseLatency: '$context.responseLatency',
  integrationLatency: '$context.integrationLatency',
  integrationError: '$context.integrationErrorMessage',
  authorizerError: '$context.authorizer.error',
};

/** The HTTP API without a route: each service brings its own. */
export class ApiStack extends Stack {
  constructor(scope: Construct, id: string, { names, settings }: { names: Names; settings: Settings }) {
    super(scope, id, { description: 'Loginward: the HTTP API' });
    const api = new CfnApi(this, 'Api', { name: names.resource('api'), protocolType: 'HTTP' });
    const accessLog = new LogGroup(this, 'AccessLog', {
      logGroupName: `/aws/apigateway/${names.resource('api')}`,
      retention: settings.logRetentionDays,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    new CfnStage(this, 'Stage', {
      apiId: api.ref,
      stageName: '$default',
      autoDeploy: true,
      accessLogSettings: { destinationArn: accessLog.logGroupArn, format: JSON.stringify(accessLogFormat) },
      // Without limits of its own the API could use up the account's for everything else.
      defaultRouteSettings: {
        throttlingRateLimit: settings.throttleRate,
        throttlingBurstLimit: settings.throttleBurst,
        detailedMetricsEnabled: true,
      },
    });
    const authorizer = new CfnAuthorizer(this, 'Authorizer', {
      apiId: api.ref,
      name: names.resource('api', 'players'),
      authorizerType: 'JWT',
      identitySource: ['$request.header.Authorization'],
      jwtConfiguration: { issuer: settings.jwtIssuer, audience: settings.jwtAudience },
    });
    for (const [caller, routes] of Object.entries(callers)) {
      const resources = routes.map((routeKey) =>
        this.formatArn({ service: 'execute-api', resource: api.ref, resourceName: `$default/${routeResource(routeKey)}` }),
      );
      new ManagedPolicy(this, `Caller-${caller}`, {
        managedPolicyName: names.resource('callers', caller),
        description: `May call ${routes.join(', ')} of Loginward`,
        statements: [allow(['execute-api:Invoke'], resources)],
      });
    }
    const parameter = (parameterName: string, stringValue: string) =>
      new StringParameter(this, `Parameter-${parameterName}`, { parameterName, stringValue });
    parameter(names.parameters.apiId, api.ref);
    parameter(names.parameters.authorizerId, authorizer.ref);
    parameter(names.parameters.apiEndpoint, api.attrApiEndpoint);
    // A link only ever lets its holder lock one account, and each is good for some days: one that is lost costs no more than the links on the way.
    new Secret(this, 'LinkSecret', {
      secretName: names.linkSecret,
      description: 'Signs the links in notices of Loginward',
      generateSecretString: { passwordLength: 64, excludePunctuation: true },
      removalPolicy: RemovalPolicy.DESTROY,
    });
    if (settings.serviceDashboards) new ApiDashboard(this, 'Dashboard', { names, settings, apiId: api.ref, accessLog: `/aws/apigateway/${names.resource('api')}` });
    new CfnOutput(this, 'Endpoint', { value: api.attrApiEndpoint });
  }
}
