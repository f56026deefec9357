/** Whether an error, or what is told of one, says that a disk is full: in the words of Node, of SQLite, and of those that name the cause. */
export const isDiskFull = (error: unknown): boolean => /ENOSPC|EDQUOT|no space left on device|database or disk is full/i.test(String(error));

/** How often it is told of a full disk, in milliseconds. */
const everyMilliseconds = 10_000;

/**
 * Tells of a full disk now and then, and what to do, in place of all that fails by it.
 *
 * @param data the folder of the state
 * @param now milliseconds of a clock that never jumps
 */
export function tellingOfFullDisk(report: (what: string) => void, data: string, now: () => number): (what: string) => void {
  let toldAt = Number.NEGATIVE_INFINITY;
  return (what) => {
    if (!isDiskFull(what)) report(what);
    else if (now() - toldAt >= everyMilliseconds) {
      toldAt = now();
      report(`The disk of ${data} is full: logins are answered by 503, and those that were answered by 202 wait. Make space on it, and it goes on by itself.`);
    }
  };
}
