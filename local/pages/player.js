// The player's page of the local run: who was in my account, what happens then, and the messages that would have gone out.

const texts = {
  ko: {
    tagline: '내 계정에 언제, 어디서 로그인했는지 확인하세요.',
    account: '계정',
    secondFactor: '2단계 인증으로 로그인',
    signIn: '로그인',
    logins: '로그인 기록',
    noLogins: '지난 90일 동안 로그인 기록이 없습니다.',
    more: '더 보기',
    settings: '해외 로그인 보호',
    homeCountries: '내 나라 (ISO 3166 코드, 쉼표로 구분)',
    save: '저장',
    saved: '저장했습니다.',
    messages: '보낸 메시지',
    messagesNote: '이 컴퓨터에서는 실제로 보내지 않습니다.',
    noMessages: '보낸 메시지가 없습니다.',
    attribution: 'IP 위치 데이터:',
    zone: (zone) => `시간대: ${zone}`,
    outcome: { success: '', failure: '실패', denied: '차단됨' },
    unlocated: '위치를 알 수 없음',
    more20: (count) => `실패 ${count}번`,
    trigger: { login_abroad: '해외 로그인', new_country: '새로운 나라', unlocated: '위치를 알 수 없는 로그인' },
    response: {
      none: '아무것도 안 함',
      sms: '문자',
      email: '이메일',
      player_message: '게임 안 메시지',
      kick: '게임에서 내보내기',
      block_abroad: '해외 플레이 차단',
      lock: '임시 잠금',
    },
    result: { done: '완료', failed: '실패', no_contact: '연락처 없음', stale: '시간 지남', unknown: '확인 불가', waiting: '대기 중' },
    stepUp: '보호를 낮추려면 2단계 인증으로 다시 로그인하세요.',
    failed: (status) => `요청이 거절되었습니다 (${status}).`,
  },
  en: {
    tagline: 'See when and from where your account was used.',
    account: 'Account',
    secondFactor: 'Sign in with a second factor',
    signIn: 'Sign in',
    logins: 'Logins',
    noLogins: 'No logins in the last 90 days.',
    more: 'Show more',
    settings: 'What happens at a login from abroad',
    homeCountries: 'Home countries (ISO 3166 codes, separated by commas)',
    save: 'Save',
    saved: 'Saved.',
    messages: 'Messages',
    messagesNote: 'On this machine nothing really goes out.',
    noMessages: 'No messages.',
    attribution: 'IP location data:',
    zone: (zone) => `Times in ${zone}`,
    outcome: { success: '', failure: 'failed', denied: 'denied' },
    unlocated: 'Unknown place',
    more20: (count) => `${count} more failed`,
    trigger: { login_abroad: 'login from abroad', new_country: 'new country', unlocated: 'login from an unknown place' },
    response: {
      none: 'nothing',
      sms: 'SMS',
      email: 'e-mail',
      player_message: 'in-game message',
      kick: 'kick from the game',
      block_abroad: 'no play from abroad',
      lock: 'temporary lock',
    },
    result: { done: 'done', failed: 'failed', no_contact: 'no contact', stale: 'too late', unknown: 'unknown', waiting: 'waiting' },
    stepUp: 'To lower the protection, sign in again with a second factor.',
    failed: (status) => `The request was refused (${status}).`,
  },
};

const triggers = {
  login_abroad: ['none', 'email', 'sms', 'player_message', 'kick', 'block_abroad', 'lock'],
  new_country: ['none', 'email', 'sms', 'player_message', 'kick', 'lock'],
  unlocated: ['none', 'email', 'sms', 'player_message', 'kick', 'lock'],
};

const byId = (id) => document.getElementById(id);
const state = { locale: navigator.language.startsWith('ko') ? 'ko' : 'en', token: undefined, account: '', logins: [], cursor: null, etag: undefined };
const text = () => texts[state.locale];

/** An element with text in it; never HTML, since much of it was chosen by others. */
function element(name, className, content, ...children) {
  const made = document.createElement(name);
  if (className) made.className = className;
  if (content !== undefined) made.textContent = content;
  made.append(...children);
  return made;
}

function show(problem) {
  byId('error').hidden = problem === undefined;
  byId('error').textContent = problem ?? '';
}

/** Calls the API as the player who signed in. */
async function call(path, options = {}) {
  const response = await fetch(path, {
    ...options,
    headers: { authorization: `Bearer ${state.token}`, ...(options.body && { 'content-type': 'application/json' }), ...options.headers },
  });
  const body = await response.json();
  if (response.ok) return { body, headers: response.headers };
  const details = (body.errors ?? []).map(({ pointer, detail }) => `${pointer} ${detail}`);
  throw new Error(body.type?.endsWith('step-up-required') ? text().stepUp : [text().failed(response.status), ...details].join(' '));
}

const guarded = (work) => async (event) => {
  event?.preventDefault();
  show();
  try {
    await work();
  } catch (error) {
    show(error.message);
  }
};

const flag = (country) => (country ? String.fromCodePoint(...[...country].map((letter) => 0x1f1e6 + letter.charCodeAt(0) - 65)) : '❔');

function placeOf(country) {
  if (!country) return text().unlocated;
  return new Intl.DisplayNames([state.locale], { type: 'region', fallback: 'code' }).of(country);
}

