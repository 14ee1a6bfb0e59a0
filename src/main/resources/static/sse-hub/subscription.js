// A subscription of the page: its topics, and the position up to which its listener has received all events.

import { BackOff } from './backoff.js';
import { isAfter } from './order.js';
import { hasEnded, HubError, readStream } from './request.js';

const MAX_QUEUED = 1_000;
const RETRY_MS = 1_000;
const ASK_TIMEOUT_MS = 5_000;

export class Subscription {
  // A live subscription receives its events from the shared stream. To catch up with past events, or with those published while
  // no tab read the stream for it, it sends a request of its own, and meanwhile queues the frames of the shared stream. So no
  // event is lost or delivered twice, whichever tab leads and however often that changes.
  //
  // The shared stream ends when all topics of all tabs have ended. Usually it goes on, so a subscription with onend asks the hub
  // about its own topics: when it goes live, and after an event that ends topics.

  selectors;
  /** Fulfilled when the past events are delivered and the subscription is live; rejected if the hub refuses it. */
  ready;
  #endpoint;
  #listener;
  #onerror;
  #onend;
  #onclose;
  #start; // what the first request for past events asks for: { lastEventID }, { last }, or null for new events only
  #position = null; // the hub's own id up to which the listener has all events; null before the start
  #lastId = null; // the id of the event at that position, which its publisher may have chosen
  #live = false;
  #queue = [];
  #overflowed = false;
  #fetching = null;
  #settle;
  #delivered = 0;
  #mayHaveEnded; // whether the hub must be asked
  #asking = false;
  #beginsNow; // whether the page has asked for new events only
  closed = false;
  /** Whether all topics have ended. What is missing is still delivered. */
  ended = false;

  constructor(endpoint, selectors, listener, { since, last, onend = null, onerror = (error) => reportError(error) }, onclose) {
    this.#endpoint = endpoint;
    this.selectors = [...new Set(selectors)];
    this.#listener = listener;
    this.#start = startOf(since ?? null, last ?? null);
    this.#beginsNow = this.#start === null;
    this.#onend = onend;
    // templates and * never end
    this.#mayHaveEnded = onend !== null && !selectors.some((selector) => selector === '*' || selector.includes('{'));
    this.#onerror = onerror;
    this.#onclose = onclose;
    this.ready = new Promise((resolve, reject) => (this.#settle = { resolve, reject }));
    this.ready.catch(() => {}); // onerror receives the error as well
  }

  /** Stops the delivery of events. */
  close() {
    if (!this.closed) {
      this.closed = true;
      this.#stop();
      this.#onclose(this);
    }
  }

  /** Sets the start to the hub's position at the time of subscribing, unless the page asked for past events. */
  begin(position) {
    if (this.#start === null) {
      this.#position = position;
    }
  }

  /** Ends the subscription with an error. */
  fail(error) {
    if (!this.closed) {
      this.close();
      this.#settle.reject(error);
      this.#onerror(error);
    }
  }

  /** Takes the news that all topics have ended. */
  end() {
    if (this.ended || this.closed) {
      return;
    }
    this.ended = true;
    if (this.#beginsNow && this.#delivered === 0) { // they had ended before the subscription began
      this.#position = null;
      this.#start = { lastEventID: 'earliest' };
      this.#catchUp();
    } else if (this.#live) {
      this.#finish();
    } else {
      this.#catchUp();
    }
  }

  #finish() {
    this.close();
    try {
      this.#onend?.();
    } catch (error) {
      reportError(error);
    }
  }

  /** Goes live or catches up, depending on the topics that the shared stream has and on its position. */
  cover(topics, position) {
    if (this.ended) {
      return; // the shared stream is not needed any more
    }
    if (!this.selectors.every((selector) => topics.has(selector))) {
      this.uncover();
    } else if (this.#position === null && this.#start === null) {
      this.#position = position;
      this.#goLive();
    } else if (this.#position !== null && position !== null && !isAfter(position, this.#position)) {
      this.#goLive();
    } else {
      this.#catchUp();
    }
  }

  /** Stops using the shared stream, which is closed or lacks some of the selectors. */
  uncover() {
    if (!this.ended) {
      this.#stop();
    }
  }

  #stop() {
    this.#live = false;
    this.#queue = [];
    this.#fetching?.abort(null);
    this.#fetching = null;
  }

