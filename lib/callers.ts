/**
 * Who may call which routes of the HTTP API by AWS IAM: a managed policy each, to attach to the roles of login servers, account
 * servers and support tools. A route that needs IAM and that no caller has is a mistake, which a test finds.
 */
export const callers = {
  logins: ['POST /v1/logins'],
  contacts: ['POST /v1/events'],
  'access-checks': ['POST /v1/access-checks'],
  support: [
    'GET /v1/accounts/{accountId}/logins',
    'GET /v1/accounts/{accountId}/standing',
    'POST /v1/accounts/{accountId}/unlock',
    'GET /v1/campaigns/{id}',
  ],
  erasure: ['DELETE /v1/accounts/{accountId}'],
} as const satisfies Record<string, readonly string[]>;

/** A route key as the resource part of an execute-api ARN: `GET /v1/accounts/{accountId}` is `GET/v1/accounts/*`. */
export const routeResource = (routeKey: string): string => routeKey.replace(' ', '').replaceAll(/\{[^}]+\}/g, '*');
