import UPlot from 'uplot';
import { shortValueOf, timeOf } from '../format.ts';
import { faded, onScheme, seriesColour, themeColour } from './colours.ts';
import { type ChartLine, type ChartModel, type Side, stackedValues } from './model.ts';

/** Where the pointer or the keys are on a chart. */
export interface Pointed {
  readonly index: number;
  /** From the left edge of the chart, and how wide it is, in pixels. */
  readonly left: number;
  readonly width: number;
}

/** A chart on the page. It is made once and then only shown new data, so that nothing flickers. */
export interface Plot {
  show(model: ChartModel): void;
  /** Moves the cursor by so many points in time; nothing for none takes it away. */
  step(by: number | undefined): void;
  close(): void;
}

const font = '12px system-ui, sans-serif';
/** What the lines of an axis may be apart: 1, 2 or 5 times a power of ten. */
const steps = Array.from({ length: 16 }, (_, power) => [1, 2, 5].map((step) => Number(`${step}e${power - 4}`))).flat();
const wholeSteps = steps.filter((step) => step >= 1);

export function openPlot(host: HTMLElement, first: ChartModel, pointed: (at: Pointed | undefined) => void): Plot {
  let model = first;
  let signature = '';
  let isPointedAt = false;
  const plot: UPlot = new UPlot(optionsOf(host, () => model, cursorMoved), [[]], host);

  function cursorMoved({ cursor, over }: UPlot): void {
    const { idx, left = -1 } = cursor;
    pointed(isPointedAt && left >= 0 && idx !== null && idx !== undefined ? { index: idx, left: over.offsetLeft + left, width: host.clientWidth } : undefined);
  }

  const show = (next: ChartModel): void => {
    model = next;
    const nextSignature = JSON.stringify([next.isStacked, next.lines.map((line) => [line.label, line.side, line.colour, isThere(line)])]);
    if (nextSignature !== signature) replaceLines(plot, () => model);
    signature = nextSignature;
    const values = next.isStacked ? stackedValues(next.lines) : next.lines.map((line) => [...line.values]);
    plot.setData([next.times.map((at) => at / 1000), ...values] as UPlot.AlignedData);
  };

  const resized = new ResizeObserver(() => {
    if (host.clientWidth > 0 && host.clientHeight > 0) plot.setSize({ width: host.clientWidth, height: host.clientHeight });
  });
  resized.observe(host);
  const noScheme = onScheme(() => plot.redraw(false));
  const enter = (): void => {
    isPointedAt = true;
  };
  const leave = (): void => {
    isPointedAt = false;
    pointed(undefined);
  };
  plot.over.addEventListener('pointerenter', enter);
  plot.over.addEventListener('pointerleave', leave);
  show(first);

  return {
    show,
    step: (by) => {
      if (by === undefined) {
        leave();
        plot.setCursor({ left: -10, top: -10 });
        return;
      }
      enter();
      const last = model.times.length - 1;
      const index = Math.max(0, Math.min(last, (plot.cursor.left ?? -1) < 0 ? last : (plot.cursor.idx ?? last) + by));
      plot.setCursor({ left: plot.valToPos((model.times[index] ?? 0) / 1000, 'x'), top: plot.over.clientHeight / 2 });
    },
    close: () => {
      resized.disconnect();
      noScheme();
      plot.destroy();
    },
  };
}

