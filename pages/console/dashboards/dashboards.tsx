import type { DrawnWidget } from '../../../local/cloudwatch/types.ts';
import type { ConsoleDashboard } from '../../../local/console/types.ts';
import { Section } from '../live/section.tsx';
import type { LinkOf } from '../markdown.tsx';
import { usePolled } from '../polled.ts';
import { ranges, type View } from '../view.ts';
import { Widget } from './widget.tsx';

/** How often values are read, in milliseconds; they are of a minute each, and a day has more of them. */
const everyMilliseconds = (minutes: number): number => (minutes <= 180 ? 5000 : 30_000);
const listEveryMilliseconds = 60_000;
const minuteMilliseconds = 60_000;

interface DashboardsProps {
  readonly view: View;
  readonly change: (part: Partial<View>) => void;
}

/** The dashboards of the templates, drawn from what the functions wrote. */
export function Dashboards({ view, change }: DashboardsProps) {
  const names = usePolled<{ items: readonly string[] }>('/local/console/dashboards', listEveryMilliseconds).data?.items ?? [];
  const name = names.find((each) => each === view.dashboard) ?? names[0];
  const { data: drawn } = usePolled<ConsoleDashboard>(name && `/local/console/dashboards/${encodeURIComponent(name)}?minutes=${view.minutes}`, everyMilliseconds(view.minutes));
  const choose = (dashboard: string): void => change({ dashboard });
  return (
    <Section id="dashboards" title="Dashboards" aside={<Chooser names={names} name={name} choose={choose} />}>
      {drawn ? <Drawn key={drawn.name} drawn={drawn} minutes={view.minutes} link={linkOf(names, choose)} /> : <div class="skeleton loading" />}
    </Section>
  );
}

function Chooser({ names, name, choose }: { names: readonly string[]; name: string | undefined; choose: (name: string) => void }) {
  return (
    <label class="chooser">
      <span class="faint small">Dashboard</span>
      <select value={name ?? ''} onChange={(event) => choose(event.currentTarget.value)}>
        {names.map((each) => (
          <option key={each} value={each}>
            {each.replace(/^loginward-[^-]+-/, '')}
          </option>
        ))}
      </select>
    </label>
  );
}

function Drawn({ drawn, minutes, link }: { drawn: ConsoleDashboard; minutes: number; link: LinkOf }) {
  const from = drawn.at - minutes * minuteMilliseconds;
  const words = ranges.find((range) => range.minutes === minutes)?.words;
  return (
    <div class="grid" role="group" aria-label={`${drawn.name}, ${words}`}>
      {inReadingOrder(drawn.widgets).map((widget, index) => (
        <Widget key={index} widget={widget} from={from} to={drawn.at} link={link} />
      ))}
    </div>
  );
}

/** From top to bottom, and in each row from left to right: as one reads, and as one goes by keys. */
const inReadingOrder = (widgets: readonly DrawnWidget[]): DrawnWidget[] => widgets.toSorted((a, b) => a.y - b.y || a.x - b.x);

/** A link to another dashboard leads there; pages of AWS show another deployment than this run, so they are only named. */
const linkOf =
  (names: readonly string[], choose: (name: string) => void): LinkOf =>
  (text, address) => {
    const name = names.find((each) => address.endsWith(`dashboard/${each}`) || address.endsWith(`dashboards:name=${each}`));
    if (name !== undefined) {
      return (
        <button type="button" class="link" onClick={() => choose(name)}>
          {text}
        </button>
      );
    }
    if (!/^https?:/.test(address) || address.startsWith('https://console.aws.amazon.com/')) return <span class="faint">{text}</span>;
    return <a href={address}>{text}</a>;
  };
