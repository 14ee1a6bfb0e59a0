// Where a hub is, and what a page says of itself in each request to it.

import { HubError } from './request.js';

export class Endpoint {
  url;
  /** Tabs with the same name can share a stream. */
  name;
  credentials;
  #token;

  /** @param options { token, withCredentials, account }: see connect */
  constructor(url, { token = null, withCredentials = false, account = '' }) {
    this.url = url;
    this.name = [`sse-hub ${url}`, token && 'with a token', withCredentials && 'with credentials', account].filter(Boolean).join(' ');
    this.credentials = withCredentials ? 'include' : 'same-origin';
    this.#token = token;
  }

  /** With a token, if the page has one. A HubError if it fails to get one: that is tried again. */
  async headers() {
    try {
      const token = typeof this.#token === 'function' ? await this.#token() : this.#token;
      return token ? { Authorization: `Bearer ${token}` } : {};
    } catch (error) {
      throw new HubError(0, `the page has no token: ${error?.message ?? error}`);
    }
  }
}
