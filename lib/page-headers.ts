/** What the pages may load, and from where; CloudFront and the local run send the same. */
export interface PageSources {
  /** Origins that scripts may call, beside the page's own: the company's OIDC issuer. */
  readonly connect?: readonly string[];
}

/**
 * The content security policy of the pages: script, style and calls of their own origin, and nothing else. Nothing is inline, nothing may frame them, and
 * no text becomes markup (trusted types), so that what a thief chose as the name of a device stays text.
 */
export function contentSecurityPolicy({ connect = [] }: PageSources = {}): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    ["connect-src 'self'", ...connect].join(' '),
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join('; ');
}

/** Features of browsers that no page uses, and that no script in one may ask for. */
export const permissionsPolicy = 'camera=(), geolocation=(), microphone=(), payment=(), usb=()';

/** Sends nobody the address of the page that a player came from. */
export const referrerPolicy = 'no-referrer';

/** Keeps the page's window from whoever opened it. */
export const crossOriginOpenerPolicy = 'same-origin';

/** Headers of every file of a page, but for HSTS, which has no meaning on loopback. */
export const pageHeaders = (sources?: PageSources): Readonly<Record<string, string>> => ({
  'content-security-policy': contentSecurityPolicy(sources),
  'x-content-type-options': 'nosniff',
  'referrer-policy': referrerPolicy,
  'permissions-policy': permissionsPolicy,
  'cross-origin-opener-policy': crossOriginOpenerPolicy,
  'x-frame-options': 'DENY',
});
