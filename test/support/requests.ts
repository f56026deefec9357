import type { APIGatewayProxyEventV2, Context } from 'aws-lambda';
import { httpApi, type Route } from '../../lambdas/runtime/http.ts';
import { memoryTelemetry } from './records.ts';

export interface TestRequest {
  readonly route: string;
  readonly body?: string | Buffer | object;
  readonly headers?: Record<string, string>;
  readonly path?: Record<string, string>;
  readonly query?: Record<string, string>;
  readonly claims?: Record<string, string>;
  readonly sourceIp?: string;
}

export interface Answer {
  readonly status: number;
  readonly headers: Record<string, unknown>;
  // oxlint-disable-next-line no-explicit-any -- what a test reads of a body, it asserts
  readonly body: any;
  readonly text: string;
}

/** Calls routes as API Gateway would, through the whole HTTP runtime. */
export function client<S>(routes: Readonly<Record<string, Route<S>>>, services: S) {
  const telemetry = memoryTelemetry();
  const run = httpApi(routes, services, telemetry);
  const call = async ({ route, body, headers = {}, path = {}, query = {}, claims, sourceIp = '8.8.8.8' }: TestRequest): Promise<Answer> => {
    const bytes = body === undefined || Buffer.isBuffer(body) || typeof body === 'string' ? body : JSON.stringify(body);
    const event = {
      routeKey: route,
      headers: { 'content-type': 'application/json', ...headers },
      pathParameters: path,
      queryStringParameters: query,
      body: Buffer.isBuffer(bytes) ? bytes.toString('base64') : bytes,
      isBase64Encoded: Buffer.isBuffer(bytes),
      requestContext: { http: { sourceIp }, ...(claims && { authorizer: { jwt: { claims, scopes: [] } } }) },
    } as unknown as APIGatewayProxyEventV2;
    const answer = await run(event, {} as Context);
    const text = answer.body ?? '';
    const isJson = /json/.test(String(answer.headers?.['content-type'] ?? ''));
    return { status: answer.statusCode ?? 200, headers: answer.headers ?? {}, body: isJson ? JSON.parse(text) : undefined, text };
  };
  return { call, telemetry };
}
