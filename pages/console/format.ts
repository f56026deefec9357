const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
const short = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 });
const exact = new Intl.NumberFormat('en', { maximumFractionDigits: 3 });
const clock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' });
const clockWithSeconds = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' });
const day = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short' });

/** 12,345 */
export const count = (value: number): string => whole.format(value);

/** The same where there is little room: 123.4K. */
export const shortCount = (value: number): string => (value < 100_000 ? whole : short).format(value);

/** 18:05 */
export const timeOf = (at: number): string => clock.format(at);

/** 18:05:09, and before it the day when that is another one; where there is little room, the day stands above the time. */
export const momentOf = (at: number, now: number): string => {
  const time = clockWithSeconds.format(at);
  const on = day.format(at);
  return on === day.format(now) ? time : `${on.replace(' ', '\u{a0}')}, ${time}`;
};

/** A value with its unit, as one reads it: 1,204; 1.5 s; 38 ms. */
export const valueOf = (value: number, unit?: string): string => withUnit(exact.format(Math.abs(value) >= 100 ? Math.round(value) : Number(value.toPrecision(3))), unit);

/** The same in few letters, for an axis. */
export const shortValueOf = (value: number, unit?: string): string => withUnit(short.format(value), unit);

const signs: Readonly<Record<string, string>> = { Seconds: '\u{202f}s', Milliseconds: '\u{202f}ms', Percent: '\u{202f}%', Bytes: '\u{202f}B' };
const withUnit = (text: string, unit: string | undefined): string => `${text}${signs[unit ?? ''] ?? ''}`;

/** 8 s, 5 min, 3 h, 2 days */
export function durationOf(seconds: number): string {
  if (seconds < 10) return `${Number(seconds.toPrecision(2))}\u{202f}s`;
  if (seconds < 120) return `${Math.round(seconds)}\u{202f}s`;
  if (seconds < 7200) return `${Math.round(seconds / 60)}\u{202f}min`;
  if (seconds < 172_800) return `${Math.round(seconds / 3600)}\u{202f}h`;
  return `${Math.round(seconds / 86_400)} days`;
}

/** How many of something, with the word in its number. */
export const times = (number: number, one: string, many = `${one}s`): string => `${count(number)} ${number === 1 ? one : many}`;
