import { useEffect, useRef, useState } from 'preact/hooks';
import type { Flow } from '../../../local/console/types.ts';
import { count } from '../format.ts';

/** How long the line moves after something passed, in milliseconds: a little longer than until the next look. */
const movingMilliseconds = 3000;

/** The line between two columns of the chain, with the events on it. It moves while something passes. */
export function Hop({ flows }: { flows: readonly Flow[] }) {
  const isMoving = useMoving(flows.reduce((sum, flow) => sum + flow.count, 0));
  return (
    <div class={isMoving ? 'hop moving' : 'hop'}>
      {flows.map((flow) => (
        <p key={flow.event} class="event">
          <span class="number">{count(flow.count)}</span> <code>{breakable(flow.event)}</code>
        </p>
      ))}
      <span class="line" aria-hidden="true" />
    </div>
  );
}

/** Whether a number has just grown. */
function useMoving(total: number): boolean {
  const before = useRef(total);
  const [isMoving, setMoving] = useState(false);
  useEffect(() => {
    const hasGrown = total > before.current;
    before.current = total;
    if (!hasGrown) return undefined;
    setMoving(true);
    const timer = setTimeout(() => setMoving(false), movingMilliseconds);
    return () => clearTimeout(timer);
  }, [total]);
  return isMoving;
}

/** A name that may be broken behind its dots and underscores. */
const breakable = (name: string) =>
  name.split(/(?<=[._-])/).map((part, index) => (
    <>
      {index > 0 && <wbr />}
      {part}
    </>
  ));
