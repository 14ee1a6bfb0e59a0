// Keeps one stream open: opens it again, where it left off, whenever it ends, is refused, or has been silent for too long.

import { HubError, readStream } from './request.js';

const RETRY_MS = 2_000; // until the hub says how long
const LONGEST_RETRY_MS = 30_000;
const SILENT_INTERVALS = 2; // so many signs of life may fail to come
const CHECK_MS = 1_000;
const OPENING_MS = 30_000; // so long may an answer take

export class Stream {
  #url;
  #listener;
  #selectors = [];
  #position;
  #retry = RETRY_MS;
  #failures = 0;
  #request = null; // what ends the one that is under way
  #wait = null; // what ends the wait for the next
  #running = false;
  #closed = false;

  /**
   * @param position the hub's id of the event after which it begins, or null for what comes from now on
   * @param listener { connecting(), opened(position, heartbeatMs), frame(frame), waiting(retryAt, failure) }
   */
  constructor(url, position, listener) {
    this.#url = url;
    this.#position = position;
    this.#listener = listener;
    globalThis.addEventListener?.('online', this.#online);
  }

  /** The hub's id of the last event, all of whose predecessors have come. */
  get position() {
    return this.#position;
  }

  /** From now on of these topics; nothing is lost on the way, and nothing is read while there are none. */
  select(selectors) {
    this.#selectors = selectors;
    if (selectors.length === 0) {
      this.#position = null; // nobody will ask for what comes now
    }
    this.#request?.abort(null); // no reason: it has not failed
    this.#run();
  }

  /** Does not wait any longer. */
  reconnect() {
    this.#failures = 0;
    this.#wait?.();
  }

  close() {
    this.#closed = true;
    globalThis.removeEventListener?.('online', this.#online);
    this.#request?.abort(null);
    this.#wait?.();
  }

  #online = () => this.reconnect();

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
    this.#listener.connecting();
    let heard = Date.now();
    let longest = OPENING_MS;
    const watch = setInterval(() => {
      if (Date.now() - heard > longest) {
        request.abort(new HubError(0, `nothing has come for ${Math.round((Date.now() - heard) / 1000)} s`));
      }
    }, CHECK_MS);
    let heartbeat = null;
    let opened = false;
    try {
      const after = this.#position === null ? {} : { lastEventID: this.#position };
      await readStream(this.#url, this.#selectors, after, request.signal, (seconds) => {
        heartbeat = seconds === null ? null : seconds * 1000;
        longest = heartbeat === null ? Infinity : SILENT_INTERVALS * heartbeat + OPENING_MS / 10;
      }, (frame) => {
        heard = Date.now();
        if (!request.signal.aborted) {
          if (!opened) {
            opened = true;
            this.#failures = 0;
            this.#listener.opened(this.#position ?? frame.at, heartbeat);
          }
          this.#take(frame);
        }
      });
      return new HubError(200, 'the hub has ended the stream');
    } catch (error) {
      if (error !== null && !(error instanceof HubError)) {
        reportError(error); // a mistake in this module; the stream goes on all the same
      }
      return error;
    } finally {
      clearInterval(watch);
      this.#request = null;
    }
  }

  #take(frame) {
    this.#position = frame.at ?? this.#position;
    this.#retry = frame.retry ?? this.#retry;
    this.#listener.frame({ ...frame, at: this.#position });
  }

  /** All the clients of a hub that was restarted must not come back in the same moment. */
  async #pause(failure) {
    const backOff = Math.min(this.#retry * 2 ** this.#failures, Math.max(LONGEST_RETRY_MS, this.#retry));
    this.#failures++;
    const delay = Math.round(Math.max(backOff * (0.5 + Math.random() / 2), failure.retryAfter ?? 0));
    this.#listener.waiting(Date.now() + delay, failure);
    await new Promise((resolve) => {
      const timer = setTimeout(resolve, delay);
      this.#wait = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.#wait = null;
  }
}
