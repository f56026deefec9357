import { html } from 'hono/html';

/** What the page of the stand-in issuer is like; it stands apart from the product's pages, as a company's own would. */
const style = `
  :root { color-scheme: light dark; font: 1rem/1.5 system-ui, sans-serif; background: light-dark(#ececf3, #14141b); color: light-dark(#20202a, #ececf3); }
  body { margin: 0; min-height: 100dvh; display: grid; place-items: center; padding: 1rem; box-sizing: border-box; }
  main { width: min(24rem, 100%); box-sizing: border-box; padding: 1.75rem; border-radius: 1rem; background: light-dark(#fff, #1f1f29); }
  h1 { font-size: 1.25rem; margin: 0 0 .25rem; }
  p { margin: 0 0 1.25rem; color: light-dark(#5a5a6b, #a9a9bb); font-size: .9rem; }
  p.after { margin: 1.25rem 0 0; }
  a { color: inherit; }
  label { display: block; font-weight: 550; }
  label.check { display: flex; gap: .5rem; margin: 1rem 0; font-weight: 400; }
  input[type=text] { width: 100%; box-sizing: border-box; margin-top: .3rem; padding: .55rem .7rem; font: inherit; border: 1px solid light-dark(#85859a, #74748a); border-radius: .4rem; background: transparent; color: inherit; }
  .actions { display: flex; gap: .75rem; flex-wrap: wrap; }
  button { padding: .55rem 1.1rem; font: inherit; font-weight: 550; border-radius: .4rem; border: 1px solid light-dark(#4a3fb0, #b3abff); background: light-dark(#4a3fb0, #b3abff); color: light-dark(#fff, #16122f); cursor: pointer; }
  button.other { background: transparent; color: inherit; border-color: light-dark(#85859a, #74748a); }
  :focus-visible { outline: 3px solid light-dark(#4a3fb0, #b3abff); outline-offset: 2px; }
`;

const frame = (title: string, content: unknown) => html`<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <title>${title}</title>
    <link rel="icon" href="data:," />
    <link rel="stylesheet" href="/local/issuer/style.css" />
  </head>
  <body>
    <main>${content}</main>
  </body>
</html>`;

export const signInStyle = style;

/** Asks who signs in. @param fields what the page of the client asked for, which the form hands back */
export const signInPage = (fields: Readonly<Record<string, string>>) =>
  frame(
    'Sign in (local)',
    html`<h1>Sign in</h1>
      <p>In the place of your company's sign-in, on this machine only. It asks for no password.</p>
      <form method="post" action="/local/issuer/authorize">
        ${Object.entries(fields).map(([name, value]) => html`<input type="hidden" name="${name}" value="${value}" />`)}
        <label>Account <input type="text" name="account" required maxlength="128" pattern="[A-Za-z0-9._:@+\\-]{1,128}" autocomplete="username" autocapitalize="none" spellcheck="false" autofocus /></label>
        <label class="check"><input type="checkbox" name="method" value="otp" /> With a second factor (amr: otp)</label>
        <div class="actions">
          <button type="submit">Sign in</button>
          <button type="submit" class="other" name="cancel" value="yes" formnovalidate>Cancel</button>
        </div>
      </form>
      <p class="after">SMS, e-mails and codes that would have gone out are at <a href="/local/messages">/local/messages</a>.</p>`,
  );

/** Says why nobody can sign in with this request. */
export const signInRefused = (why: string) => frame('Sign in (local)', html`<h1>This cannot be signed in to</h1><p>${why}</p>`);
