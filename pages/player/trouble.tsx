import { TroubleError } from './api.ts';
import { usePage } from './page.ts';
import type { Words } from './words/words.ts';

/** An error in words that a player understands. */
export function troubleText(error: unknown, words: Words): string {
  if (!(error instanceof TroubleError)) return words.trouble['internal-error'];
  const text = words.trouble[error.trouble] ?? words.trouble['internal-error'];
  return error.retryAfter === undefined ? text : `${text} ${words.retryAfter(error.retryAfter)}`;
}

/** Says what went wrong, and offers to try again. */
export function TroubleNotice({ error, retry }: { error: unknown; retry?: (() => void) | undefined }) {
  const { words } = usePage();
  if (error === undefined) return null;
  return (
    <div class="notice bad" role="alert">
      <p>{troubleText(error, words)}</p>
      {retry && (
        <div>
          <button type="button" class="small" onClick={retry}>
            {words.tryAgain}
          </button>
        </div>
      )}
    </div>
  );
}
