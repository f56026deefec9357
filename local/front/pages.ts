import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Hono } from 'hono';
import { secureHeaders } from 'hono/secure-headers';

const folder = join(import.meta.dirname, '..', 'pages');

/** The pages, by path. */
const files = {
  '/': ['player.html', 'text/html; charset=utf-8'],
  '/pages/player.css': ['player.css', 'text/css; charset=utf-8'],
  '/pages/player.js': ['player.js', 'text/javascript; charset=utf-8'],
} as const;

/** The pages that people look at. Nothing in them comes from, or may be framed by, another origin. */
export function pages(): Hono {
  const app = new Hono();
  const headers = secureHeaders({
    contentSecurityPolicy: { defaultSrc: ["'self'"], imgSrc: ["'self'", 'data:'], baseUri: ["'none'"], formAction: ["'self'"], frameAncestors: ["'none'"] },
    strictTransportSecurity: false,
  });
  for (const [path, [name, type]] of Object.entries(files)) {
    const content = readFileSync(join(folder, name));
    app.get(path, headers, () => new Response(content, { headers: { 'content-type': type, 'cache-control': 'no-cache' } }));
  }
  return app;
}
