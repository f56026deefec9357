/**
 * Values that belong to one account and must never be seen by who looks after the chain. Each has a part that stands nowhere else, by which it is found however
 * it was quoted or encoded around it.
 */
export const canaries = {
  ipv4: { value: '8.8.77.91', mark: '8.8.77.91' },
  ipv6: { value: '2607:f8b0:4005:80a::2e7b', mark: '2607:f8b0:4005:80a' },
  email: { value: 'canary-mail@players.example', mark: 'canary-mail' },
  phone: { value: '+821055512377', mark: '821055512377' },
  deviceId: { value: 'canary-device-7f3a', mark: 'canary-device' },
  userAgent: { value: 'CanaryAgent/9.1 (their own machine)', mark: 'CanaryAgent' },
  sessionId: { value: 'canary-session-51c9', mark: 'canary-session' },
  accountId: { value: 'canary.account@mail.example', mark: 'canary.account' },
  secret: { value: `whsec_${Buffer.from('canary-secret-of-an-endpoint').toString('base64')}`, mark: Buffer.from('canary-secret-of-an-').toString('base64').slice(0, 24) },
  freeText: { value: 'canary text, freely written', mark: 'canary text' },
} as const;

/** What only the run itself makes: one-time codes, tokens, links. */
export type Marks = Map<string, string>;

/** What was found of which, and around it. */
export interface Find {
  readonly canary: string;
  readonly where: string;
  readonly text: string;
}

/** Looks for each mark in a text, as it is, as a URL has it, and in base64. */
export function findsIn(where: string, text: string, made: Marks): Find[] {
  const marks = [...Object.entries(canaries).map(([name, { mark }]) => [name, mark] as const), ...made];
  return marks.flatMap(([canary, mark]) =>
    [mark, encodeURIComponent(mark), ...inBase64(mark)].flatMap((form) => {
      const at = text.indexOf(form);
      return at === -1 ? [] : [{ canary, where, text: text.slice(Math.max(0, at - 80), at + form.length + 20) }];
    }),
  );
}

/** The middle of a text's base64, for each of the three places at which it may begin. */
const inBase64 = (text: string): string[] =>
  [0, 1, 2].flatMap((shift) => {
    const encoded = Buffer.from(`${'x'.repeat(shift)}${text}`).toString('base64').replace(/=+$/, '');
    const middle = encoded.slice(shift === 0 ? 0 : 4, -2);
    return middle.length >= 8 ? [middle] : [];
  });
