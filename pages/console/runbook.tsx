import { useEffect, useRef, useState } from 'preact/hooks';
import { type LinkOf, Markdown } from './markdown.tsx';

/** The section of the runbook with a heading, over the page, until it is closed. */
export function RunbookDialog({ anchor, open, close }: { anchor: string | undefined; open: (anchor: string) => void; close: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const text = useRunbook(anchor !== undefined);
  useEffect(() => {
    if (anchor === undefined) dialog.current?.close();
    else if (!dialog.current?.open) dialog.current?.showModal();
  }, [anchor]);
  const section = anchor !== undefined && text !== undefined ? sectionOf(text, anchor) : undefined;
  return (
    <dialog ref={dialog} class="runbook" aria-labelledby="runbook-title" onClose={close}>
      <div class="head">
        <h2 id="runbook-title">{section?.title ?? 'Runbook'}</h2>
        <button type="button" class="small" onClick={close}>
          Close
        </button>
      </div>
      {section ? <Markdown text={section.text} link={linkOf(open)} /> : <p>{text === undefined ? 'Reading…' : 'The runbook has no such heading.'}</p>}
    </dialog>
  );
}

/** The runbook's text, read when it is wanted for the first time. */
function useRunbook(isWanted: boolean): string | undefined {
  const [text, setText] = useState<string>();
  useEffect(() => {
    if (!isWanted || text !== undefined) return;
    fetch('/local/console/runbook')
      .then((response) => (response.ok ? response.text() : ''))
      .then(setText)
      .catch(() => setText(''));
  }, [isWanted, text]);
  return text;
}

/** What stands below a heading, until the next of the same level or a higher one. */
export function sectionOf(markdown: string, anchor: string): { readonly title: string; readonly text: string } | undefined {
  const lines = markdown.split('\n');
  const levelOf = (line: string): number => /^(#{1,6}) /.exec(line)?.[1]?.length ?? Infinity;
  const start = lines.findIndex((line) => levelOf(line) < Infinity && anchorOf(line) === anchor);
  const heading = lines[start];
  if (heading === undefined) return undefined;
  const rest = lines.slice(start + 1);
  const end = rest.findIndex((line) => levelOf(line) <= levelOf(heading));
  return { title: titleOf(heading), text: (end === -1 ? rest : rest.slice(0, end)).join('\n') };
}

const titleOf = (line: string): string => line.replace(/^#+ /, '').replaceAll('`', '');

/** As GitHub makes it of a heading. */
const anchorOf = (line: string): string =>
  titleOf(line)
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-');

/** Another heading opens in the same place; files beside the runbook are not here. */
const linkOf =
  (open: (anchor: string) => void): LinkOf =>
  (text, address) => {
    if (address.startsWith('#')) {
      return (
        <button type="button" class="link" onClick={() => open(address.slice(1))}>
          {text}
        </button>
      );
    }
    return /^https?:/.test(address) ? <a href={address}>{text}</a> : <>{text}</>;
  };
