// One request for a stream, from its start to its end.

import { Renewal } from './renewal.js';
import { HubError, readStream } from './request.js';

export class Connection {
  selectors;
  /** The heartbeat interval of the hub in milliseconds, or null before the answer. */
  heartbeat = null;
  /** The last reconnection time that the hub has sent, in milliseconds, or null. */
  retry = null;
  /** The time of performance.now() when the hub began the stream, or null before that. */
  openedAt = null;
  /** The time when something last arrived, or when the request was sent. */
  heardAt = wallClock();
  /** A promise of the failure that ended the stream, or of null if it was ended on purpose. */
  ended;
  #request = new AbortController();
  #listener;
  #hasCommented = false;

  /**
   * @param parameters of the request, see readStream
   * @param listener { opened(connection, frame), bytes(connection), frame(connection, frame) }: opened comes first, and its frame
   *   is null if the hub began with a comment
   */
  constructor(endpoint, selectors, parameters, listener) {
    this.selectors = selectors;
    this.#listener = listener;
    this.ended = this.#read(endpoint, parameters);
  }

  /** The time in milliseconds since something last arrived, including the time in which the machine slept. */
  get silence() {
    return Math.max(0, wallClock() - this.heardAt);
  }

  /** Ends the stream, for this reason or on purpose. */
  end(failure = null) {
    this.#request.abort(failure);
  }

  async #read(endpoint, parameters) {
    const { signal } = this.#request;
    let renewal = null;
    try {
      const token = await endpoint.token();
      renewal = Renewal.of(endpoint, token, () => this.end());
      const name = renewal ? { streamName: renewal.name } : {};
      await readStream(endpoint.with(token), this.selectors, { ...parameters, ...name }, signal, {
        answered: (heartbeat, hubTime) => {
          this.heartbeat = heartbeat;
          renewal?.begin(hubTime);
        },
        retry: (milliseconds) => (this.retry = milliseconds),
        comment: () => (this.#hasCommented = true),
        bytes: () => signal.aborted || this.#hear(),
        frame: (frame) => signal.aborted || this.#take(frame),
      });
      return new HubError(200, 'the hub has ended the stream');
    } catch (error) {
      if (error !== null && !(error instanceof HubError)) {
        reportError(error); // a bug in this module; the stream is reopened all the same
      }
      return error;
    } finally {
      renewal?.end();
    }
  }

  #hear() {
    this.heardAt = wallClock();
    if (this.#hasCommented) {
      this.#open(null);
    }
    this.#listener.bytes(this);
  }

  #take(frame) {
    this.#open(frame);
    this.#listener.frame(this, frame);
  }

  #open(frame) {
    if (this.openedAt === null) {
      this.openedAt = performance.now();
      this.#listener.opened(this, frame);
    }
  }
}

/** Unlike performance.now(), this goes on while the machine sleeps. */
export function wallClock() {
  return new Date().getTime();
}
