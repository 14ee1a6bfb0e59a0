// The token with which this tab asks the hub, for as long as the tab is there. Another one means to begin anew.

import { recall, remember } from './storage.js';
import { element } from './text.js';

const KEY = 'sse-hub token';

/** What connect takes: tabs share a stream if they have the same token. */
export function tokenOptions() {
  const token = recall(KEY, 'sessionStorage');
  return token ? { token, account: token.slice(-12) } : {};
}

export function hasToken() {
  return 'token' in tokenOptions();
}

/** Leads to where one is entered. */
export function tokenLink() {
  const link = element('a', '', hasToken() ? 'Use another token' : 'Enter a token');
  link.href = '#token';
  return link;
}

/** What the hub's refusal says, and what to do about it. */
export function refusalOf({ status, message }) {
  return [401, 403].includes(status) ? [`${message}. `, tokenLink()] : [message];
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
    field.placeholder = 'one is in use';
    forget.disabled = false;
  }
  hub.addEventListener('refused', ({ detail: { status, message } }) => {
    document.getElementById('token-hint').hidden = ![401, 403].includes(status);
    if (hasToken() && status === 401) {
      form.querySelector('[role=alert]').textContent = `Refused: ${message}`;
      field.placeholder = 'one is in use, but refused';
    }
  });
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    use(field.value.trim());
  });
  forget.addEventListener('click', () => use(''));
}
