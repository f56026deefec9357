// Runs one of the project's programs on Node 24, and installs what it needs before. Plain JavaScript for Node 20 or newer, because
// it runs before anything is installed.
//
//   node scripts/launch.mjs bin/local.ts --port 0      a file of the project
//   node scripts/launch.mjs vitest run                 a program of node_modules/.bin
import { spawn, spawnSync } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync, realpathSync, rmSync, statSync, writeSync } from 'node:fs';
import { constants } from 'node:os';
import { delimiter, join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '..');
const inRoot = (...parts) => join(root, ...parts);
const modules = inRoot('node_modules');
const lockFile = inRoot('package-lock.json');
const installLock = inRoot('.install.lock');
const wantedMajor = 24;

function fail(message) {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}

/** npm writes this file at the end of an install. */
function isInstalled() {
  const installed = join(modules, '.package-lock.json');
  return existsSync(installed) && statSync(installed).mtimeMs >= statSync(lockFile).mtimeMs;
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

/** Two commands on a fresh clone must not install at once: the second waits for the first. */
async function withInstallLock(install) {
  for (;;) {
    try {
      const file = openSync(installLock, 'wx');
      writeSync(file, String(process.pid));
      closeSync(file);
      break;
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
      const holder = existsSync(installLock) ? Number(readFileSync(installLock, 'utf8')) : 0;
      if (holder > 0 && !isAlive(holder)) rmSync(installLock, { force: true });
      else await new Promise((done) => setTimeout(done, 250));
    }
  }
  try {
    if (!isInstalled()) install();
  } finally {
    rmSync(installLock, { force: true });
  }
}

function install() {
  process.stderr.write('Installing the packages of package-lock.json (npm ci)…\n');
  const npm = process.env.npm_execpath;
  const flags = ['ci', '--no-audit', '--no-fund', '--loglevel=error'];
  // npm's own messages are no part of what the program prints.
  const stdio = ['ignore', 2, 2];
  const { status, error } = npm?.endsWith('.js')
    ? spawnSync(process.execPath, [npm, ...flags], { cwd: root, stdio })
    : spawnSync('npm', flags, { cwd: root, stdio, shell: process.platform === 'win32' });
  if (error) fail(`npm could not be started: ${error.message}`);
  if (status !== 0) fail('npm ci failed; the lines above say why. Mend it and try again.');
}

/** Node 24 from the packages, or the one that runs this, when it is 24. */
function findNode() {
  const packaged = join(modules, 'node', 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
  if (existsSync(packaged)) return packaged;
  if (Number(process.versions.node.split('.')[0]) === wantedMajor) return process.execPath;
  return fail(`Loginward runs on Node ${wantedMajor}, and npm has none for this machine. Install it (nvm install ${wantedMajor}) and try again.`);
}

function findProgram(name) {
  if (/\.[mc]?[jt]s$/.test(name)) return resolve(root, name);
  const linked = join(modules, '.bin', name);
  if (!existsSync(linked)) fail(`${name} is not among the installed packages.`);
  return realpathSync(linked);
}

const [program, ...args] = process.argv.slice(2);
if (program === undefined) fail('Say what to run: node scripts/launch.mjs <file or program> [arguments]');
if (!isInstalled()) await withInstallLock(install);
const child = spawn(findNode(), ['--disable-warning=ExperimentalWarning', findProgram(program), ...args], {
  stdio: 'inherit',
  env: { ...process.env, PATH: [join(modules, '.bin'), process.env.PATH].join(delimiter) },
});
// Ctrl-C reaches the child by itself, from the terminal; other signals come to this process alone.
process.on('SIGINT', () => {});
for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
child.on('exit', (code, signal) => {
  process.exitCode = signal ? 128 + constants.signals[signal] : (code ?? 1);
});