function optionsOf(host: HTMLElement, model: () => ChartModel, cursorMoved: (plot: UPlot) => void): UPlot.Options {
  const yAxis = (side: Side): UPlot.Axis => ({
    scale: side,
    side: side === 'left' ? 3 : 1,
    stroke: () => themeColour('--faint'),
    grid: { show: side === 'left', stroke: () => themeColour('--line'), width: 1 },
    ticks: { show: false },
    font,
    gap: 4,
    size: 44,
    incrs: () => (linesOn(side).every(({ values }) => values.every((value) => value === null || Number.isInteger(value))) ? wholeSteps : steps),
    values: (_, splits) => splits.map((value) => shortValueOf(value, linesOn(side)[0]?.unit)),
  });
  const linesOn = (side: Side): ChartLine[] => model().lines.filter((line) => line.side === side);
  return {
    width: Math.max(1, host.clientWidth),
    height: Math.max(1, host.clientHeight),
    padding: [8, 8, 0, 4],
    legend: { show: false },
    cursor: { drag: { x: false, y: false }, y: false, sync: { key: 'loginward' }, points: { size: 7 } },
    scales: {
      x: { time: true, range: () => [model().from / 1000, model().to / 1000] },
      left: { auto: true, range: (_, low, high) => rangeOf(model(), 'left', low, high) },
      right: { auto: true, range: (_, low, high) => (linesOn('right').length === 0 ? [null, null] : rangeOf(model(), 'right', low, high)) },
    },
    axes: [
      {
        stroke: () => themeColour('--faint'),
        grid: { show: false },
        ticks: { stroke: () => themeColour('--line'), size: 5, width: 1 },
        font,
        size: 28,
        gap: 3,
        space: 56,
        values: (_, splits) => splits.map((at) => timeOf(at * 1000)),
      },
      yAxis('left'),
      yAxis('right'),
    ],
    series: [{}],
    hooks: { setCursor: [cursorMoved], draw: [(plot) => drawMarks(plot, model())] },
  };
}

/** From 0, or below where there is something, with some room above; all marks are seen. */
function rangeOf({ axes, marks }: ChartModel, side: Side, low: number | null, high: number | null): UPlot.Range.MinMax {
  const { min, max } = axes[side] ?? {};
  const marked = marks.filter(({ yAxis = 'left' }) => yAxis === side).map(({ value }) => value);
  const bottom = min ?? Math.min(0, low ?? 0, ...marked);
  const top = max ?? Math.max(high ?? 0, ...marked) * 1.1;
  return [bottom, top > bottom ? top : bottom + 1];
}

/** Puts the lines of a model in the place of those that are there, on the same canvas. */
function replaceLines(plot: UPlot, model: () => ChartModel): void {
  while (plot.series.length > 1) plot.delSeries(1);
  plot.delBand(null);
  const { lines, isStacked } = model();
  lines.forEach((line, index) => {
    const { label, side, colour: given } = line;
    const colour = (): string => seriesColour(given, index);
    plot.addSeries(
      {
        label,
        scale: side,
        stroke: colour,
        width: isStacked ? 1 : 2,
        ...(isStacked && { fill: () => faded(colour(), 0.35) }),
        points: { show: () => false, size: 5, stroke: colour, fill: colour, filter: (_, seriesIndex) => alone(plot.data[seriesIndex] ?? []) },
      },
      index + 1,
    );
    const below = lines.findLastIndex((other, at) => at < index && other.side === side && isThere(other));
    if (isStacked && below >= 0 && isThere(line)) plot.addBand({ series: [index + 1, below + 1] });
  });
}

/** Whether there is anything to draw of a line. */
const isThere = ({ values }: ChartLine): boolean => values.some((value) => value !== null);

/** Values without a neighbour, which no line goes through. */
function alone(values: ArrayLike<number | null | undefined>): number[] {
  const has = (index: number): boolean => values[index] !== null && values[index] !== undefined;
  return Array.from({ length: values.length }, (_, index) => index).filter((index) => has(index) && !has(index - 1) && !has(index + 1));
}

/** Lines at values that mean something, with their names. */
function drawMarks({ ctx, bbox, valToPos }: UPlot, { marks }: ChartModel): void {
  const ratio = devicePixelRatio;
  for (const { value, label, color, yAxis = 'left' } of marks) {
    const y = Math.round(valToPos(value, yAxis, true));
    ctx.save();
    ctx.strokeStyle = seriesColour(color, 1);
    ctx.fillStyle = ctx.strokeStyle;
    ctx.lineWidth = ratio;
    ctx.setLineDash([4 * ratio, 4 * ratio]);
    ctx.beginPath();
    ctx.moveTo(bbox.left, y);
    ctx.lineTo(bbox.left + bbox.width, y);
    ctx.stroke();
    if (label !== undefined) {
      ctx.font = `${11 * ratio}px system-ui, sans-serif`;
      ctx.textAlign = 'right';
      ctx.textBaseline = y - bbox.top > 16 * ratio ? 'bottom' : 'top';
      ctx.fillText(label, bbox.left + bbox.width - 4 * ratio, y);
    }
    ctx.restore();
  }
}
