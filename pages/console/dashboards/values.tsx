import { valueOf } from '../format.ts';
import { seriesColour, useScheme } from './colours.ts';
import { type ChartModel, latest } from './model.ts';

/** The latest value of each line, as large numbers. */
export function SingleValues({ model: { lines, times } }: { model: ChartModel }) {
  useScheme();
  return (
    <dl class="single-values">
      {lines.map((line, index) => {
        const last = latest(line, times);
        return (
          <div key={`${line.label} ${index}`}>
            <dt>
              <span class="key" style={{ backgroundColor: seriesColour(line.colour, index) }} /> {line.label}
            </dt>
            <dd class={last ? undefined : 'faint'}>{last ? valueOf(last.value, line.unit) : '–'}</dd>
          </div>
        );
      })}
    </dl>
  );
}

/** The latest value of each line, as bars of one measure. */
export function Bars({ model: { lines, times } }: { model: ChartModel }) {
  useScheme();
  const values = lines.map((line) => latest(line, times)?.value ?? 0);
  const highest = Math.max(...values, Number.MIN_VALUE);
  return (
    <dl class="bars">
      {lines.map((line, index) => (
        <div key={`${line.label} ${index}`}>
          <dt>{line.label}</dt>
          <dd>
            <span class="bar" style={{ width: `${(75 * (values[index] ?? 0)) / highest}%`, backgroundColor: seriesColour(line.colour, index) }} />
            {valueOf(values[index] ?? 0, line.unit)}
          </dd>
        </div>
      ))}
    </dl>
  );
}