const moment = (value) => new Intl.DateTimeFormat(state.locale, { dateStyle: 'medium', timeStyle: 'short' }).format(new Date(value));

function loginRow({ ip, country, occurredAt, outcome, product, device, count, verdict }) {
  const words = text();
  const failed = count === undefined ? words.outcome[outcome] : words.more20(count);
  const row = element(
    'li',
    '',
    undefined,
    element('span', 'flag', flag(country)),
    element('span', 'place', [placeOf(country), failed && `· ${failed}`].filter(Boolean).join(' ')),
    element('time', 'when', moment(occurredAt)),
    element('span', 'detail', [ip, product, device?.userAgent].filter(Boolean).join(' · ')),
  );
  if (verdict) {
    const line = element('span', 'verdict', verdict.triggers.map((trigger) => words.trigger[trigger]).join(', '));
    for (const { response, outcome: result } of verdict.actions ?? []) {
      line.append(' → ', element('span', result === 'done' ? 'done' : '', `${words.response[response]}: ${words.result[result ?? 'waiting']}`));
    }
    row.append(line);
  }
  return row;
}

function render() {
  document.documentElement.lang = state.locale;
  for (const each of document.querySelectorAll('[data-text]')) each.textContent = text()[each.dataset.text];
  for (const button of document.querySelectorAll('[data-locale]')) button.setAttribute('aria-pressed', String(button.dataset.locale === state.locale));
  byId('signed-in').hidden = state.token === undefined;
  byId('zone').textContent = text().zone(Intl.DateTimeFormat().resolvedOptions().timeZone);
  byId('logins').replaceChildren(...state.logins.map(loginRow));
  byId('no-logins').hidden = state.logins.length > 0;
  byId('more').hidden = state.cursor === null;
  byId('messages').replaceChildren(
    ...(state.messages ?? []).map((message) =>
      element(
        'li',
        '',
        undefined,
        element('span', 'flag', message.channel === 'sms' ? '💬' : '✉️'),
        element('span', 'place', message.to),
        element('time', 'when', moment(message.sentAt)),
        element('p', 'message', message.text),
      ),
    ),
  );
  byId('no-messages').hidden = (state.messages ?? []).length > 0;
  if (state.settings) renderSettings(state.settings);
}

function renderSettings({ homeCountries, responses }) {
  byId('home-countries').value = homeCountries.join(', ');
  byId('triggers').replaceChildren(
    ...Object.entries(triggers).map(([trigger, choices]) =>
      element(
        'fieldset',
        '',
        undefined,
        element('legend', '', text().trigger[trigger]),
        ...choices.map((response) => {
          const box = element('input');
          Object.assign(box, { type: 'checkbox', name: trigger, value: response, checked: responses[trigger].includes(response) });
          box.addEventListener('change', () => onlyOne(trigger, box));
          return element('label', '', undefined, box, ` ${text().response[response]}`);
        }),
      ),
    ),
  );
}

/** `none` stands alone. */
function onlyOne(trigger, changed) {
  for (const box of document.getElementsByName(trigger)) {
    if (box !== changed && changed.checked && (changed.value === 'none' || box.value === 'none')) box.checked = false;
  }
}

async function loadLogins(isFirst) {
  const query = isFirst ? '' : `?cursor=${encodeURIComponent(state.cursor)}`;
  const { body } = await call(`/v1/me/logins${query}`);
  state.logins = isFirst ? body.items : [...state.logins, ...body.items];
  state.cursor = body.cursor;
}

async function loadSettings() {
  const { body, headers } = await call('/v1/me/security-settings');
  state.settings = body;
  state.etag = headers.get('etag');
}

async function loadMessages() {
  state.messages = (await call(`/local/messages?accountId=${encodeURIComponent(state.account)}`)).body.items;
}

async function signIn() {
  state.account = byId('account').value;
  const body = JSON.stringify({ accountId: state.account, ...(byId('second-factor').checked && { amr: ['otp'] }) });
  state.token = (await call('/local/tokens', { method: 'POST', body })).body.token;
  await Promise.all([loadLogins(true), loadSettings(), loadMessages()]);
  render();
}

async function save() {
  byId('saved').textContent = '';
  const chosen = (trigger) => [...document.getElementsByName(trigger)].filter(({ checked }) => checked).map(({ value }) => value);
  const wanted = {
    homeCountries: byId('home-countries').value.split(',').map((code) => code.trim().toUpperCase()),
    responses: Object.fromEntries(Object.keys(triggers).map((trigger) => [trigger, chosen(trigger)])),
  };
  const { body, headers } = await call('/v1/me/security-settings', { method: 'PUT', body: JSON.stringify(wanted), headers: { 'if-match': state.etag } });
  Object.assign(state, { settings: body, etag: headers.get('etag') });
  render();
  byId('saved').textContent = text().saved;
}

byId('sign-in').addEventListener('submit', guarded(signIn));
byId('settings').addEventListener('submit', guarded(save));
byId('more').addEventListener(
  'click',
  guarded(async () => {
    await loadLogins(false);
    render();
  }),
);
for (const button of document.querySelectorAll('[data-locale]')) {
  button.addEventListener('click', () => {
    state.locale = button.dataset.locale;
    render();
  });
}
render();
