// Sends the requests of the page, with the operator's token if there is one. The token is kept until the tab is closed.

import { recall, remember } from '../panels/storage.js';

const KEY = 'sse-hub operator token';
const OBSERVE = new URL('../../observe/', import.meta.url);

export function operatorToken() {
  return recall(KEY, 'sessionStorage') ?? '';
}

export function useToken(token) {
  remember(KEY, token, 'sessionStorage');
}

/** An answer other than 200, or none: then the status is 0. */
export class Refused extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }

  /** Whether the request needs an operator's token, or another one. */
  get needsToken() {
    return [401, 403].includes(this.status);
  }
}

/**
 * Sends a request and returns the JSON of the answer.
 *
 * @param path below /observe/
 * @param parameters names and values; empty values are left out
 */
export async function send(method, path, parameters = {}, signal = undefined) {
  const url = new URL(path, OBSERVE);
  for (const [name, value] of Object.entries(parameters)) {
    if (value !== '') {
      url.searchParams.set(name, value);
    }
  }
  const token = operatorToken();
  let answer;
  try {
    answer = await fetch(url, { method, signal, cache: 'no-store', headers: token ? { Authorization: `Bearer ${token}` } : {} });
  } catch (error) {
    if (error.name === 'AbortError') {
      throw error;
    }
    throw new Refused(0, 'the hub does not answer');
  }
  if (!answer.ok) {
    throw new Refused(answer.status, (await answer.text()).trim() || `the answer is ${answer.status}`);
  }
  return answer.json();
}
