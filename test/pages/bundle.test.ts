import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { country } from '../../lambdas/contracts/places.ts';
import { pages } from '../../local/front/pages.ts';
import { contentSecurityPolicy } from '../../lib/page-headers.ts';
import { bundlePages, type PageName } from '../../lib/pages.ts';
import { countryCodes } from '../../pages/shared/country-codes.ts';
import { deployedOf } from '../../scripts/supply/licences.ts';
import { type LockFile, packagesIn } from '../../scripts/supply/packages.ts';

const KiB = 1024;
let folder: string;
let made: Awaited<ReturnType<typeof bundlePages>>;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'loginward-pages-'));
  made = await bundlePages(folder);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('the pages as they are served', () => {
  it('the player’s page has less than 60 KiB of script compressed in all, and in fact less than 32', async () => {
    const files = await readdir(join(folder, 'player', 'assets'));
    const scripts = await Promise.all(files.filter((file) => file.endsWith('.js')).map((file) => readFile(join(folder, 'player', 'assets', file))));
    expect(scripts.length).toBeGreaterThan(0);
    const sizes = [gzipSync, brotliCompressSync].map((compress) => scripts.reduce((total, script) => total + compress(script).length, 0));
    for (const size of sizes) expect(size).toBeLessThan(32 * KiB);
  });

  it('carry the licences of what is in them, and docs/licences.md lists it', async () => {
    const lock = JSON.parse(await readFile(join(import.meta.dirname, '..', '..', 'package-lock.json'), 'utf8')) as LockFile;
    const listed = deployedOf(await readFile(join(import.meta.dirname, '..', '..', 'docs', 'licences.md'), 'utf8'));
    const inPage = [...packagesIn(made.player ?? { outputs: {} }, lock).keys()];
    expect(inPage.toSorted()).toEqual([...listed].filter(([, places]) => places.includes('the player’s page')).map(([id]) => id));
    for (const page of await readdir(folder)) {
      const script = (await readdir(join(folder, page, 'assets'))).find((file) => file.endsWith('.js')) ?? '';
      const text = await readFile(join(folder, page, 'assets', script), 'utf8');
      for (const id of packagesIn(made[page as PageName] ?? { outputs: {} }, lock).keys()) expect(text.split(`*! ${id.replace(/@[^@]*$/, '')}\n`), id).toHaveLength(2);
      expect(text, page).toContain('Permission is hereby granted, free of charge');
    }
  });

  it('have nothing inline, and nothing from another origin', async () => {
    for (const page of await readdir(folder)) {
      const html = await readFile(join(folder, page, 'index.html'), 'utf8');
      expect(html, page).not.toMatch(/<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)|https?:\/\//);
      expect(html, page).toMatch(/<script type="module" src="\/[\w/-]*assets\/\w+-\w{8}\.js">/);
    }
  });

  it('have a policy that lets them load their own files, and no more', () => {
    const policy = Object.fromEntries(contentSecurityPolicy({ connect: ['https://id.example.com'] }).split('; ').map((part) => [part.split(' ')[0], part.split(' ').slice(1).join(' ')]));
    expect(policy).toMatchObject({
      'default-src': "'none'",
      'script-src': "'self'",
      'connect-src': "'self' https://id.example.com",
      'base-uri': "'none'",
      'frame-ancestors': "'none'",
      'require-trusted-types-for': "'script'",
    });
  });

  it('are cached for ever under their hashed names, and looked at anew under others; nothing else of the machine is served', async () => {
    const app = pages(folder);
    const script = (await readdir(join(folder, 'player', 'assets'))).find((file) => file.endsWith('.js')) ?? '';
    const index = await app.request('http://127.0.0.1/');
    expect([index.status, index.headers.get('cache-control'), index.headers.get('content-security-policy')]).toEqual([200, 'no-cache', contentSecurityPolicy()]);
    const asset = await app.request(`http://127.0.0.1/assets/${script}`);
    expect([asset.status, asset.headers.get('cache-control')]).toEqual([200, 'public, max-age=31536000, immutable']);
    expect(await (await app.request('http://localhost:8787/config.json')).json()).toMatchObject({ issuer: 'http://localhost:8787/local/issuer' });
    for (const path of ['/assets/..%2Findex.html', '/assets/none-12345678.js', '/assets/', '/index.html/../../x']) expect((await app.request(`http://127.0.0.1${path}`)).status, path).toBe(404);
  });

  it('know the countries that the API takes', () => {
    expect([...countryCodes].toSorted()).toEqual([...country().options].toSorted());
  });
});
