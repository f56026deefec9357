import { type Context, Hono } from 'hono';
import { secureHeaders } from 'hono/secure-headers';
import { accountId } from '../../lambdas/contracts/primitives.ts';
import { type Issuer, tokenSeconds } from './issuer.ts';
import { signInPage, signInRefused, signInStyle } from './sign-in-page.ts';
import { type SignInCodes, signInCodes, type SignInRequest } from './sign-in-codes.ts';

/** Path of the stand-in for the company's OIDC issuer, on the local run's own origin. */
export const issuerPath = '/local/issuer';
/** The one client that it knows: the player's page. */
export const clientId = 'loginward-player';
const scopes = ['openid'];

const originOf = (context: Context): string => new URL(context.req.url).origin;
/** Only the page on this very origin may be sent back to, so that nothing can be redirected elsewhere. */
const redirectUriOf = (context: Context): string => `${originOf(context)}/`;

/**
 * The company's OIDC issuer, as far as the player's page needs one: discovery, authorization code flow with PKCE (S256 only), keys, and
 * sign-out. It believes whoever types an account, so it is for loopback only.
 */
export function oidc(issuer: Issuer, now: () => Date): Hono {
  const app = new Hono().basePath(issuerPath);
  const codes = signInCodes(now);
  app.use(
    secureHeaders({
      contentSecurityPolicy: { defaultSrc: ["'none'"], styleSrc: ["'self'"], imgSrc: ['data:'], formAction: ["'self'"], baseUri: ["'none'"], frameAncestors: ["'none'"] },
      strictTransportSecurity: false,
      // Without a referrer a browser does not say whose form it was, either.
      referrerPolicy: 'same-origin',
    }),
  );
  app.get('/.well-known/openid-configuration', (context) => context.json(metadata(originOf(context))));
  app.get('/jwks', (context) => context.json({ keys: [issuer.publicKey] }));
  app.get('/style.css', (context) => context.body(signInStyle, 200, { 'content-type': 'text/css; charset=utf-8' }));
  app.get('/authorize', (context) => authorize(context, context.req.query()));
  app.post('/authorize', async (context) => signIn(context, codes));
  app.post('/token', async (context) => token(context, codes, issuer));
  app.get('/end-session', (context) => {
    const target = context.req.query('post_logout_redirect_uri');
    if (target !== redirectUriOf(context)) return context.html(signInRefused('post_logout_redirect_uri is not the page of this local run.'), 400);
    return context.redirect(target, 303);
  });
  return app;
}

const metadata = (origin: string) => ({
  issuer: `${origin}${issuerPath}`,
  authorization_endpoint: `${origin}${issuerPath}/authorize`,
  token_endpoint: `${origin}${issuerPath}/token`,
  jwks_uri: `${origin}${issuerPath}/jwks`,
  end_session_endpoint: `${origin}${issuerPath}/end-session`,
  response_types_supported: ['code'],
  response_modes_supported: ['query'],
  grant_types_supported: ['authorization_code'],
  subject_types_supported: ['public'],
  id_token_signing_alg_values_supported: ['RS256'],
  token_endpoint_auth_methods_supported: ['none'],
  code_challenge_methods_supported: ['S256'],
  scopes_supported: scopes,
  authorization_response_iss_parameter_supported: true,
});

/** Shows the form, or says what is wrong: to the person when it is not certain where they came from, else to their page. */
function authorize(context: Context, query: Record<string, string>) {
  const refusal = refusalOf(context, query);
  if (refusal) return context.html(signInRefused(refusal), 400);
  const request = requestOf(query);
  if (typeof request === 'string') return back(context, query, { error: request });
  return context.html(signInPage(query));
}

/** Somebody pressed a button of the form. */
async function signIn(context: Context, codes: SignInCodes) {
  // Another origin's page can post a form here; a browser then says whose.
  if (context.req.header('origin') !== originOf(context)) return context.html(signInRefused('The form was sent from another page.'), 403);
  const form = Object.fromEntries([...(await context.req.formData())].flatMap(([name, value]) => (typeof value === 'string' ? [[name, value]] : []))) as Record<string, string>;
  const refusal = refusalOf(context, form);
  if (refusal) return context.html(signInRefused(refusal), 400);
  const request = requestOf(form);
  if (typeof request === 'string') return back(context, form, { error: request });
  if (form['cancel'] !== undefined) return back(context, form, { error: 'access_denied' });
  const account = accountId.safeParse(form['account']);
  if (!account.success) return context.html(signInRefused('An account is 1 to 128 of A-Z a-z 0-9 . _ : @ + -'), 400);
  return back(context, form, { code: codes.issue(request, { accountId: account.data, methods: form['method'] === 'otp' ? ['otp'] : [] }) });
}

/** Why nobody may be sent back to where the request says. */
function refusalOf(context: Context, { client_id, redirect_uri }: Record<string, string>): string | undefined {
  if (client_id !== clientId) return `client_id must be ${clientId}.`;
  return redirect_uri === redirectUriOf(context) ? undefined : 'redirect_uri is not the page of this local run.';
}

/** The request, or the error code of OAuth that it deserves. */
function requestOf(query: Record<string, string>): SignInRequest | string {
  if (query['response_type'] !== 'code') return 'unsupported_response_type';
  const { code_challenge: codeChallenge = '', code_challenge_method: method, scope = '' } = query;
  if (method !== 'S256' || !/^[\w-]{43}$/.test(codeChallenge)) return 'invalid_request';
  if (!scope.split(' ').includes('openid')) return 'invalid_scope';
  return { clientId, redirectUri: query['redirect_uri'] ?? '', codeChallenge, scope, nonce: query['nonce'] };
}

/** Back to the page, which `refusalOf` has found to be the own one. */
function back(context: Context, { state }: Record<string, string>, answer: Record<string, string>) {
  const query = new URLSearchParams({ ...answer, ...(state !== undefined && { state }), iss: `${originOf(context)}${issuerPath}` });
  return context.redirect(`${redirectUriOf(context)}?${query.toString()}`, 303);
}

/** Exchanges a code for tokens (RFC 6749, 4.1.3). */
async function token(context: Context, codes: SignInCodes, issuer: Issuer) {
  const noStore = { 'cache-control': 'no-store' };
  const form = new URLSearchParams(await context.req.text());
  const given = (name: string): string => form.get(name) ?? '';
  if (given('grant_type') !== 'authorization_code') return context.json({ error: 'unsupported_grant_type' }, 400, noStore);
  const granted = codes.redeem(given('code'), { clientId: given('client_id'), redirectUri: given('redirect_uri'), verifier: given('code_verifier') });
  if (!granted) return context.json({ error: 'invalid_grant' }, 400, noStore);
  const client = { issuer: `${originOf(context)}${issuerPath}`, clientId, nonce: granted.nonce };
  return context.json(
    {
      access_token: await issuer.token(granted.accountId, granted.methods),
      id_token: await issuer.idToken(granted.accountId, client),
      token_type: 'Bearer',
      expires_in: tokenSeconds,
      scope: scopes.join(' '),
    },
    200,
    noStore,
  );
}
