// Renews the token of an open stream before it expires, so that the stream can stay open. If the token cannot be renewed in
// time, the hub ends the stream when the token expires, and the stream is reopened with the page's current token.

import { renew } from './request.js';

const CHECK_MS = 1_000; // a single long timer would stop while the machine sleeps
const EARLY_SHARE = 0.15; // of the remaining time
const EARLY_MS = 90_000; // more than a minute, because browsers run the timers of a hidden tab only once a minute
const MIN_LEFT_MS = 1_500; // with less time left, renewal is not tried

export class Renewal {
  /** The name of the stream. A client that knows it, and has a token of the same subject, can renew the stream's token. */
  name = randomName();
  #endpoint;
  #token;
  #claims;
  #onOtherSubject;
  #clockOffset = 0; // how far the hub's clock is ahead of the browser's, in milliseconds
  #renewBelow = -Infinity; // the remaining time, in milliseconds, at which to renew
  #watch = null;
  #ended = new AbortController();

  /**
   * Returns the renewal for a stream that is opened with this token, or null if the token cannot be renewed.
   *
   * @param onOtherSubject called when the page's token now has another subject, so that the stream must be reopened with it
   */
  static of(endpoint, token, onOtherSubject) {
    const claims = endpoint.renewsTokens ? claimsOf(token) : null;
    return claims && new Renewal(endpoint, token, claims, onOtherSubject);
  }

  constructor(endpoint, token, claims, onOtherSubject) {
    this.#endpoint = endpoint;
    this.#token = token;
    this.#claims = claims;
    this.#onOtherSubject = onOtherSubject;
  }

  /** @param hubTime the hub's time in epoch milliseconds, or NaN if the browser hides it */
  begin(hubTime) {
    this.#clockOffset = (hubTime || Date.now()) - Date.now();
    this.#plan();
    this.#watch = setInterval(() => this.#check(), CHECK_MS);
  }

  /** Stops the renewal: no more requests are sent, and the page is no longer asked for tokens. */
  end() {
    clearInterval(this.#watch);
    this.#ended.abort(null);
  }

  get #left() {
    return this.#claims.exp * 1000 - Date.now() - this.#clockOffset;
  }

  /** Plans the next attempt. After a failure less time is left, so it comes sooner. */
  #plan() {
    const left = this.#left;
    const early = Math.max(EARLY_SHARE * left, Math.min(EARLY_MS, left / 2)) * (0.7 + 0.3 * Math.random());
    this.#renewBelow = left > MIN_LEFT_MS && left < Infinity ? early : -Infinity;
  }

  async #check() {
    if (this.#left > this.#renewBelow) {
      return;
    }
    this.#renewBelow = -Infinity; // one attempt at a time
    try {
      await this.#renew();
    } catch (error) {
      if (!this.#ended.signal.aborted) {
        console.info('the token of the stream was not renewed:', error.message);
      }
    }
    this.#plan();
  }

  async #renew() {
    const token = await this.#endpoint.token();
    const claims = claimsOf(token);
    if (this.#ended.signal.aborted) {
      return;
    }
    if (claims === null || token === this.#token) {
      throw new Error('the page has no fresh token');
    }
    try {
      await renew(this.#endpoint.with(token), this.name, this.#ended.signal);
    } catch (error) {
      if (error?.status !== 403 || !error.isFinal || claims.sub === this.#claims.sub) {
        throw error;
      }
      this.#onOtherSubject(); // the hub's answer was not 401, so the token is valid
    }
    this.#token = token;
    this.#claims = claims;
  }
}

/** Returns the claims of a JWT, which only the hub verifies, or null if it is not a JWT with a subject. */
function claimsOf(token) {
  try {
    const bytes = Uint8Array.from(atob(token.split('.')[1].replaceAll('-', '+').replaceAll('_', '/')), (c) => c.charCodeAt(0));
    const { sub, exp = Infinity } = JSON.parse(new TextDecoder().decode(bytes));
    return typeof sub === 'string' && typeof exp === 'number' ? { sub, exp } : null;
  } catch {
    return null;
  }
}

function randomName() {
  return [...crypto.getRandomValues(new Uint32Array(4))].map((part) => part.toString(16).padStart(8, '0')).join('');
}
