import { readFileSync } from 'node:fs';

const RealDate = Date;
/** How often the file is read again, in milliseconds. */
const freshMilliseconds = 5;

/**
 * Shifts the clock of this process, `Date`, from now on; timers and `performance` go on evenly, as those of a machine do whose clock is set.
 *
 * @param shift how far, in milliseconds
 * @returns how to end it
 */
export function shiftClock(shift: () => number): () => void {
  const now = (): number => RealDate.now() + shift();
  globalThis.Date = new Proxy(RealDate, {
    construct: (target, values, newTarget) => Reflect.construct(target, values.length === 0 ? [now()] : values, newTarget) as Date,
    apply: () => new RealDate(now()).toString(),
    get: (target, name, receiver) => (name === 'now' ? now : (Reflect.get(target, name, receiver) as unknown)),
  });
  return () => {
    globalThis.Date = RealDate;
  };
}

/** What a file says, in milliseconds, looked up now and then. */
export function shiftIn(file: string): () => number {
  let shift = 0;
  let readAt = Number.NEGATIVE_INFINITY;
  return () => {
    if (performance.now() - readAt > freshMilliseconds) {
      readAt = performance.now();
      shift = Number(readFileSync(file, 'utf8')) || shift;
    }
    return shift;
  };
}

/**
 * Arguments of Node for a process whose clock is shifted: by `own` milliseconds, and by what a file says while it runs.
 *
 * @param file its name must need no escape in a URL
 */
export function clockArguments(own: number, file?: string): string[] {
  return ['--import', `${new URL('clock-of-process.ts', import.meta.url).href}?own=${own}${file === undefined ? '' : `&file=${file}`}`];
}
