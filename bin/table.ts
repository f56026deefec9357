/** A table for people: columns that stand below each other, two spaces apart. Columns whose cells are all numbers end at the right. */
export function tableOf(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)));
  const isNumber = head.map((_, column) => rows.length > 0 && rows.every((row) => /^[\d.,$]+$/.test(row[column] ?? '')));
  const line = (cells: readonly string[]): string =>
    head.map((_, column) => (isNumber[column] ? (cells[column] ?? '').padStart(widths[column] ?? 0) : (cells[column] ?? '').padEnd(widths[column] ?? 0))).join('  ').trimEnd();
  return [line(head), ...rows.map(line)];
}

/** A time span for people: `40 s`, `12 min`, `5 h`, `3 days`. */
export function spanOf(milliseconds: number): string {
  const seconds = Math.max(0, milliseconds / 1000);
  if (seconds < 90) return `${Math.round(seconds)} s`;
  if (seconds < 90 * 60) return `${Math.round(seconds / 60)} min`;
  if (seconds < 48 * 3600) return `${Math.round(seconds / 3600)} h`;
  return `${Math.round(seconds / 86_400)} days`;
}
