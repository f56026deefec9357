import { execFile } from 'node:child_process';
import { mkdtemp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { loginwardApp } from '../../lib/app.ts';
import { readCampaigns, validCampaigns } from '../../lib/campaigns.ts';
import { synthesize } from '../../local/assembly.ts';

const folders: string[] = [];
afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true });
});

/** Writes campaigns by file name without `.json`. @returns the folder */
async function campaignFolder(files: Readonly<Record<string, object | string>>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'loginward-campaigns-'));
  folders.push(folder);
  await mkdir(join(folder, 'campaigns'));
  for (const [name, content] of Object.entries(files)) {
    await writeFile(join(folder, 'campaigns', `${name}.json`), typeof content === 'string' ? content : JSON.stringify(content));
  }
  return join(folder, 'campaigns');
}

const spring = {
  id: 'spring',
  owner: 'account team',
  passwordOlderThan: '2026-09-01T00:00:00+09:00',
  message: { ko: '새 비밀번호로 바꿔 주세요.', en: 'Please choose a new password.' },
  response: 'player_message',
  everyDays: 14,
  from: '2027-03-01T00:00:00+09:00',
  until: '2027-04-01T00:00:00+09:00',
};

const tell = ({ errors }: ReturnType<typeof readCampaigns>): string[] => errors.map(({ file, field, problem }) => `${file.split('/').at(-1)} ${field} ${problem}`);

describe('the files of campaigns', () => {
  it('are good as the guide shows them', async () => {
    const guide = await readFile(join(import.meta.dirname, '..', '..', 'campaigns', 'README.md'), 'utf8');
    const [example = '', ...more] = [...guide.matchAll(/```json\n(.*?)```/gs)].map(([, json]) => json);
    expect(more).toEqual([]);
    const { campaigns, errors, warnings } = readCampaigns([await campaignFolder({ 'spring-2027': example, spring })]);
    expect([errors, warnings]).toEqual([[], []]);
    expect(campaigns.map(({ id }) => id)).toEqual(['spring-2027', 'spring']);
  });

  it('are none in a folder that does not exist', () => {
    expect(validCampaigns(['/nowhere/campaigns'])).toEqual([]);
  });

  it.each<[string, object | string, string]>([
    ['not JSON', '{"id":', 'spring.json  is not JSON'],
    ['a field that is not one', { ...spring, every: 3 }, 'spring.json /every is not a field'],
    ['another id than the name of the file', { ...spring, id: 'summer' }, 'spring.json /id must be the name of the file'],
    ['an id that is none', { ...spring, id: 'Spring' }, 'spring.json /id must be 1 to 24'],
    ['no owner', { ...spring, owner: undefined }, 'spring.json /owner '],
    ['a moment without an offset', { ...spring, passwordOlderThan: '2026-09-01T00:00:00' }, 'spring.json /passwordOlderThan must be an RFC 3339 date and time'],
    ['a message in one language', { ...spring, message: { ko: '비밀번호' } }, 'spring.json /message/en '],
    ['an empty message', { ...spring, message: { ...spring.message, ko: '' } }, 'spring.json /message/ko '],
    ['a message that is too long', { ...spring, message: { ...spring.message, en: 'x'.repeat(501) } }, 'spring.json /message/en '],
    ['a message in a third language', { ...spring, message: { ...spring.message, fr: 'x' } }, 'spring.json /message/fr is not a field'],
    ['a response that locks', { ...spring, response: 'lock' }, 'spring.json /response '],
    ['no days', { ...spring, everyDays: 0 }, 'spring.json /everyDays '],
    ['too many days', { ...spring, everyDays: 366 }, 'spring.json /everyDays '],
    ['an end that is its beginning', { ...spring, until: '2027-02-28T15:00:00Z' }, 'spring.json /until must be after `from`'],
    ['no end', { ...spring, until: undefined }, 'spring.json /until '],
  ])('with %s are told by file and field', async (_, file, message) => {
    expect(tell(readCampaigns([await campaignFolder({ spring: file })]))).toEqual([expect.stringContaining(message)]);
  });

  it('with one id in two folders are told', async () => {
    const both = [await campaignFolder({ spring }), await campaignFolder({ spring })];
    expect(tell(readCampaigns(both))).toEqual(['spring.json /id spring is there twice']);
  });

  it('with a date after the beginning may be meant so, and are told', async () => {
    const { errors, warnings } = readCampaigns([await campaignFolder({ spring: { ...spring, passwordOlderThan: spring.until } })]);
    expect(errors).toEqual([]);
    expect(warnings).toMatchObject([{ field: '/passwordOlderThan' }]);
  });
});

describe('nothing goes on with a bad file', () => {
  const bad = { ...spring, everyDays: 0 };
  const message = /The password campaigns cannot be deployed:\n {2}.*spring\.json: \/everyDays: /;

  it('neither a deployment nor a local run', async () => {
    const campaigns = [await campaignFolder({ spring: bad })];
    const folder = join(campaigns[0] ?? '', '..', 'build');
    await expect(loginwardApp({ bundles: join(folder, 'functions'), app: { context: { campaigns } } })).rejects.toThrow(message);
    await expect(synthesize({ campaigns }, folder)).rejects.toThrow(message);
  });

  it.each<[string, number, object, RegExp]>([
    ['good', 0, spring, /^spring \(account team\): .*\n1 campaign: 0 errors, 0 warnings\n$/],
    ['bad', 1, bad, /^0 campaigns: 1 error, 0 warnings\n$/],
  ])('npm run campaigns:check of %s files ends with %i', async (_, code, file, output) => {
    const script = join(import.meta.dirname, '..', '..', 'bin', 'campaigns-check.ts');
    const folder = await campaignFolder({ spring: file });
    const { exitCode, stdout, stderr } = await new Promise<{ exitCode: number; stdout: string; stderr: string }>((resolve) => {
      execFile(process.execPath, [script, folder], (error, out, err) => resolve({ exitCode: Number(error?.code ?? 0), stdout: out, stderr: err }));
    });
    expect(exitCode).toBe(code);
    expect(stdout).toMatch(output);
    if (code === 1) expect(stderr).toMatch(/^error: .*spring\.json: \/everyDays: /);
  });
});
