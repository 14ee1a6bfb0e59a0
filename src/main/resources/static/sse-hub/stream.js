// Keeps one stream open: when it ends, is refused, or is silent for too long, it is reopened after the last event received. It
// stays closed only when all its topics have ended.

import { BackOff } from './backoff.js';
import { Connection, wallClock } from './connection.js';
import { HubError, TopicsEnded } from './request.js';

const RETRY_MS = 2_000; // until the hub sends another reconnection time
const REOPEN_INTERVAL_MS = 500; // a change of the selectors reopens the stream at most this often
const ALIVE_MS = 2_000; // a stream on which something has arrived within this time is not tested
const TEST_MS = 3_000; // a tested stream that is silent for so long is given up
const TEST_INTERVAL_MS = 5_000; // a page may become visible many times a minute
const CHECK_MS = 1_000;
const SLEEP_MS = 5_000; // a check that comes so late shows that the machine slept, or the browser held the page
const HEARTBEAT_TOLERANCE_MS = 3_000;
const OUTAGE_TIMEOUT_MS = 10_000; // how long an attempt soon after a failure waits: a server that restarts may lose the request

export class Stream {
  #endpoint;
  #listener;
  #selectors = []; // the selectors that the stream should have
  #position;
  #retry = RETRY_MS;
  #outage = new BackOff();
  #current = null; // the Connection that is read
  #spare = null; // a Connection that takes its place if it turns out to be dead
  #testedAt = -Infinity; // when the last test began, in the time of performance.now()
  #isTesting = false;
  #testTimer = null; // ends the current test, or begins the next one
  #checkedAt = wallClock();
  #watch = setInterval(() => this.#checkForSleep(), CHECK_MS);
  #pause = null; // { end(), isAsked } while waiting for the next attempt; isAsked: the hub has asked for this pause
  #reopenTimer = null;
  #running = false;
  #closed = false;

  /**
   * @param position the hub's own id of the event after which the stream begins, or null to begin with new events
   * @param listener { connecting(error), opened(position, selectors, heartbeatMs), bytes(), alive(), frame(frame),
   *   waiting(retryAt, error), ended(selectors) }: the error of connecting is null unless an open stream was just given up; alive
   *   is called if the stream need not be tested; ended must select other selectors than those that have ended
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
      this.#current?.end();
    }
    this.#reopenIfChanged();
    this.#run();
  }

  /** Ends the pause before the next attempt, or tests the open stream. */
  reconnect() {
    this.#outage.reset();
    this.#pause?.end();
    this.#test();
  }

  /** Reconnects when the network or the user may be back, unless the hub has asked for the pause. */
  wake() {
    if (!this.#pause?.isAsked) {
      this.reconnect();
    }
  }

  close() {
    this.#closed = true;
    removeEventListener('online', this.#online);
    clearInterval(this.#watch);
    clearTimeout(this.#reopenTimer);
    this.#endTest();
    this.#current?.end();
    this.#pause?.end();
  }

  #online = () => this.wake();

  /** Leaves a request alone until it is answered: a tab that keeps changing its topics must not keep the stream from opening. */
  #reopenIfChanged() {
    clearTimeout(this.#reopenTimer);
    const current = this.#current;
    if (current !== null && current.openedAt !== null && current.selectors.join('\n') !== this.#selectors.join('\n')) {
      const left = current.openedAt + REOPEN_INTERVAL_MS - performance.now();
      this.#endTest();
      this.#reopenTimer = setTimeout(() => current.end(), Math.max(0, left));
    }
  }

  async #run() {
    if (this.#running) {
      return;
    }
    this.#running = true;
    while (!this.#closed && this.#selectors.length > 0) {
      if (this.#current === null) {
        this.#listener.connecting(null);
        this.#current = this.#connect();
      }
      const current = this.#current;
      const failure = await current.ended;
      if (this.#current === current) { // otherwise another has taken its place
        this.#current = null;
        this.#endTest();
        if (failure instanceof TopicsEnded) {
          this.#outage.reset();
          this.#listener.ended(current.selectors);
        } else if (failure && !this.#closed) {
          await this.#wait(failure);
        }
      }
    }
    this.#running = false;
  }

  #connect() {
    const after = this.#position === null ? {} : { lastEventID: this.#position };
    const limit = this.#outage.isShort ? { answerWithin: OUTAGE_TIMEOUT_MS } : {};
    return new Connection(this.#endpoint, this.#selectors, { ...after, ...limit }, {
      opened: (connection, frame) => this.#opened(connection, frame),
      bytes: (connection) => this.#heard(connection),
      frame: (connection, frame) => connection === this.#current && this.#take(frame),
    });
  }

