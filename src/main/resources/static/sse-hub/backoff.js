// How long to wait before the next attempt, after a number of failures in a row.

const SHORTEST_MS = 500; // even if the hub's retry time is less
const LONGEST_MS = 30_000;
const LONGEST_RETRY_AFTER_MS = 300_000; // a refusal may ask for a longer wait

/**
 * Returns the time to wait in milliseconds. It grows with each failure, and is partly random, so that not all clients of a
 * restarted hub reconnect at the same moment.
 *
 * @param failures how many attempts failed in a row before this one
 * @param retry the reconnection time that the hub sends, in milliseconds
 */
export function backOff(failures, retry, failure) {
  const first = Math.min(Math.max(retry, SHORTEST_MS), LONGEST_MS);
  const grown = Math.min(first * 2 ** Math.min(failures, 10), LONGEST_MS);
  return Math.round(Math.max(grown * (0.5 + Math.random() / 2), Math.min(failure.retryAfter ?? 0, LONGEST_RETRY_AFTER_MS)));
}
