import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { documents } from '../../scripts/contracts/documents.ts';

const folder = join(import.meta.dirname, '..', '..', 'docs', 'contracts');

describe('the documents in docs/contracts', () => {
  const fresh = documents();

  it.each([...fresh])('%s is what `npm run contracts` makes', async (path, text) => {
    expect(await readFile(join(folder, path), 'utf8')).toBe(text);
  });

  it('are all there is', async () => {
    const files = (await readdir(folder, { recursive: true })).filter((path) => path.endsWith('.json'));
    expect(files.toSorted()).toEqual([...fresh.keys()].toSorted());
  });
});
