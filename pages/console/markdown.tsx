import type { ComponentChildren } from 'preact';

/** What a link in a text leads to here; nothing when it leads nowhere. */
export type LinkOf = (text: string, address: string) => ComponentChildren;

interface MarkdownProps {
  readonly text: string;
  readonly link: LinkOf;
}

/** The part of Markdown that dashboards and the runbook use, as elements and never as markup: headings, lists, tables, code, emphasis, links. */
export const Markdown = ({ text, link }: MarkdownProps) => <>{blocksOf(text).map((block) => blockOf(block, link))}</>;

/** Parts that empty lines, headings and fences divide. */
function blocksOf(text: string): string[] {
  const blocks: string[] = [];
  let isFenced = false;
  let isOpen = false;
  for (const line of text.split('\n')) {
    const isFence = line.startsWith('```');
    const isHeading = !isFenced && /^#{1,6} /.test(line);
    if (!isFenced && line.trim() === '') isOpen = false;
    else if (isOpen && !isHeading && (isFenced || !isFence)) blocks.push(`${blocks.pop()}\n${line}`);
    else blocks.push(line);
    if (isFence) isFenced = !isFenced;
    if (isFenced || (line.trim() !== '' && !isHeading && !isFence)) isOpen = true;
    if (isHeading || (isFence && !isFenced)) isOpen = false;
  }
  return blocks;
}

function blockOf(block: string, link: LinkOf): ComponentChildren {
  const lines = block.split('\n');
  if (block.startsWith('```')) {
    return (
      <pre tabIndex={0}>
        <code>{lines.slice(1).filter((line) => !line.startsWith('```')).join('\n')}</code>
      </pre>
    );
  }
  const heading = /^#{1,6} (.*)/.exec(block);
  if (heading) return <h3>{inline(heading[1] ?? '', link)}</h3>;
  if (/^\s*\|/.test(block)) return tableOf(lines, link);
  if (/^\s*[-*] /.test(block)) return <ul class="list">{itemsOf(lines, /^\s*[-*] /).map((item) => <li>{inline(item, link)}</li>)}</ul>;
  if (/^\s*\d+\. /.test(block)) return <ol class="list">{itemsOf(lines, /^\s*\d+\. /).map((item) => <li>{inline(item, link)}</li>)}</ol>;
  return <p>{inline(lines.join(' '), link)}</p>;
}

/** The items of a list; a line without a mark goes on with the one before. */
function itemsOf(lines: readonly string[], mark: RegExp): string[] {
  const items: string[] = [];
  for (const line of lines) items.push(mark.test(line) ? line.replace(mark, '') : `${items.pop() ?? ''} ${line.trim()}`);
  return items;
}

function tableOf(lines: readonly string[], link: LinkOf) {
  const [head = [], , ...rows] = lines.map((line) => line.trim().replaceAll(/^\||\|$/g, '').split('|'));
  return (
    <div class="scrolls" role="region" aria-label="Table" tabIndex={0}>
      <table>
        <thead>
          <tr>{head.map((cell) => <th scope="col">{inline(cell.trim(), link)}</th>)}</tr>
        </thead>
        <tbody>
          {rows.map((cells) => (
            <tr>{cells.map((cell) => <td>{inline(cell.trim(), link)}</td>)}</tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

const marks = /`([^`]+)`|\*\*([^*]+)\*\*|(?<!\w)\*([^*]+)\*(?!\w)|\[([^\]]+)\]\(([^)]+)\)|<(https?:[^>]+)>/g;

function inline(text: string, link: LinkOf): ComponentChildren[] {
  const parts: ComponentChildren[] = [];
  let end = 0;
  for (const match of text.matchAll(marks)) {
    parts.push(text.slice(end, match.index));
    const [all, code, strong, emphasis, label, address, bare] = match;
    if (code !== undefined) parts.push(<code>{code}</code>);
    else if (strong !== undefined) parts.push(<strong>{inline(strong, link)}</strong>);
    else if (emphasis !== undefined) parts.push(<em>{inline(emphasis, link)}</em>);
    // A button of CloudWatch is a link: [button:primary:Label](address)
    else if (label !== undefined) parts.push(link(label.replace(/^button:(primary:)?/, ''), address ?? ''));
    else parts.push(link(bare ?? '', bare ?? ''));
    end = match.index + all.length;
  }
  return [...parts, text.slice(end)];
}
