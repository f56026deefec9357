import * as oauth from 'oauth4webapi';

/** What the page must know of its deployment: `config.json` beside it. */
export interface Config {
  /** The company's OIDC issuer, as in its tokens' `iss`. */
  readonly issuer: string;
  readonly clientId: string;
  readonly scope: string;
}

/** Who is signed in. It lives in the tab's `sessionStorage`, and goes with the tab. */
export interface Session {
  readonly token: string;
  readonly account: string;
  /** When the token expires, in epoch milliseconds. */
  readonly until: number;
  /** Tells the issuer whose session ends at sign-out. */
  readonly idToken?: string | undefined;
}

/** Why a sign-in did not end well. */
export type SignInFailure = 'denied' | 'state' | 'unreachable' | 'refused';

export class SignInError extends Error {
  readonly failure: SignInFailure;

  constructor(failure: SignInFailure, cause?: unknown) {
    super(failure, { cause });
    this.failure = failure;
  }
}

/** Where the page is, and what it keeps there. */
export interface Place {
  readonly origin: string;
  readonly storage: Storage;
  /** Leaves for another page. */
  readonly leave: (url: string) => void;
  readonly now: () => number;
}

const sessionKey = 'loginward.session';
const requestKey = 'loginward.sign-in';
/** When an issuer does not say how long a token is good, in seconds. */
const assumedSeconds = 3600;

/** What was sent to the issuer, to be held against its answer. */
interface Request {
  readonly state: string;
  readonly nonce: string;
  readonly verifier: string;
}

/** The issuer may be plain HTTP on loopback alone, where the local run has its stand-in. */
const isLoopback = ({ protocol, hostname }: URL): boolean => protocol === 'http:' && ['127.0.0.1', 'localhost', '[::1]'].includes(hostname);

const optionsFor = ({ issuer }: Config) => ({ [oauth.allowInsecureRequests]: isLoopback(new URL(issuer)) });
const redirectUri = ({ origin }: Place): string => `${origin}/`;
const isOidc = ({ scope }: Config): boolean => scope.split(' ').includes('openid');

async function discover(config: Config): Promise<oauth.AuthorizationServer> {
  const issuer = new URL(config.issuer);
  return oauth.processDiscoveryResponse(issuer, await oauth.discoveryRequest(issuer, optionsFor(config)));
}

/** Leaves for the issuer's own page: code flow with PKCE (RFC 7636). @throws SignInError */
export async function beginSignIn(config: Config, place: Place): Promise<void> {
  const request: Request = { state: oauth.generateRandomState(), nonce: oauth.generateRandomNonce(), verifier: oauth.generateRandomCodeVerifier() };
  const { authorization_endpoint: endpoint } = await discover(config).catch((error: unknown) => {
    throw failureOf(error);
  });
  if (endpoint === undefined) throw new SignInError('refused');
  const url = new URL(endpoint);
  const query = {
    response_type: 'code',
    client_id: config.clientId,
    redirect_uri: redirectUri(place),
    scope: config.scope,
    state: request.state,
    code_challenge: await oauth.calculatePKCECodeChallenge(request.verifier),
    code_challenge_method: 'S256',
    ...(isOidc(config) && { nonce: request.nonce }),
  };
  for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
  place.storage.setItem(requestKey, JSON.stringify(request));
  place.leave(url.href);
}

/** Whether the address is an issuer's answer. */
export const isAnswer = ({ searchParams }: URL): boolean => searchParams.has('state') && (searchParams.has('code') || searchParams.has('error'));

/** Takes the issuer's answer, and keeps who signed in. @throws SignInError */
export async function finishSignIn(config: Config, answer: URL, place: Place): Promise<Session> {
  const kept = place.storage.getItem(requestKey);
  place.storage.removeItem(requestKey);
  if (kept === null) throw new SignInError('state');
  const { state, nonce, verifier } = JSON.parse(kept) as Request;
  if (answer.searchParams.get('state') !== state) throw new SignInError('state');
  const client: oauth.Client = { client_id: config.clientId };
  try {
    const server = await discover(config);
    const parameters = oauth.validateAuthResponse(server, client, answer, state);
    const response = await oauth.authorizationCodeGrantRequest(server, client, oauth.None(), parameters, redirectUri(place), verifier, optionsFor(config));
    const granted = await oauth.processAuthorizationCodeResponse(server, client, response, isOidc(config) ? { expectedNonce: nonce, requireIdToken: true } : {});
    const session = sessionOf(granted, place.now());
    place.storage.setItem(sessionKey, JSON.stringify(session));
    return session;
  } catch (error) {
    throw failureOf(error);
  }
}

function sessionOf(granted: oauth.TokenEndpointResponse, now: number): Session {
  const claims = oauth.getValidatedIdTokenClaims(granted);
  const name = ['preferred_username', 'nickname', 'name', 'email'].map((claim) => claims?.[claim]).find((value) => typeof value === 'string');
  return {
    token: granted.access_token,
    account: name ?? claims?.sub ?? '',
    until: now + (granted.expires_in ?? assumedSeconds) * 1000,
    idToken: granted.id_token,
  };
}

function failureOf(error: unknown): SignInError {
  if (error instanceof oauth.AuthorizationResponseError) return new SignInError(error.error === 'access_denied' ? 'denied' : 'refused', error);
  return new SignInError(error instanceof TypeError ? 'unreachable' : 'refused', error);
}

/** Who is signed in, unless the token has expired. */
export function keptSession({ storage, now }: Place): Session | undefined {
  const kept = storage.getItem(sessionKey);
  const session = kept === null ? undefined : (JSON.parse(kept) as Session);
  if (session && session.until > now()) return session;
  storage.removeItem(sessionKey);
  return undefined;
}

export const forgetSession = ({ storage }: Place): void => storage.removeItem(sessionKey);

/** Signs out here, and at the issuer when it has a way to (OpenID Connect RP-Initiated Logout). @returns whether the page is left for it */
export async function signOut(config: Config, session: Session, place: Place): Promise<boolean> {
  forgetSession(place);
  const server = await discover(config).catch(() => undefined);
  if (server?.end_session_endpoint === undefined) return false;
  const url = new URL(server.end_session_endpoint);
  url.searchParams.set('client_id', config.clientId);
  url.searchParams.set('post_logout_redirect_uri', redirectUri(place));
  if (session.idToken !== undefined) url.searchParams.set('id_token_hint', session.idToken);
  place.leave(url.href);
  return true;
}
