// Keeps one stream open: opens it again, where it left off, whenever it ends, is refused, or has been silent for too long.

import { backOff } from './backoff.js';
import { Renewal } from './renewal.js';
import { HubError, readStream } from './request.js';

const RETRY_MS = 2_000; // until the hub says how long
const REOPENING_MS = 500; // it is not opened anew more often, however often the topics change

export class Stream {
  #endpoint;
  #listener;
  #selectors = []; // what it is to have
  #reads = []; // what it has, or will when it is open
  #position;
  #retry = RETRY_MS;
  #failures = 0;
  #request = null; // what ends the one that is under way
  #openedAt = null; // when it was answered, by performance.now()
  #wait = null; // what ends the wait for the next
  #reopening = null;
  #running = false;
  #closed = false;

  /**
   * @param position the hub's id of the event after which it begins, or null for what comes from now on
   * @param listener { connecting(), opened(position, selectors, heartbeatMs), bytes(), frame(frame), waiting(retryAt, failure) }
   */
  constructor(endpoint, position, listener) {
    this.#endpoint = endpoint;
    this.#position = position;
    this.#listener = listener;
    addEventListener('online', this.#online);
  }

  /** The hub's id of the last event, all of whose predecessors have come. */
  get position() {
    return this.#position;
  }

  /** From now on of these topics, or soon; nothing is lost on the way, and nothing is read while there are none. */
  select(selectors) {
    this.#selectors = selectors;
    if (selectors.length === 0) {
      this.#position = null; // nobody will ask for what comes now
      this.#request?.abort(null); // no reason: it has not failed
    }
    this.#reopen();
    this.#run();
  }

  /** Does not wait any longer. */
  reconnect() {
    this.#failures = 0;
    this.#wait?.();
  }

  close() {
    this.#closed = true;
    removeEventListener('online', this.#online);
    clearTimeout(this.#reopening);
    this.#request?.abort(null);
    this.#wait?.();
  }

  #online = () => this.reconnect();

  /** One that is being opened comes so far first: who changes topics all the time must not keep it from all others. */
  #reopen() {
    clearTimeout(this.#reopening);
    if (this.#openedAt !== null && this.#reads.join('\n') !== this.#selectors.join('\n')) {
      const left = this.#openedAt + REOPENING_MS - performance.now();
      const request = this.#request;
      this.#reopening = setTimeout(() => request.abort(null), Math.max(0, left));
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

  /** Reads one answer to its end, and returns why it has ended; null if that was wanted. */
  async #read() {
    const request = new AbortController();
    this.#request = request;
    this.#reads = this.#selectors;
    this.#listener.connecting();
    let heartbeat = null;
    let renewal = null;
    try {
      const token = await this.#endpoint.token();
      renewal = Renewal.of(this.#endpoint, token, () => request.abort(null));
      const name = renewal ? { stream: renewal.name } : {};
      const after = this.#position === null ? {} : { lastEventID: this.#position };
      await readStream(this.#endpoint.with(token), this.#reads, { ...after, ...name }, request.signal, {
        opened: (interval, hubsTime) => {
          heartbeat = interval;
          renewal?.begin(hubsTime);
        },
        bytes: () => this.#listener.bytes(),
        frame: (frame) => request.signal.aborted || this.#take(frame, heartbeat),
      });
      return new HubError(200, 'the hub has ended the stream');
    } catch (error) {
      if (error !== null && !(error instanceof HubError)) {
        reportError(error); // a mistake in this module; the stream goes on all the same
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
      this.#listener.opened(this.#position ?? frame.at, this.#reads, heartbeat);
      this.#reopen();
    }
    this.#position = frame.at ?? this.#position;
    this.#retry = frame.retry ?? this.#retry;
    this.#listener.frame({ ...frame, at: this.#position });
  }

  async #pause(failure) {
    const delay = backOff(this.#failures++, this.#retry, failure);
    const waited = new Promise((resolve) => {
      const timer = setTimeout(resolve, delay);
      this.#wait = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.#listener.waiting(Date.now() + delay, failure);
    await waited;
    this.#wait = null;
  }
}
