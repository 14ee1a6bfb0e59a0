// How long to wait before something is tried again that has failed so many times in a row.

const SHORTEST_MS = 500; // whatever an event says
const LONGEST_MS = 30_000;
const LONGEST_ASKED_MS = 300_000; // if who refuses asks for more

/**
 * Milliseconds: longer each time, and never the same for all, or all the clients of a hub that was restarted would come back in the
 * same moment.
 *
 * @param retry what the hub tells clients to wait
 * @param failure the HubError
 */
export function backOff(failures, retry, failure) {
  const first = Math.min(Math.max(retry, SHORTEST_MS), LONGEST_MS);
  const grown = Math.min(first * 2 ** Math.min(failures, 10), LONGEST_MS);
  return Math.round(Math.max(grown * (0.5 + Math.random() / 2), Math.min(failure.retryAfter ?? 0, LONGEST_ASKED_MS)));
}
