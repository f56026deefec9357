import { useEffect, useRef, useState } from 'preact/hooks';
import type { AlarmState } from '../../../local/cloudwatch/types.ts';
import type { ConsoleAlarm } from '../../../local/console/types.ts';

/** Tells a screen reader of alarms that fire and clear, and of nothing else: counts change all the time. */
export function AlarmChanges({ alarms }: { alarms: readonly ConsoleAlarm[] }) {
  const before = useRef<ReadonlyMap<string, AlarmState> | undefined>(undefined);
  const [message, setMessage] = useState('');
  useEffect(() => {
    const known = before.current;
    before.current = new Map(alarms.map(({ name, state }) => [name, state]));
    // What was so when the page was opened is no change.
    if (!known) return;
    const changes = alarms.flatMap(({ name, state, errorImpact }) => {
      const wasFiring = known.get(name) === 'ALARM';
      if (state === 'ALARM' && !wasFiring) return [`Alarm ${name}: ${errorImpact}`];
      return state !== 'ALARM' && wasFiring ? [`Alarm ${name} is over.`] : [];
    });
    if (changes.length > 0) setMessage(changes.join(' '));
  }, [alarms]);
  return (
    <p class="heard" role="status" id="alarm-changes">
      {message}
    </p>
  );
}
