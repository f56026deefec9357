import { Stack } from 'aws-cdk-lib';
import { CfnIntegration, CfnRoute } from 'aws-cdk-lib/aws-apigatewayv2';
import { CfnPermission, type Function } from 'aws-cdk-lib/aws-lambda';
import { StringParameter } from 'aws-cdk-lib/aws-ssm';
import { Construct } from 'constructs';
import { routeResource } from '../callers.ts';
import type { Names } from '../names.ts';
import type { Route } from '../services.ts';

interface ServiceRoutesProps {
  readonly names: Names;
  readonly function: Function;
  readonly routes: readonly Route[];
}

/** A service's routes on the deployment's HTTP API. They belong to the service's stack, so that a new service changes no other. */
export class ServiceRoutes extends Construct {
  constructor(scope: Construct, id: string, { names, function: target, routes }: ServiceRoutesProps) {
    super(scope, id);
    const apiId = StringParameter.valueForStringParameter(this, names.parameters.apiId);
    const integration = new CfnIntegration(this, 'Integration', {
      apiId,
      integrationType: 'AWS_PROXY',
      integrationUri: target.functionArn,
      payloadFormatVersion: '2.0',
    });
    for (const { method, path, authorization } of routes) {
      const routeKey = `${method} ${path}`;
      new CfnRoute(this, `Route-${routeKey}`, {
        apiId,
        routeKey,
        target: `integrations/${integration.ref}`,
        ...authorizationOf(authorization, () => StringParameter.valueForStringParameter(this, names.parameters.authorizerId)),
      });
      new CfnPermission(this, `Permission-${routeKey}`, {
        action: 'lambda:InvokeFunction',
        principal: 'apigateway.amazonaws.com',
        functionName: target.functionArn,
        sourceArn: Stack.of(this).formatArn({
          service: 'execute-api',
          resource: apiId,
          resourceName: `*/${routeResource(routeKey)}`,
        }),
      });
    }
  }
}

function authorizationOf(authorization: Route['authorization'], authorizerId: () => string) {
  if (authorization === 'iam') return { authorizationType: 'AWS_IAM' };
  if (authorization === 'player') return { authorizationType: 'JWT', authorizerId: authorizerId() };
  return { authorizationType: 'NONE' };
}
