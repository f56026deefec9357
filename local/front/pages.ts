import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Hono, type MiddlewareHandler } from 'hono';
import { pageHeaders } from '../../lib/page-headers.ts';
import { hashedFolder, pages as bundled } from '../../lib/pages.ts';
import { clientId, issuerPath } from './oidc.ts';

const types: Readonly<Record<string, string>> = {
  css: 'text/css; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  svg: 'image/svg+xml',
};

/**
 * The pages that people look at, as `lib/pages.ts` bundled them, with the headers that CloudFront sends on AWS.
 *
 * @param folder of the pages' folders
 */
export function pages(folder: string): Hono {
  const app = new Hono();
  const asOnAws: MiddlewareHandler = async (context, next) => {
    await next();
    for (const [name, value] of Object.entries(pageHeaders())) context.header(name, value);
  };
  // The issuer is on the very origin that the page was opened by: `127.0.0.1`, or `localhost`.
  app.get('/config.json', asOnAws, (context) =>
    context.json({ issuer: `${new URL(context.req.url).origin}${issuerPath}`, clientId, scope: 'openid' }, 200, { 'cache-control': 'no-cache' }),
  );
  for (const [name, base] of Object.entries(bundled)) {
    const index = readFileSync(join(folder, name, 'index.html'), 'utf8');
    // With the slash at its end and without.
    app.on('GET', [...new Set([base, base.replace(/(?<=.)\/$/, '')])], asOnAws, (context) => context.html(index, 200, { 'cache-control': 'no-cache' }));
    app.get(`${base}${hashedFolder}/:file{[A-Za-z0-9_-]+\\.(css|js|svg)}`, asOnAws, (context) => {
      const file = context.req.param('file') ?? '';
      const path = join(folder, name, hashedFolder, file);
      if (!existsSync(path)) return context.notFound();
      return context.body(readFileSync(path, 'utf8'), 200, { 'content-type': types[file.split('.').at(-1) ?? ''] ?? '', 'cache-control': 'public, max-age=31536000, immutable' });
    });
  }
  return app;
}
