/**
 * A text as a terminal may show it: what would move the cursor, colour, hide or turn round what stands beside it (control and format characters, separators of lines)
 * is written as its code instead. In a JSON text it stays the same value. Ends of lines stay where `lines` says so.
 */
export const visible = (text: string, lines: 'one line' | 'many lines' = 'one line'): string =>
  text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Co}]/gu, (character) =>
    character === '\n' && lines === 'many lines' ? character : Array.from({ length: character.length }, (_, index) => `\\u${character.charCodeAt(index).toString(16).padStart(4, '0')}`).join(''),
  );
