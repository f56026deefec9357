import { timeOf, times as timesOf, valueOf } from '../format.ts';
import { type ChartModel, latest } from './model.ts';

/** A chart in words, for those who do not see it. */
export function summaryOf(title: string, { lines, times, isStacked }: ChartModel): string {
  if (lines.every(({ values }) => values.every((value) => value === null))) return `${title}. No data in this time.`;
  const kind = isStacked ? 'Stacked areas' : 'Lines';
  const sentences = lines.map((line) => {
    const last = latest(line, times);
    if (!last) return `${line.label}: no data.`;
    const known = line.values.filter((value) => value !== null);
    return `${line.label}: ${valueOf(last.value, line.unit)} at ${timeOf(last.at)}, between ${valueOf(Math.min(...known), line.unit)} and ${valueOf(Math.max(...known), line.unit)}.`;
  });
  return `${title}. ${kind}, ${timesOf(times.length, 'point')} in time. ${sentences.join(' ')}`;
}
