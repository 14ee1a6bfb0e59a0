// Where a hub is, and what a page says of itself in each request to it.

import { HubError } from './request.js';

const FLAWS = [
  [/[^\x20-\x7e]/, 'it has characters that cannot be sent'],
  [/^bearer /i, 'it begins with Bearer, which is to be left out'],
];

export class Endpoint {
  url;
  /** Tabs with the same name can share a stream. */
  name;
  credentials;
  /** Whether the page can be asked for a fresh token at any time. */
  renewsTokens;
  #options;

  /** @param options { token, withCredentials, account }: see connect */
  constructor(url, options) {
    const { token = null, withCredentials = false, account = '' } = options;
    this.url = url;
    this.name = [`sse-hub ${url}`, token && 'with a token', withCredentials && 'with credentials', account].filter(Boolean).join(' ');
    this.credentials = withCredentials ? 'include' : 'same-origin';
    this.renewsTokens = typeof token === 'function';
    this.#options = options;
  }

  /** The one that the page has now, or null. A HubError if it fails to get one: that is tried again. */
  async token() {
    const { token = null } = this.#options;
    try {
      return (this.renewsTokens ? await token() : token) || null;
    } catch (error) {
      throw new HubError(0, `the page has no token: ${error?.message ?? error}`);
    }
  }

  /** The same for requests with this token, or without one. */
  with(token) {
    return new Endpoint(this.url, { ...this.#options, token });
  }

  async headers() {
    const token = await this.token();
    const flaw = FLAWS.find(([pattern]) => pattern.test(token ?? ''));
    if (flaw) {
      throw new HubError(401, `what the page has for a token is none: ${flaw[1]}`, null, true);
    }
    return token === null ? {} : { Authorization: `Bearer ${token}` };
  }
}
