import { spawn } from 'node:child_process';
import { copyFile, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { judged } from '../scripts/supply/audit.ts';
import { deployedOf, licenceProblems, licencesPage } from '../scripts/supply/licences.ts';
import { idOf, lockedPackages, type LockFile } from '../scripts/supply/packages.ts';
import { deployedBom, wholeBom } from '../scripts/supply/sbom.ts';

const root = join(import.meta.dirname, '..');
const read = (...path: string[]) => readFile(join(root, ...path), 'utf8');
type Manifest = Record<'dependencies' | 'devDependencies' | 'optionalDependencies', Record<string, string>> & { allowScripts: Record<string, boolean> };
const manifest = JSON.parse(await read('package.json')) as Manifest;
const lock = JSON.parse(await read('package-lock.json')) as LockFile;
const own = lock.packages[''] as unknown as Manifest;
const direct = { ...manifest.dependencies, ...manifest.devDependencies, ...manifest.optionalDependencies };

describe('the lock file', () => {
  it('has each dependency at the one version that package.json pins', () => {
    for (const [name, version] of Object.entries(direct)) {
      expect(version, name).toMatch(/^\d+\.\d+\.\d+(-[\w.]+)?$/);
      expect(lock.packages[`node_modules/${name}`]?.version, name).toBe(version);
    }
    for (const kind of ['dependencies', 'devDependencies', 'optionalDependencies'] as const) expect(own[kind], kind).toEqual(manifest[kind]);
  });

  it('tells every package by its integrity, and none by where it came from', () => {
    for (const [path, { integrity, inBundle, resolved }] of Object.entries(lock.packages)) {
      if (path === '') continue;
      // What lies within another package's archive is told by that one's.
      if (!inBundle) expect(integrity, path).toMatch(/^sha512-[A-Za-z0-9+/]{86}==$/);
      expect(resolved, path).toBeUndefined();
    }
  });

  it('has install scripts of those packages alone that package.json decides on', () => {
    const scripts = Object.entries(lock.packages).filter(([, { hasInstallScript }]) => hasInstallScript);
    expect(scripts.map(([path]) => path.replace('node_modules/', '')).toSorted()).toEqual(Object.keys(manifest.allowScripts).toSorted());
  });

  it('is written by settings of which each that is not plain says why', async () => {
    const lines = (await read('.npmrc')).trim().split('\n');
    expect(lines.filter((line) => !line.startsWith('#')).toSorted()).toEqual(['audit=false', 'fund=false', 'omit-lockfile-registry-resolved=true', 'save-exact=true']);
    for (const [index, line] of lines.entries()) if (/^(audit|omit|save)/.test(line)) expect(lines[index - 1], line).toMatch(/^# /);
  });
});

describe('workflows', () => {
  it('use actions by the commit that was looked at, and say which version that is', async () => {
    const folder = join(root, '.github', 'workflows');
    const uses = (await Promise.all((await readdir(folder)).map((file) => readFile(join(folder, file), 'utf8')))).flatMap((text) => [...text.matchAll(/uses: (.*)$/gm)].map(([, action]) => action));
    expect(uses.length).toBeGreaterThan(0);
    for (const action of uses) expect(action).toMatch(/^[\w-]+\/[\w/-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
  });

  it('may do nothing by default, or read the code, and keep no credentials where code of packages runs', async () => {
    const folder = join(root, '.github', 'workflows');
    for (const file of await readdir(folder)) {
      const text = await readFile(join(folder, file), 'utf8');
      expect(text, file).toMatch(/^permissions:( \{\}|\n {2}contents: read)\n(?! )/m);
      expect(text.match(/persist-credentials: false/g)?.length, file).toBe(text.match(/actions\/checkout@/g)?.length);
    }
  });
});

describe('docs/licences.md', () => {
  const locked = lockedPackages(lock);

  it('is what `npm run licences` makes of the lock file', async () => {
    const page = await read('docs', 'licences.md');
    expect(page).toBe(licencesPage(locked, deployedOf(page)));
  });

  it('has nothing but licences that are allowed', async () => {
    const deployed = new Set(deployedOf(await read('docs', 'licences.md')).keys());
    expect(deployed.size).toBeGreaterThan(0);
    expect(licenceProblems(locked, deployed)).toEqual([]);
    expect(licenceProblems([...locked, { name: 'viral', version: '1.0.0', license: 'GPL-3.0-only' }], deployed)).toEqual(['viral@1.0.0 is a tool under GPL-3.0-only']);
    expect(licenceProblems(locked, new Set(['@cloud-copilot/iam-simulate', 'axe-core'].map((name) => idOf({ name, version: direct[name] ?? '' })))).length).toBe(2);
  });
});

describe('the bill of materials', () => {
  it('lists what is deployed with version, digest and licence, by what needs it', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'loginward-sbom-'));
    for (const file of ['package.json', 'package-lock.json']) await copyFile(join(root, file), join(folder, file));
    const whole = wholeBom(folder);
    await rm(folder, { recursive: true });
    const deployed = new Map([...deployedOf(await read('docs', 'licences.md')).keys()].map((id) => [id, new Set(['some-bundle'])]));
    const bom = deployedBom(whole, deployed);
    expect(bom).toMatchObject({ bomFormat: 'CycloneDX', specVersion: '1.5', metadata: { component: { name: 'loginward' } } });
    expect(bom.components.map((each) => each['bom-ref']).toSorted()).toEqual([...deployed.keys()].toSorted());
    for (const each of bom.components) {
      expect(each.purl).toBe(`pkg:npm/${each.name.replace('@', '%40')}@${each.version}`);
      expect(each.hashes, each.purl).toMatchObject([{ alg: 'SHA-512', content: expect.stringMatching(/^[0-9a-f]{128}$/) }]);
      expect(each.licenses, each.purl).toHaveLength(1);
      expect(each.properties).toContainEqual({ name: 'loginward:bundle', value: 'some-bundle' });
    }
    const reached = new Set<string>();
    const walk = (ref: string): void => {
      for (const next of bom.dependencies.find((each) => each.ref === ref)?.dependsOn ?? []) if (reached.size < reached.add(next).size) walk(next);
    };
    walk(bom.metadata.component['bom-ref']);
    expect([...reached].toSorted()).toEqual([...deployed.keys()].toSorted());
  });
});

describe('npm run audit', () => {
  const url = 'https://github.com/advisories/GHSA-aaaa-bbbb-cccc';
  const found = (severity: string) => JSON.stringify({ vulnerabilities: { leaf: { via: [{ url, title: 'A hole', severity, name: 'leaf', range: '<2' }] }, above: { via: ['leaf'] } } });
  const exception = { advisory: 'GHSA-aaaa-bbbb-cccc', reason: 'The function with the hole is never called.', until: '2026-12-31' };

  it('counts advisories of moderate severity and above, unless an exception says why not and until when', () => {
    expect(judged('{"vulnerabilities":{}}', [], '2026-11-21')).toEqual({ code: 0, lines: [] });
    expect(judged(found('low'), [], '2026-11-21').code).toBe(0);
    expect(judged(found('moderate'), [], '2026-11-21')).toEqual({ code: 1, lines: [`moderate leaf <2: A hole ${url}`] });
    expect(judged(found('high'), [exception], '2026-12-31').code).toBe(0);
    expect(judged(found('high'), [exception], '2027-01-01').code).toBe(1);
    expect(judged('{"vulnerabilities":{}}', [exception], '2026-11-21').lines).toEqual(['GHSA-aaaa-bbbb-cccc is in audit-exceptions.json and no longer found: take it out.']);
  });

  describe('against a registry', () => {
    let answer: { status: number; body: object };
    // npm asks which versions there are of a package that has an advisory.
    const versions = { name: 'aws4fetch', versions: { [direct.aws4fetch ?? '']: { name: 'aws4fetch', version: direct.aws4fetch } } };
    const server = createServer(({ method }, response) => {
      const { status, body } = method === 'POST' ? answer : { status: 200, body: versions };
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    });
    beforeAll(() => new Promise<void>((done) => server.listen(0, '127.0.0.1', done)));
    afterAll(() => server.close());
    const audit = async () => {
      const env = { ...process.env, npm_config_registry: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, npm_config_fetch_retries: '0' };
      const child = spawn(process.execPath, ['scripts/audit.ts'], { cwd: root, env });
      const said: Buffer[] = [];
      child.stdout.on('data', (chunk: Buffer) => said.push(chunk));
      const code = await new Promise<number | null>((done) => child.on('close', done));
      return { code, said: Buffer.concat(said).toString() };
    };

    it('without advisories fails and says so, rather than to pass', async () => {
      answer = { status: 405, body: {} };
      expect(await audit()).toMatchObject({ code: 2, said: expect.stringContaining('nothing was audited') });
    });

    it('with an advisory of one of our packages fails and names it', async () => {
      answer = { status: 200, body: { aws4fetch: [{ id: 1, url, title: 'A hole', severity: 'high', vulnerable_versions: '<99', cwe: [], cvss: {} }] } };
      expect(await audit()).toEqual({ code: 1, said: `high aws4fetch <99: A hole ${url}\n` });
    });
  });
});
