import { useMemo, useState } from 'preact/hooks';
import type { DrawnWidget } from '../../../local/cloudwatch/types.ts';
import { Sign } from '../header.tsx';
import { type LinkOf, Markdown } from '../markdown.tsx';
import { Chart } from './chart.tsx';
import { DataTable } from './data-table.tsx';
import { type ChartModel, modelOf, propertiesOf } from './model.ts';
import { Bars, SingleValues } from './values.tsx';

interface WidgetProps {
  readonly widget: DrawnWidget;
  /** The time that is shown, in epoch milliseconds. */
  readonly from: number;
  readonly to: number;
  readonly link: LinkOf;
}

/** A widget of a dashboard, where the dashboard puts it. */
export function Widget({ widget, from, to, link }: WidgetProps) {
  const { type, x, y, width, height } = widget;
  const place = { '--x': x, '--y': y, '--w': width, '--h': height };
  const size = width >= 12 ? 'wide' : width > 6 ? 'middle' : 'narrow';
  return (
    <div class={`widget ${type} ${size}`} style={place}>
      {type === 'metric' && <MetricWidget widget={widget} from={from} to={to} />}
      {type === 'text' && <Markdown text={propertiesOf(widget).markdown ?? ''} link={link} />}
      {type === 'alarm' && <AlarmWidget widget={widget} />}
      {type === 'log' && <p class="faint small">{titleOf(widget)}: a query of Logs Insights, which the local run does not have.</p>}
    </div>
  );
}

const titleOf = (widget: DrawnWidget): string => propertiesOf(widget).title ?? widget.type;

function MetricWidget({ widget, from, to }: Omit<WidgetProps, 'link'>) {
  const model = useMemo(() => modelOf(widget, from, to), [widget, from, to]);
  const [isTable, setIsTable] = useState(false);
  const title = titleOf(widget);
  const { view = 'timeSeries' } = propertiesOf(widget);
  const isChart = view === 'timeSeries';
  if (widget.series.length === 0 && widget.alarms.length > 0) return <AlarmWidget widget={widget} />;
  return (
    <>
      <div class="widget-head">
        <h3>
          {title}
          <Units model={model} />
        </h3>
        {isChart && (
          <button type="button" class="quiet small" aria-pressed={isTable} aria-label={`Show ${title} as table`} onClick={() => setIsTable(!isTable)}>
            {isTable ? 'Chart' : 'Table'}
          </button>
        )}
      </div>
      {isChart && (
        // The chart stays while the table is shown: what was drawn once is not made again.
        <div class="view" hidden={isTable}>
          <Chart title={title} model={model} />
        </div>
      )}
      {view === 'table' || (isChart && isTable) ? <DataTable title={title} model={model} /> : null}
      {view === 'singleValue' || view === 'gauge' ? <SingleValues model={model} /> : null}
      {view === 'bar' || view === 'pie' ? <Bars model={model} /> : null}
    </>
  );
}

/** What the axes count. */
function Units({ model: { axes, lines } }: { model: ChartModel }) {
  const right = lines.some(({ side }) => side === 'right') ? axes.right?.label : undefined;
  const labels = [axes.left?.label, right && `right: ${right}`].filter((label) => label !== undefined && label !== '');
  return labels.length > 0 ? <span class="units"> {labels.join('; ')}</span> : null;
}

/** The states of alarms. */
const AlarmWidget = ({ widget }: { widget: DrawnWidget }) => (
  <>
    <div class="widget-head">
      <h3>{titleOf(widget)}</h3>
    </div>
    <ul class="states">
      {widget.alarms.map(({ name, state, reason }) => (
        <li key={name} class={state === 'ALARM' ? 'bad' : state === 'OK' ? 'good' : 'unknown'} title={reason}>
          <Sign is={state === 'ALARM' ? 'bad' : state === 'OK' ? 'good' : 'unknown'} />
          {name.replace(/^loginward-[^-]+-/, '')}
          <span class="heard">: {state === 'ALARM' ? 'in alarm' : state === 'OK' ? 'OK' : 'no data'}</span>
        </li>
      ))}
    </ul>
  </>
);
