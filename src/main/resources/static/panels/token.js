// The token that this tab sends to the hub, kept until the tab is closed. The page is reloaded when the token changes.

import { recall, remember } from './storage.js';
import { element } from './text.js';

const KEY = 'sse-hub token';
const FIELD = '#token';

/** Returns the token options for connect. Tabs share a stream only if they have the same token. */
export function tokenOptions() {
  const token = recall(KEY, 'sessionStorage');
  return token ? { token, account: token.slice(-12) } : {};
}

export function hasToken() {
  return 'token' in tokenOptions();
}

/** The statuses of refusals that another token may lift. */
export const TOKEN_STATUSES = [401, 403];

/** Returns a link to the field for the token. */
export function tokenLink() {
  const link = element('a', '', hasToken() ? 'Use another token' : 'Enter a token');
  link.href = FIELD;
  return link;
}

/** Returns the hub's sentence, followed by a link to the token field if a token may help and no other link to it is shown. */
export function refusalOf({ status, message }) {
  const linked = [...document.querySelectorAll(`[href="${FIELD}"]`)].some((link) => link.checkVisibility());
  return TOKEN_STATUSES.includes(status) && !linked ? [`${message}. `, tokenLink()] : [message];
}

/** @param hub dispatches 'refused' with the error as detail */
export function showToken(hub) {
  const form = document.getElementById('token-form');
  const field = document.getElementById('token');
  const forget = form.querySelector('[data-do=forget]');
  const use = (token) => {
    remember(KEY, token, 'sessionStorage');
    location.reload();
  };
  field.placeholder = 'none';
  if (hasToken()) {
    field.placeholder = 'a token is in use';
    forget.disabled = false;
  }
  hub.addEventListener('refused', ({ detail: { status, message } }) => {
    document.getElementById('token-hint').hidden = !TOKEN_STATUSES.includes(status);
    if (hasToken() && status === 401) {
      form.querySelector('[role=alert]').textContent = `Refused: ${message}`;
      field.placeholder = 'the token in use was refused';
    }
  });
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    use(field.value.trim());
  });
  forget.addEventListener('click', () => use(''));
}
