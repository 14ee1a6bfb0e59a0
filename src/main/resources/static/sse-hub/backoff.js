// How long to wait before the next attempt, after a number of failures in a row.

const SHORTEST_MS = 500; // even if the hub's retry time is less
const LONGEST_MS = 30_000;
const LONGEST_RETRY_AFTER_MS = 300_000; // a refusal may ask for a longer wait
const STEADY_MS = 60_000; // most outages are restarts, and are over by then

/**
 * The waits of one outage. For the first minute they do not grow, so that the client is back soon after a restart; then they double. All
 * are partly random, so that not all clients of a restarted hub reconnect at once.
 */
export class BackOff {
  #since = null;
  #doublings = 0;

  /**
   * Returns the time to wait after a failure, in milliseconds.
   *
   * @param retry the reconnection time that the hub sends, in milliseconds
   */
  next(retry, failure) {
    const now = performance.now();
    this.#since ??= now;
    const first = Math.min(Math.max(retry, SHORTEST_MS), LONGEST_MS);
    if (!this.isShort) {
      this.#doublings++;
    }
    const grown = Math.min(first * 2 ** Math.min(this.#doublings, 10), LONGEST_MS);
    const asked = Math.min((failure.retryAfter ?? 0) * (1 + Math.random() / 4), LONGEST_RETRY_AFTER_MS);
    return Math.round(Math.max(grown * (0.5 + Math.random() / 2), asked));
  }

  /** Whether the outage has lasted for less than a minute. */
  get isShort() {
    return this.#since !== null && performance.now() - this.#since < STEADY_MS;
  }

  /** Ends the outage. */
  reset() {
    this.#since = null;
    this.#doublings = 0;
  }
}
