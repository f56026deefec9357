import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { Standing } from '../../lambdas/contracts/standing.ts';
import type { Locale } from '../shared/locale.ts';
import { isTrouble, type PlayerApi } from './api.ts';
import type { Words } from './words/words.ts';

/** What every part of the signed-in page may use. */
export interface Page {
  readonly locale: Locale;
  readonly words: Words;
  readonly api: PlayerApi;
  /** The account's standing; nothing until it is known. */
  readonly standing: Standing | undefined;
  /** Looks at the standing until it is this one, for some seconds: what was asked for takes its way through the services. */
  readonly awaitStanding: (state: Standing['state']) => Promise<void>;
  /** Tells those who hear the page. */
  readonly announce: (text: string) => void;
  /** Asks for a code. @returns whether the player answered it */
  readonly prove: () => Promise<boolean>;
}

export const PageContext = createContext<Page | undefined>(undefined);

export function usePage(): Page {
  const page = useContext(PageContext);
  if (!page) throw new Error('A part of the page stands outside of it.');
  return page;
}

export const delay = (milliseconds: number): Promise<void> => new Promise((done) => setTimeout(done, milliseconds));

/** A proof reaches the service that wants it within about a second; so often it is asked again. */
const tries = 20;

/**
 * Does what may need proof beyond the password: asks for a code when it does, and does it again.
 *
 * @returns nothing when the player did not answer
 */
export async function withProof<T>(work: () => Promise<T>, prove: Page['prove']): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    if (!isTrouble(error, 'step-up-required')) throw error;
  }
  if (!(await prove())) return undefined;
  for (let left = tries; ; left -= 1) {
    try {
      return await work();
    } catch (error) {
      if (!isTrouble(error, 'step-up-required') || left === 0) throw error;
    }
    await delay(500);
  }
}