  #opened(connection, frame) {
    if (connection === this.#spare) {
      this.#replace();
    }
    if (connection !== this.#current) {
      return;
    }
    this.#outage.reset();
    this.#listener.opened(this.#position ?? frame?.at ?? null, connection.selectors, connection.heartbeat);
    this.#reopenIfChanged();
  }

  #heard(connection) {
    if (connection === this.#current) {
      this.#endTest();
      this.#retry = connection.openedAt === null ? this.#retry : connection.retry ?? this.#retry;
      this.#listener.bytes();
    }
  }

  #take(frame) {
    this.#position = frame.at ?? this.#position;
    this.#listener.frame({ ...frame, at: this.#position });
  }

  async #wait(failure) {
    const delay = this.#outage.next(this.#retry, failure);
    const waited = new Promise((resolve) => {
      const timer = setTimeout(resolve, delay);
      this.#pause = {
        isAsked: failure.retryAfter !== null,
        end: () => {
          clearTimeout(timer);
          resolve();
        },
      };
    });
    this.#listener.waiting(Date.now() + delay, failure);
    await waited;
    this.#pause = null;
  }

  // A connection may be dead although the browser shows it as open: no FIN or RST arrives when a laptop wakes, or a phone changes
  // networks. To test it, a second one is opened after the last event. It takes the place of the first, whose remaining events
  // are then ignored, so nothing is lost or repeated; or it is closed, if something arrives on the first one before.

  #test() {
    const current = this.#current;
    if (current === null || this.#isTesting) {
      return;
    }
    const early = this.#testedAt + TEST_INTERVAL_MS - performance.now();
    if (current.silence < ALIVE_MS || early > 0) {
      this.#listener.alive();
      if (current.silence >= ALIVE_MS) {
        this.#testTimer ??= setTimeout(() => {
          this.#testTimer = null;
          this.#test();
        }, early);
      }
      return;
    }
    clearTimeout(this.#testTimer);
    this.#isTesting = true;
    this.#testedAt = performance.now();
    this.#testTimer = setTimeout(() => this.#giveUp(current), TEST_MS);
    if (current.openedAt !== null) {
      this.#spare = this.#connect();
      this.#awaitRefusal(this.#spare, current);
    }
  }

  async #awaitRefusal(spare, current) {
    const failure = await spare.ended;
    if (this.#spare === spare) {
      this.#endTest();
      if (failure?.status === 0 || failure instanceof TopicsEnded) {
        current.end(failure);
      } else {
        this.#listener.alive(); // the hub, or a proxy, has no place for a second stream; the first one may well be alive
      }
    }
  }

  /** Neither the stream nor the second one has said anything. The second one may still be answered. */
  #giveUp(current) {
    const failure = new HubError(0, `nothing was received for ${Math.round(current.silence / 1000)} s`);
    if (this.#spare) {
      this.#replace();
      this.#listener.connecting(failure);
    } else {
      this.#endTest();
      current.end(failure);
    }
  }

  #replace() {
    const old = this.#current;
    this.#current = this.#spare;
    this.#spare = null;
    this.#endTest();
    old.end();
  }

  #endTest() {
    clearTimeout(this.#testTimer);
    this.#testTimer = null;
    this.#isTesting = false;
    this.#spare?.end();
    this.#spare = null;
  }

  /** No event of the browser says that a laptop has woken, so a late check shows it. */
  #checkForSleep() {
    const now = wallClock();
    const slept = now - this.#checkedAt > SLEEP_MS;
    this.#checkedAt = now;
    if (slept && this.#current?.heartbeat && this.#current.silence > this.#current.heartbeat + HEARTBEAT_TOLERANCE_MS) {
      this.wake();
    }
  }
}
