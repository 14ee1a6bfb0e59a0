// sse-hub.js: live events in a page, by one stream for all tabs of the browser.
//
//   import { connect } from '/static/sse-hub.js';
//
//   const hub = connect('/sse');
//   const subscription = hub.subscribe(['chat', '/orders/{id}'], (event) => console.log(event.type, event.data));
//   await hub.publish({ topic: 'chat', data: 'Hello' });
//
// Browsers open six connections to an origin over HTTP/1.1, so the tabs share one: one of them leads and reads it (Web Locks), the
// others hear from it (BroadcastChannel). It is opened again whenever it fails or is silent for longer than the hub's heartbeats,
// and goes on where it was; what the hub no longer holds is told by an event of type 'gap'. Nothing is delivered twice.

import { Endpoint } from './sse-hub/endpoint.js';
import { Member } from './sse-hub/member.js';
import { HubError, post } from './sse-hub/request.js';
import { Subscription } from './sse-hub/subscription.js';

export { HubError };

const CONNECT_OPTIONS = ['token', 'withCredentials', 'account'];
const SUBSCRIBE_OPTIONS = ['since', 'onerror'];

/**
 * The hub at this URL. Nothing is read before there is a subscription.
 *
 * @param options.token what the hub shall know the page by: a JWT, or a function that returns one or promises to; it is called before each
 *   request, and some time before the token of the stream expires, so that the stream can go on with a fresh one
 * @param options.withCredentials whether cookies are sent to a hub of another origin, too
 * @param options.account tabs share a stream, and with it what its token grants, if they name the same; needed only where tabs of one
 *   origin belong to different people
 * @throws TypeError if there are other options
 */
export function connect(url = '/sse', options = {}) {
  requireKnown('connect(url, options)', options, CONNECT_OPTIONS);
  return new Hub(new Endpoint(new URL(url, location.href).href, options));
}

/** Dispatches 'state' when anything in its state has changed but lastEventAt. */
class Hub extends EventTarget {
  /**
   * name: 'idle' while no tab subscribes to anything, 'connecting', 'live', 'waiting' (until it tries again), or 'closed'; retryAt: when it does, in epoch milliseconds, or null;
   * reason: why, or null; lastEventAt: when something last came, in epoch milliseconds, or null; tabs: how many share the stream;
   * leads: whether this one reads it.
   */
  state = { name: 'idle', retryAt: null, reason: null, lastEventAt: null, tabs: 1, leads: false };
  #endpoint;
  #member;
  #added = [];

  constructor(endpoint) {
    super();
    this.#endpoint = endpoint;
    this.#member = new Member(endpoint, {
      state: (change) => this.#show(change),
      event: () => (this.state.lastEventAt = Date.now()),
    });
  }

  /**
   * Calls the listener for each event of these topics, which are names, URI templates, or '*', with
   * { id, type, data, retry, at, topics, selectors, replayed }: at is the hub's own id for it, topics are the event's own, selectors
   * those of the topics asked for here that have selected it, and replayed says that it is of the past. A gap comes as type 'gap'.
   *
   * @param topics one, or an array of them
   * @param options.since 'earliest' for all that the hub holds, or the id of an event for all that came after; without it, what
   *   comes from now on
   * @param options.onerror called with a HubError if the hub refuses
   * @returns { ready, close() }: ready is a promise, fulfilled when the past has been delivered and it is live, and rejected if the hub
   *   refuses it
   * @throws TypeError if topics or listener are missing, or there are other options, Error after close()
   */
  subscribe(topics, listener, options = {}) {
    if (this.state.name === 'closed') {
      throw new Error('this connection to the hub was closed');
    }
    const selectors = typeof topics === 'string' ? [topics] : [...topics ?? []];
    if (selectors.length === 0 || typeof listener !== 'function') {
      throw new TypeError('subscribe(topics, listener, options) takes one topic or more, and a function');
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
   * Publishes, and returns the id of the event. The fields are those of the hub's form: topic (one, or an array), data (text), type,
   * id, retry, private; an object, or a form's data. Rejected with a HubError whose message is the hub's sentence, and whose status is 0 if it cannot be reached.
   */
  async publish(fields) {
    return post(this.#endpoint, fields);
  }

  /** Tries again at once, if it waits to do so. */
  reconnect() {
    this.#member.reconnect();
  }

  /** Ends all subscriptions. The tab no longer takes part. */
  close() {
    this.#added.forEach((subscription) => subscription.close());
    this.#member.close();
    this.#show({ name: 'closed', retryAt: null, reason: null, leads: false });
  }

  #show(change) {
    const state = { ...this.state, ...change };
    const isNews = Object.keys(state).some((key) => state[key] !== this.state[key]);
    this.state = state;
    if (isNews) {
      this.dispatchEvent(new Event('state'));
    }
  }
}

/** One that is misspelled would be ignored without a word. */
function requireKnown(call, options, known) {
  const isObject = typeof options === 'object' && options !== null;
  const unknown = isObject ? Object.keys(options).filter((name) => !known.includes(name)) : ['anything else'];
  if (unknown.length > 0) {
    throw new TypeError(`${call} takes an object with the options ${known.join(', ')}, not ${unknown.join(', ')}`);
  }
}
