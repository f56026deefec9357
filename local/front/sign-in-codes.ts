import { createHash, randomBytes } from 'node:crypto';

/** What a page asked for when it sent somebody to sign in (RFC 6749, 4.1.1; RFC 7636, 4.3). */
export interface SignInRequest {
  readonly clientId: string;
  readonly redirectUri: string;
  readonly codeChallenge: string;
  readonly scope: string;
  readonly nonce: string | undefined;
}

/** Who signed in, and by which methods (`amr`). */
export interface SignedIn {
  readonly accountId: string;
  readonly methods: readonly string[];
}

/** Codes that are exchanged for tokens, once. */
export interface SignInCodes {
  issue(request: SignInRequest, who: SignedIn): string;
  /**
   * Takes a code back; it is used up by any try.
   *
   * @returns nothing when the code, client, redirect URI or verifier is not the one that belongs to it
   */
  redeem(code: string, given: { clientId: string; redirectUri: string; verifier: string }): (SignedIn & SignInRequest) | undefined;
}

/** How long a code is good, in milliseconds. */
const lifetime = 60_000;

/** Keeps codes in memory: who signs in while the local run starts anew signs in once more. */
export function signInCodes(now: () => Date): SignInCodes {
  const open = new Map<string, { readonly granted: SignedIn & SignInRequest; readonly until: number }>();
  return {
    issue: (request, who) => {
      for (const [code, { until }] of open) if (until <= now().getTime()) open.delete(code);
      const code = randomBytes(24).toString('base64url');
      open.set(code, { granted: { ...request, ...who }, until: now().getTime() + lifetime });
      return code;
    },
    redeem: (code, { clientId, redirectUri, verifier }) => {
      const found = open.get(code);
      open.delete(code);
      if (!found || found.until <= now().getTime()) return undefined;
      const { granted } = found;
      const challenge = createHash('sha256').update(verifier).digest('base64url');
      const isOwn = granted.clientId === clientId && granted.redirectUri === redirectUri && granted.codeChallenge === challenge;
      return isOwn ? granted : undefined;
    },
  };
}
