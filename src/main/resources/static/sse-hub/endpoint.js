// The URL of a hub, and the credentials that the page sends with each request to it.

import { HubError } from './request.js';

const FLAWS = [
  [/[^\x20-\x7e]/, 'it contains characters that cannot be sent in a header'],
  [/^bearer /i, 'it begins with Bearer, which must be left out'],
];

export class Endpoint {
  url;
  /** Tabs whose endpoints have the same name share a stream. */
  name;
  credentials;
  /** Whether the page supplies its tokens with a function, which can return a fresh one at any time. */
  renewsTokens;
  #options;

  /** @param options { token, withCredentials, account }, see connect */
  constructor(url, options) {
    const { token = null, withCredentials = false, account = '' } = options;
    this.url = url;
    this.name = [`sse-hub ${url}`, token && 'with a token', withCredentials && 'with credentials', account].filter(Boolean).join(' ');
    this.credentials = withCredentials ? 'include' : 'same-origin';
    this.renewsTokens = typeof token === 'function';
    this.#options = options;
  }

  /** Returns the page's current token, or null. Throws a HubError that is not final if the page fails to supply one. */
  async token() {
    const { token = null } = this.#options;
    try {
      return (this.renewsTokens ? await token() : token) || null;
    } catch (error) {
      throw new HubError(0, `the page has no token: ${error?.message ?? error}`);
    }
  }

  /** Returns the same endpoint with this token, or without a token if it is null. */
  with(token) {
    return new Endpoint(this.url, { ...this.#options, token });
  }

  async headers() {
    const token = await this.token();
    const flaw = FLAWS.find(([pattern]) => pattern.test(token ?? ''));
    if (flaw) {
      throw new HubError(401, `the page's token is not valid: ${flaw[1]}`, null, true);
    }
    return token === null ? {} : { Authorization: `Bearer ${token}` };
  }
}
