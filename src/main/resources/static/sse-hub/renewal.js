// Hands in a fresh token for an open stream before the one that it has expires, so that it need not be opened again. Where that is
// not possible, or fails to the last, the hub ends the stream, and it is opened with the token that the page has then.

import { renew } from './request.js';

const CHECK_MS = 1_000; // and not one long timer: it would stand still while the machine sleeps
const EARLIEST = 0.15; // of the time that is left
const EARLY_MS = 90_000; // browsers let a hidden tab act once a minute
const LATEST_MS = 1_500;

export class Renewal {
  /** That of the stream: whoever knows it, and has a token of the same subject, can renew it. */
  name = randomName();
  #endpoint;
  #token;
  #claims;
  #onStranger;
  #hubsClock = 0; // how far it is ahead of the browser's
  #due = -Infinity; // how much time is left then
  #watch = null;
  #ended = new AbortController();

  /**
   * For a stream that begins with this token; null if it is none that can be renewed.
   *
   * @param onStranger called when the page has a token of somebody else now: the stream must begin anew with that
   */
  static of(endpoint, token, onStranger) {
    const claims = endpoint.renewsTokens ? claimsOf(token) : null;
    return claims && new Renewal(endpoint, token, claims, onStranger);
  }

  constructor(endpoint, token, claims, onStranger) {
    this.#endpoint = endpoint;
    this.#token = token;
    this.#claims = claims;
    this.#onStranger = onStranger;
  }

  /** @param hubsTime in epoch milliseconds; NaN where a browser does not tell it */
  begin(hubsTime) {
    this.#hubsClock = (hubsTime || Date.now()) - Date.now();
    this.#plan();
    this.#watch = setInterval(() => this.#check(), CHECK_MS);
  }

  /** Nothing is asked of page or hub any more. */
  end() {
    clearInterval(this.#watch);
    this.#ended.abort(null);
  }

  get #left() {
    return this.#claims.exp * 1000 - Date.now() - this.#hubsClock;
  }

  /** After a failure there is less time left, so the next attempt comes sooner. */
  #plan() {
    const left = this.#left;
    const early = Math.max(EARLIEST * left, Math.min(EARLY_MS, left / 2)) * (0.7 + 0.3 * Math.random());
    this.#due = left > LATEST_MS && left < Infinity ? early : -Infinity;
  }

  async #check() {
    if (this.#left > this.#due) {
      return;
    }
    this.#due = -Infinity; // one attempt at a time
    try {
      await this.#renew();
    } catch (error) {
      if (!this.#ended.signal.aborted) {
        console.info('the token of the stream is not renewed:', error.message);
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
      throw new Error('the page has no fresh one');
    }
    try {
      await renew(this.#endpoint.with(token), this.name, this.#ended.signal);
    } catch (error) {
      if (error?.status !== 403 || claims.sub === this.#claims.sub) {
        throw error;
      }
      this.#onStranger(); // the token is valid
    }
    this.#token = token;
    this.#claims = claims;
  }
}

/** What a JWT says, which is for the hub to check; null if it is none that says whose it is. */
function claimsOf(token) {
  try {
    const bytes = Uint8Array.from(atob(token.split('.')[1].replaceAll('-', '+').replaceAll('_', '/')), (c) => c.charCodeAt(0));
    const { sub, exp = Infinity } = JSON.parse(new TextDecoder().decode(bytes));
    return typeof sub === 'string' && typeof exp === 'number' ? { sub, exp } : null;
  } catch {
    return null;
  }
}

/** 128 bits. */
function randomName() {
  return [...crypto.getRandomValues(new Uint32Array(4))].map((part) => part.toString(16).padStart(8, '0')).join('');
}
