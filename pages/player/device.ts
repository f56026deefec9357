/** Systems by what a user agent says of them; the first that fits. */
const systems: readonly (readonly [RegExp, string])[] = [
  [/iPhone/, 'iPhone'],
  [/iPad/, 'iPad'],
  [/Android/, 'Android'],
  [/Windows/, 'Windows'],
  [/Mac OS|Macintosh/, 'macOS'],
  [/PlayStation/, 'PlayStation'],
  [/Xbox/, 'Xbox'],
  [/Nintendo/, 'Nintendo'],
  [/Linux/, 'Linux'],
];
const programs: readonly (readonly [RegExp, string])[] = [
  [/Edg\//, 'Edge'],
  [/OPR\//, 'Opera'],
  [/SamsungBrowser/, 'Samsung Internet'],
  [/Firefox\//, 'Firefox'],
  [/Chrome\//, 'Chrome'],
  [/Safari\//, 'Safari'],
];

const first = (list: typeof systems, userAgent: string): string | undefined => list.find(([pattern]) => pattern.test(userAgent))?.[1];

/** A user agent in two words, such as `Chrome · Windows`; as it is when it says nothing that is known. The whole of it stands in the details. */
export function deviceName(userAgent: string): string {
  // A program of the game's own names itself first.
  const own = /^(?!Mozilla)([^/(]{1,40})/.exec(userAgent)?.[1]?.trim();
  const parts = [first(programs, userAgent) ?? own, first(systems, userAgent)].filter((part) => part !== undefined && part !== '');
  return parts.length > 0 ? [...new Set(parts)].join(' · ') : userAgent.slice(0, 60);
}
