const days = 86_400_000;

/** How long a login stays in the history, and how far back one may be posted, in days. */
export const retentionDays = 90;
/** How far a login may lie ahead of the server's clock, in minutes. */
export const aheadMinutes = 5;

/** Whether a login of that moment is taken: from 90 days back to 5 minutes ahead. */
export function isWithinWindow(occurredAt: string, now: Date): boolean {
  const age = now.getTime() - Date.parse(occurredAt);
  return age <= retentionDays * days && age >= -aheadMinutes * 60_000;
}
