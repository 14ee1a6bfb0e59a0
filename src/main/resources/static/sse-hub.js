// sse-hub.js: receives live events in a page, over one stream for all tabs of the browser.
//
//   import { connect } from '/static/sse-hub.js';
//
//   const hub = connect('/sse');
//   const subscription = hub.subscribe(['chat', '/orders/{id}'], (event) => console.log(event.type, event.data));
//   await hub.publish({ topic: 'chat', data: 'Hello' });
//
// Over HTTP/1.1, a browser opens at most six connections to an origin, so the tabs share one stream. One tab, the leader, reads
// it (Web Locks) and passes the events to the others (BroadcastChannel). When the stream fails, or is silent for longer than
// the hub's heartbeats allow, it is reopened where it left off. Events that the hub no longer holds are reported as an event of
// type 'gap'. No event is delivered twice.

import { Endpoint } from './sse-hub/endpoint.js';
import { Member } from './sse-hub/member.js';
import { HubError, post } from './sse-hub/request.js';
import { Subscription } from './sse-hub/subscription.js';

export { HubError };

const CONNECT_OPTIONS = ['token', 'withCredentials', 'account'];
const SUBSCRIBE_OPTIONS = ['since', 'last', 'onend', 'onerror'];

/**
 * Returns the hub at a URL. The stream is opened with the first subscription.
 *
 * @param options.token a JWT, or a function that returns one or a promise of one; the function is called before each request,
 *   and before the token of the open stream expires, so that the stream can continue with a fresh one
 * @param options.withCredentials whether cookies are also sent to a hub of another origin
 * @param options.account tabs share a stream, and with it the grants of its token, if they have the same account; needed only
 *   if tabs of one origin belong to different people
 * @throws TypeError if an option is unknown
 */
export function connect(url = '/sse', options = {}) {
  requireKnown('connect(url, options)', options, CONNECT_OPTIONS);
  // a worker that was made from a Blob has a URL that cannot be a base
  const base = location.protocol === 'blob:' ? location.origin : location.href;
  return new Hub(new Endpoint(new URL(url, base).href, options));
}

/** Dispatches 'state' whenever a field of its state other than lastEventAt changes. */
class Hub extends EventTarget {
  /**
   * name: 'idle' (no tab has a subscription), 'connecting', 'live', 'waiting' (for the next attempt) or 'closed'; retryAt: when
   * the next attempt is due; reason: why the last attempt failed; lastEventAt: when the last event arrived; tabs: how many tabs
   * share the stream; leads: whether this tab reads it. Times are in epoch milliseconds; what does not apply is null.
   */
  state = { name: 'idle', retryAt: null, reason: null, lastEventAt: null, tabs: 1, leads: false };
  #endpoint;
  #member;
  #added = [];

  constructor(endpoint) {
    super();
    this.#endpoint = endpoint;
    this.#member = new Member(endpoint, {
      state: (change) => this.#changeState(change),
      event: () => (this.state.lastEventAt = Date.now()),
    });
  }

  /**
   * Calls the listener for each event on the topics, with { id, type, data, retry, at, topics, selectors, end, replayed }: at is the
   * hub's own id of the event, topics are all topics of the event, selectors are the topics passed here that match it, end tells
   * whether the event ends its topics, and replayed whether it was fetched from the past. A gap is delivered as an event of type
   * 'gap'.
   *
   * @param topics a topic, a URI template or '*', or an array of these
   * @param options.since 'earliest' for everything that the hub holds, or an event id for the events after it; by default, only
   *   new events are delivered
   * @param options.last how many of the newest events to deliver first, from 1 to 10,000; ignored if there is since
   * @param options.onend called once, after the last event, when all topics have ended: the subscription is then closed. A template
   *   or '*' never ends. If the topics had ended before, and there is no since or last, their past is delivered first
   * @param options.onerror called with a HubError if the hub refuses the subscription
   * @returns { ready, close() }: ready is a promise, fulfilled when the past events are delivered and the subscription is live,
   *   and rejected if the hub refuses it
   * @throws TypeError if topics or listener are missing, or an option is unknown; Error after close()
   */
  subscribe(topics, listener, options = {}) {
    if (this.state.name === 'closed') {
      throw new Error('this connection to the hub was closed');
    }
    const selectors = typeof topics === 'string' ? [topics] : [...topics ?? []];
    if (selectors.length === 0 || typeof listener !== 'function') {
      throw new TypeError('subscribe(topics, listener, options) takes at least one topic, and a function as the listener');
    }
    requireKnown('subscribe(topics, listener, options)', options, SUBSCRIBE_OPTIONS);
    const subscription = new Subscription(this.#endpoint, selectors, listener, options, (closed) => this.#member.remove(closed));
    this.#added.push(subscription);
    if (this.#added.length === 1) {
      queueMicrotask(() => this.#member.add(this.#added.splice(0)));
    }
    return { ready: subscription.ready, close: () => subscription.close() };
  }

  /**
   * Publishes an event and returns its id. The fields are topic (one, or an array), data (text), type, id, retry, private and end,
   * in an object, FormData or URLSearchParams. A failure is a HubError with the hub's sentence; its status is 0 without an
   * answer.
   */
  async publish(fields) {
    return post(this.#endpoint, fields);
  }

  /** Connects at once instead of waiting for the next attempt. If the stream is open, replaces it unless it is alive. */
  reconnect() {
    this.#member.reconnect();
  }

  /** Ends all subscriptions of this page, for good. */
  close() {
    this.#added.forEach((subscription) => subscription.close());
    this.#member.close();
    this.#changeState({ name: 'closed', retryAt: null, reason: null, leads: false });
  }

  #changeState(change) {
    const state = { ...this.state, ...change };
    const changed = Object.keys(state).some((key) => state[key] !== this.state[key]);
    this.state = state;
    if (changed) {
      this.dispatchEvent(new Event('state'));
    }
  }
}

/** Throws a TypeError for an unknown option: a misspelled one would otherwise be ignored silently. */
function requireKnown(call, options, known) {
  const isObject = typeof options === 'object' && options !== null;
  const unknown = isObject ? Object.keys(options).filter((name) => !known.includes(name)) : ['anything else'];
  if (unknown.length > 0) {
    throw new TypeError(`${call} takes an object with the options ${known.join(', ')}, not ${unknown.join(', ')}`);
  }
}
