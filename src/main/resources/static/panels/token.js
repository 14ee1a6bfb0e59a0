// The token with which this tab asks the hub, for as long as the tab is there. Another one means to begin anew.

import { recall, remember } from './storage.js';

const KEY = 'sse-hub token';

/** What connect takes: tabs share a stream if they have the same token. */
export function tokenOptions() {
  const token = recall(KEY, 'sessionStorage');
  return token ? { token, account: token.slice(-12) } : {};
}

export function showToken() {
  const form = document.getElementById('token-form');
  const field = document.getElementById('token');
  const forget = form.querySelector('[data-do=forget]');
  const use = (token) => {
    remember(KEY, token, 'sessionStorage');
    location.reload();
  };
  field.placeholder = 'none';
  if ('token' in tokenOptions()) {
    field.placeholder = 'one is in use';
    forget.disabled = false;
  }
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    use(field.value.trim());
  });
  forget.addEventListener('click', () => use(''));
}
