import { z } from 'zod';

/** Severities from which on an advisory counts. */
const counted = ['moderate', 'high', 'critical'];

const report = z.object({
  vulnerabilities: z.record(z.string(), z.object({ via: z.array(z.union([z.string(), z.object({ url: z.string(), title: z.string(), severity: z.string(), name: z.string(), range: z.string() })])) })),
});

/** `audit-exceptions.json`: advisories that are known, why they do no harm here, and until when that is believed. */
export const exceptions = z.array(
  z.strictObject({
    advisory: z.string().regex(/^GHSA(-[0-9a-z]{4}){3}$/),
    reason: z.string().min(20),
    until: z.iso.date(),
  }),
);

/** How an audit ended: its exit code, and what to tell. */
export interface Verdict {
  readonly code: 0 | 1 | 2;
  readonly lines: readonly string[];
}

/**
 * Judges what `npm audit --json` printed. An answer without a list of vulnerabilities is no clean audit: the registry has no advisories to ask for, or could not be reached.
 *
 * @param printed npm's standard output
 * @param today the day on which exceptions count, such as 2026-11-21
 * @returns 0 when nothing is left, 1 when advisories are, 2 when there was no answer
 */
export function judged(printed: string, known: z.infer<typeof exceptions>, today: string): Verdict {
  const answer = report.safeParse(asJson(printed));
  if (!answer.success) return { code: 2, lines: ['The registry gave no advisories, so nothing was audited. Does it have the endpoint /-/npm/v1/security/advisories/bulk?'] };
  const advisories = Object.values(answer.data.vulnerabilities)
    .flatMap(({ via }) => via)
    .filter((each) => typeof each !== 'string')
    .filter(({ severity }) => counted.includes(severity));
  const unique = [...new Map(advisories.map((each) => [each.url, each])).values()];
  const exceptionOf = (url: string) => known.find(({ advisory }) => url.endsWith(`/${advisory}`));
  const lines = unique.map(({ url, title, severity, name, range }) => {
    const exception = exceptionOf(url);
    const state = exception === undefined ? '' : exception.until < today ? ` (its exception ended on ${exception.until})` : ` (until ${exception.until}: ${exception.reason})`;
    return `${severity} ${name} ${range}: ${title} ${url}${state}`;
  });
  const unused = known.filter(({ advisory }) => !unique.some(({ url }) => url.endsWith(`/${advisory}`))).map(({ advisory }) => `${advisory} is in audit-exceptions.json and no longer found: take it out.`);
  const isLeft = ({ url }: { url: string }) => (exceptionOf(url)?.until ?? '') < today;
  return { code: unique.some(isLeft) ? 1 : 0, lines: [...lines, ...unused] };
}

function asJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
