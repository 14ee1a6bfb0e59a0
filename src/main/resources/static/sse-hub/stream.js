// Keeps one stream open: when it ends, is refused, or is silent for too long, it is reopened after the last event received.

import { backOff } from './backoff.js';
import { Renewal } from './renewal.js';
import { HubError, readStream } from './request.js';

const RETRY_MS = 2_000; // until the hub sends another reconnection time
const REOPEN_INTERVAL_MS = 500; // a change of the selectors reopens the stream at most this often

export class Stream {
  #endpoint;
  #listener;
  #selectors = []; // the selectors that the stream should have
  #requested = []; // the selectors of the current request
  #position;
  #retry = RETRY_MS;
  #failures = 0;
  #request = null; // the AbortController of the current request
  #openedAt = null; // performance.now() at the first frame of the response
  #endPause = null; // ends the current pause between two attempts
  #reopenTimer = null;
  #running = false;
  #closed = false;

  /**
   * @param position the hub's own id of the event after which the stream begins, or null to begin with new events
   * @param listener { connecting(), opened(position, selectors, heartbeatMs), bytes(), frame(frame), waiting(retryAt, error) }
   */
  constructor(endpoint, position, listener) {
    this.#endpoint = endpoint;
    this.#position = position;
    this.#listener = listener;
    addEventListener('online', this.#online);
  }

  /** The hub's own id up to which all events have been received. */
  get position() {
    return this.#position;
  }

  /** Changes the selectors. The stream is reopened without losing events, or closed if there are no selectors. */
  select(selectors) {
    this.#selectors = selectors;
    if (selectors.length === 0) {
      this.#position = null; // events published before the next select are not needed
      this.#request?.abort(null); // null, because this is not a failure
    }
    this.#reopenIfChanged();
    this.#run();
  }

  /** Ends the pause before the next attempt. */
  reconnect() {
    this.#failures = 0;
    this.#endPause?.();
  }

  close() {
    this.#closed = true;
    removeEventListener('online', this.#online);
    clearTimeout(this.#reopenTimer);
    this.#request?.abort(null);
    this.#endPause?.();
  }

  #online = () => this.reconnect();

  /** Leaves a request alone until it is answered: a tab that keeps changing its topics must not keep the stream from opening. */
  #reopenIfChanged() {
    clearTimeout(this.#reopenTimer);
    if (this.#openedAt !== null && this.#requested.join('\n') !== this.#selectors.join('\n')) {
      const left = this.#openedAt + REOPEN_INTERVAL_MS - performance.now();
      const request = this.#request;
      this.#reopenTimer = setTimeout(() => request.abort(null), Math.max(0, left));
    }
  }

  async #run() {
    if (this.#running) {
      return;
    }
    this.#running = true;
    while (!this.#closed && this.#selectors.length > 0) {
      const failure = await this.#read();
      if (failure && !this.#closed) {
        await this.#pause(failure);
      }
    }
    this.#running = false;
  }

  /** Sends a request and reads the response to its end. Returns the failure, or null if the stream was ended on purpose. */
  async #read() {
    const request = new AbortController();
    this.#request = request;
    this.#requested = this.#selectors;
    this.#listener.connecting();
    let heartbeat = null;
    let renewal = null;
    try {
      const token = await this.#endpoint.token();
      renewal = Renewal.of(this.#endpoint, token, () => request.abort(null));
      const name = renewal ? { streamName: renewal.name } : {};
      const after = this.#position === null ? {} : { lastEventID: this.#position };
      await readStream(this.#endpoint.with(token), this.#requested, { ...after, ...name }, request.signal, {
        opened: (interval, hubTime) => {
          heartbeat = interval;
          renewal?.begin(hubTime);
        },
        bytes: () => this.#listener.bytes(),
        frame: (frame) => request.signal.aborted || this.#take(frame, heartbeat),
      });
      return new HubError(200, 'the hub has ended the stream');
    } catch (error) {
      if (error !== null && !(error instanceof HubError)) {
        reportError(error); // a bug in this module; the stream is reopened all the same
      }
      return error;
    } finally {
      renewal?.end();
      this.#request = null;
      this.#openedAt = null;
    }
  }

  #take(frame, heartbeat) {
    if (this.#openedAt === null) {
      this.#openedAt = performance.now();
      this.#failures = 0;
      this.#listener.opened(this.#position ?? frame.at, this.#requested, heartbeat);
      this.#reopenIfChanged();
    }
    this.#position = frame.at ?? this.#position;
    this.#retry = frame.retry ?? this.#retry;
    this.#listener.frame({ ...frame, at: this.#position });
  }

  async #pause(failure) {
    const delay = backOff(this.#failures++, this.#retry, failure);
    const waited = new Promise((resolve) => {
      const timer = setTimeout(resolve, delay);
      this.#endPause = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.#listener.waiting(Date.now() + delay, failure);
    await waited;
    this.#endPause = null;
  }
}
