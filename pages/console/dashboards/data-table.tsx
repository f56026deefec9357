import { timeOf, valueOf } from '../format.ts';
import type { ChartModel } from './model.ts';

/** The values of a chart as a table, newest first. */
export function DataTable({ title, model: { lines, times } }: { title: string; model: ChartModel }) {
  const newestFirst = times.map((at, index) => ({ at, index })).toReversed();
  return (
    <div class="data-table" role="region" aria-label={`${title}, as a table`} tabIndex={0}>
      <table>
        <thead>
          <tr>
            <th scope="col">Time</th>
            {lines.map(({ label }, line) => (
              <th key={`${label} ${line}`} scope="col">
                {label}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {newestFirst.map(({ at, index }) => (
            <tr key={at}>
              <th scope="row">{timeOf(at)}</th>
              {lines.map(({ label, unit, values }, line) => {
                const value = values[index] ?? null;
                return <td key={`${label} ${line}`}>{value === null ? '' : valueOf(value, unit)}</td>;
              })}
            </tr>
          ))}
        </tbody>
      </table>
      {times.length === 0 && <p class="faint small">No data in this time</p>}
    </div>
  );
}
