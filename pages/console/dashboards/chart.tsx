import { useEffect, useRef, useState } from 'preact/hooks';
import { timeOf, valueOf } from '../format.ts';
import { seriesColour, useScheme } from './colours.ts';
import { type ChartModel, latest } from './model.ts';
import { openPlot, type Plot, type Pointed } from './plot.ts';
import { summaryOf } from './summary.ts';

/** Lines or stacked areas over time, with a legend of the latest values, and all values of one moment under the pointer or by the arrow keys. */
export function Chart({ title, model }: { title: string; model: ChartModel }) {
  const host = useRef<HTMLDivElement>(null);
  const plot = useRef<Plot | undefined>(undefined);
  const [pointed, setPointed] = useState<Pointed>();
  useScheme();
  useEffect(() => {
    if (!host.current) return undefined;
    plot.current = openPlot(host.current, model, setPointed);
    return () => plot.current?.close();
  }, []);
  useEffect(() => plot.current?.show(model), [model]);

  const keys = (event: KeyboardEvent): void => {
    const by = { ArrowLeft: -1, ArrowRight: 1, Escape: undefined }[event.key];
    if (by === undefined && event.key !== 'Escape') return;
    event.preventDefault();
    plot.current?.step(by);
  };
  const isEmpty = model.times.length === 0;
  return (
    <div class="chart">
      <div class="drawing">
        <div ref={host} class="plot" role="img" aria-label={summaryOf(title, model)} tabIndex={0} onKeyDown={keys} onBlur={() => plot.current?.step(undefined)} />
        {isEmpty && <p class="faint small no-data">No data in this time</p>}
        {pointed && <Tooltip model={model} pointed={pointed} />}
      </div>
      <Legend model={model} />
    </div>
  );
}

function Tooltip({ model: { lines, times }, pointed: { index, left, width } }: { model: ChartModel; pointed: Pointed }) {
  const at = times[index];
  if (at === undefined) return null;
  return (
    <div class={left > width / 2 ? 'tooltip to-left' : 'tooltip'} style={{ left: `${left}px` }} aria-hidden="true">
      <p class="faint">{timeOf(at)}</p>
      {lines.map(({ label, colour, unit, values }, line) => {
        const value = values[index] ?? null;
        return (
          value !== null && (
            <p key={label}>
              <Key colour={seriesColour(colour, line)} /> {label} <strong>{valueOf(value, unit)}</strong>
            </p>
          )
        );
      })}
    </div>
  );
}

/** What the lines are, with their latest values. The picture's own words say the same to a screen reader. */
function Legend({ model: { lines, times } }: { model: ChartModel }) {
  return (
    <ul class="legend" aria-hidden="true">
      {lines.map((line, index) => {
        const last = latest(line, times);
        return (
          <li key={`${line.label} ${index}`}>
            <Key colour={seriesColour(line.colour, index)} /> {line.label} {last && <strong>{valueOf(last.value, line.unit)}</strong>}
          </li>
        );
      })}
    </ul>
  );
}

const Key = ({ colour }: { colour: string }) => <span class="key" style={{ backgroundColor: colour }} />;