  /** Takes a frame of the shared stream. */
  take(frame) {
    if (this.#live) {
      if (isGap(frame) && !this.#isAt(requestedOf(frame))) {
        this.#catchUp(); // the gap starts at another position: fetch what this subscription misses, if anything
      } else {
        this.#deliver(frame, false);
      }
    } else if (this.#fetching && (isGap(frame) || this.#matches(frame))) {
      this.#overflowed ||= isGap(frame) || this.#queue.length === MAX_QUEUED;
      if (!this.#overflowed) {
        this.#queue.push(frame);
      }
    }
  }

  #isAt(id) {
    return id !== null && [this.#position, this.#lastId].includes(id);
  }

  #goLive() {
    this.#fetching?.abort(null);
    this.#fetching = null;
    this.#live = true;
    this.#settle.resolve();
    this.#askForEnd();
  }

  /** Asks the hub whether all topics have ended, as long as they may have. */
  async #askForEnd() {
    if (this.#asking) {
      return;
    }
    this.#asking = true;
    const outage = new BackOff();
    while (this.#mayHaveEnded && this.#live && this.#position !== null && !this.ended) {
      this.#mayHaveEnded = false;
      const delivered = this.#delivered;
      try {
        const isOver = await hasEnded(this.#endpoint, this.selectors, this.#position);
        if (isOver && this.#live && delivered === this.#delivered) {
          this.end();
        } else {
          this.#mayHaveEnded ||= isOver; // what has come meanwhile may have opened a topic
        }
      } catch (error) {
        this.#mayHaveEnded = true;
        if (!(error instanceof HubError) || error.isFinal) {
          break; // the shared stream is refused, too
        }
        await new Promise((resolve) => setTimeout(resolve, outage.next(RETRY_MS, error)));
      }
    }
    this.#asking = false;
  }

  async #catchUp() {
    this.#stop();
    const fetching = new AbortController();
    this.#fetching = fetching;
    const outage = new BackOff();
    do {
      this.#overflowed = false;
      this.#queue = [];
      try {
        const after = this.#position === null ? this.#start : { lastEventID: this.#position };
        await readStream(this.#endpoint, this.selectors, { live: false, ...after }, fetching.signal,
          { frame: (frame) => fetching.signal.aborted || this.#deliver(frame, true) });
        outage.reset();
      } catch (error) {
        if (fetching.signal.aborted) {
          return;
        }
        if (!(error instanceof HubError) || error.isFinal) {
          this.fail(error);
          return;
        }
        await new Promise((resolve) => setTimeout(resolve, outage.next(RETRY_MS, error)));
        this.#overflowed = true;
      }
      if (fetching.signal.aborted) {
        return;
      }
    } while (this.#overflowed); // the frames that did not fit into the queue have to be fetched as well
    const queue = this.#queue;
    this.#queue = [];
    this.#goLive();
    queue.forEach((frame) => this.#deliver(frame, false));
    if (this.ended) {
      this.#finish();
    }
  }

  #deliver(frame, replayed) {
    // after a restart of the hub, a gap may lead back to a lower id
    const isNew = this.#position === null || isGap(frame) || isAfter(frame.at, this.#position);
    if (!isNew || this.closed || frame.at === null) {
      return;
    }
    this.#position = frame.at;
    this.#lastId = frame.id;
    if (isGap(frame) || this.#matches(frame)) {
      this.#delivered++;
      const selectors = frame.selectors.filter((selector) => this.selectors.includes(selector));
      try {
        this.#listener({ ...frame, selectors, replayed });
      } catch (error) {
        reportError(error); // an error in one listener must not end the stream for the others
      }
      if (frame.end && this.#onend) {
        this.#mayHaveEnded = true;
        this.#askForEnd();
      }
    }
  }

  #matches(frame) {
    return frame.data !== null && frame.selectors.some((selector) => this.selectors.includes(selector));
  }
}

function startOf(since, last) {
  if (since !== null) {
    return { lastEventID: since };
  }
  return last === null ? null : { last };
}

/** Publishers cannot use this type, so the event comes from the hub itself. */
function isGap(frame) {
  return frame.type === 'gap' && frame.data !== null;
}

function requestedOf(gap) {
  try {
    return JSON.parse(gap.data).requested;
  } catch {
    return null; // not sent by an sse-hub
  }
}

/**
 * Asks the hub whether it accepts a subscription with these selectors. Returns the hub's current position, or null if the hub
 * cannot be asked now. Throws a HubError if the hub refuses the subscription.
 */
export async function ask(endpoint, selectors) {
  let position = null;
  try {
    await readStream(endpoint, selectors, { live: false }, AbortSignal.timeout(ASK_TIMEOUT_MS),
      { frame: (frame) => (position ??= frame.at) });
  } catch (error) {
    if (error instanceof HubError && error.isFinal) {
      throw error;
    }
  }
  return position;
}
