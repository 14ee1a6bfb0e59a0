// What one listener has asked for, and how far it has come.

import { backOff } from './backoff.js';
import { isAfter } from './order.js';
import { HubError, readStream } from './request.js';

const WAITING_EVENTS = 1_000;
const RETRY_MS = 1_000;
const ANSWER_MS = 5_000;
const NOTHING = { opened() {}, bytes() {}, frame() {} };

export class Subscription {
  // It is covered while the shared stream has all of its topics. When that begins, it may lack what came before: the past that it
  // was asked for, or what was published while nobody read the stream for it. It fetches that beside the stream, and lets what
  // comes meanwhile wait. So nothing is missing and nothing comes twice, whichever tab leads and however often that changes.

  selectors;
  /** Fulfilled when the past has been delivered and it is live; rejected if the hub refuses it. */
  ready;
  #endpoint;
  #listener;
  #onerror;
  #onclose;
  #since;
  #position = null; // the hub's id of the place up to which it has all; null before it has begun
  #lastId = null; // the id there that its publisher may have chosen
  #live = false;
  #waiting = [];
  #overflown = false;
  #fetching = null;
  #settle;
  closed = false;

  constructor(endpoint, selectors, listener, { since = null, onerror = (error) => reportError(error) }, onclose) {
    this.#endpoint = endpoint;
    this.selectors = [...new Set(selectors)];
    this.#listener = listener;
    this.#since = since;
    this.#onerror = onerror;
    this.#onclose = onclose;
    this.ready = new Promise((resolve, reject) => (this.#settle = { resolve, reject }));
    this.ready.catch(() => {}); // onerror says it as well
  }

  /** Nothing is delivered any more. */
  close() {
    if (!this.closed) {
      this.closed = true;
      this.uncover();
      this.#onclose(this);
    }
  }

  /** It has been there since the hub was at this place. */
  begin(position) {
    if (this.#since === null) {
      this.#position = position;
    }
  }

  /** It cannot be had. */
  fail(error) {
    if (!this.closed) {
      this.close();
      this.#settle.reject(error);
      this.#onerror(error);
    }
  }

  /** The shared stream has these topics, from this place on. */
  cover(topics, position) {
    if (!this.selectors.every((selector) => topics.has(selector))) {
      this.uncover();
    } else if (this.#position === null && this.#since === null) {
      this.#position = position;
      this.#goLive();
    } else if (this.#position !== null && position !== null && !isAfter(position, this.#position)) {
      this.#goLive();
    } else {
      this.#catchUp();
    }
  }

  uncover() {
    this.#live = false;
    this.#waiting = [];
    this.#fetching?.abort(null);
    this.#fetching = null;
  }

  /** Something has come on the shared stream. */
  take(frame) {
    if (this.#live) {
      if (isGap(frame) && !this.#has(requestedOf(frame))) {
        this.#catchUp(); // it misses other events than the stream does, or none
      } else {
        this.#pass(frame, false);
      }
    } else if (this.#fetching && (isGap(frame) || this.#concerns(frame))) {
      this.#overflown ||= isGap(frame) || this.#waiting.length === WAITING_EVENTS;
      if (!this.#overflown) {
        this.#waiting.push(frame);
      }
    }
  }

  #has(id) {
    return id !== null && [this.#position, this.#lastId].includes(id);
  }

  #goLive() {
    this.#fetching?.abort(null);
    this.#fetching = null;
    this.#live = true;
    this.#settle.resolve();
  }

  async #catchUp() {
    this.uncover();
    const fetching = new AbortController();
    this.#fetching = fetching;
    let failures = 0;
    do {
      this.#overflown = false;
      this.#waiting = [];
      try {
        const lastEventID = this.#position ?? this.#since;
        await readStream(this.#endpoint, this.selectors, { live: false, lastEventID }, fetching.signal,
          { ...NOTHING, frame: (frame) => fetching.signal.aborted || this.#pass(frame, true) });
        failures = 0;
      } catch (error) {
        if (fetching.signal.aborted) {
          return;
        }
        if (!(error instanceof HubError) || error.isFinal) {
          this.fail(error);
          return;
        }
        await new Promise((resolve) => setTimeout(resolve, backOff(failures++, RETRY_MS, error)));
        this.#overflown = true;
      }
      if (fetching.signal.aborted) {
        return;
      }
    } while (this.#overflown); // too much came meanwhile: what was let go of is fetched as well
    const waiting = this.#waiting;
    this.#waiting = [];
    this.#goLive();
    waiting.forEach((frame) => this.#pass(frame, false));
  }

  /** A gap can lead backwards: the hub was started again. */
  #pass(frame, replayed) {
    const isNew = this.#position === null || isGap(frame) || isAfter(frame.at, this.#position);
    if (!isNew || this.closed || frame.at === null) {
      return;
    }
    this.#position = frame.at;
    this.#lastId = frame.id;
    if (isGap(frame) || this.#concerns(frame)) {
      const { comment, ...event } = frame;
      const selectors = frame.selectors.filter((selector) => this.selectors.includes(selector));
      try {
        this.#listener({ ...event, selectors, replayed });
      } catch (error) {
        reportError(error); // the listener's mistake must not end the stream of all others
      }
    }
  }

  #concerns(frame) {
    return frame.data !== null && frame.selectors.some((selector) => this.selectors.includes(selector));
  }
}

/** Nobody else may publish this type. */
function isGap(frame) {
  return frame.type === 'gap' && frame.data !== null;
}

function requestedOf(gap) {
  try {
    return JSON.parse(gap.data).requested;
  } catch {
    return null; // no gap of this hub's
  }
}

/**
 * Asks the hub whether it would take such a subscription, and returns at which place it is; null if it cannot be asked now. Throws
 * the HubError with which it refuses.
 */
export async function ask(endpoint, selectors) {
  let position = null;
  try {
    await readStream(endpoint, selectors, { live: false }, AbortSignal.timeout(ANSWER_MS),
      { ...NOTHING, frame: (frame) => (position ??= frame.at) });
  } catch (error) {
    if (error instanceof HubError && error.isFinal) {
      throw error;
    }
  }
  return position;
}
