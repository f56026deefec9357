import { shiftClock, shiftIn } from './shifted-clock.ts';

/** Shifts the clock of a process that imports this first: `?own=MILLISECONDS&file=FILE`. */
const { searchParams } = new URL(import.meta.url);
const own = Number(searchParams.get('own'));
const file = searchParams.get('file');
const more = file === null ? () => 0 : shiftIn(file);
shiftClock(() => own + more());
