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

import { HubError, post } from './sse-hub/request.js';
import { Leader } from './sse-hub/leader.js';
import { Subscription, ask } from './sse-hub/subscription.js';
import { Tabs } from './sse-hub/tabs.js';

const ANSWER_MS = 2_000; // a leader that has said nothing for so long after it was asked is asleep
const READING_MS = 40_000; // as is one that opens its stream for so long
const CHECK_MS = 1_000;

export { HubError };

/** The hub at this URL. Nothing is read before there is a subscription. */
export function connect(url = '/sse') {
  return new Hub(new URL(url, location.href).href);
}

/** Dispatches 'state' when anything in its state has changed but lastEventAt. */
class Hub extends EventTarget {
  /**
   * name: 'connecting', 'live', 'waiting' (until it tries again), or 'closed'; retryAt: when it does, in epoch milliseconds, or null;
   * reason: why, or null; lastEventAt: when something last came, in epoch milliseconds, or null; tabs: how many share the stream;
   * leads: whether this one reads it.
   */
  state = { name: 'connecting', retryAt: null, reason: null, lastEventAt: null, tabs: 1, leads: false };
  #url;
  #subscriptions = new Set();
  #added = [];
  #tabs = null;
  #joined = false;
  #leader = null; // this tab's
  #leads = null; // which tab does, as far as is known here
  #sequence = 0;
  #covers = new Set();
  #position = null;
  #wants = new Map();
  #deadline = Infinity;
  #heartbeat = null;
  #watch;

  constructor(url) {
    super();
    this.#url = url;
    this.#watch = setInterval(() => this.#takeOverFromWhoSleeps(), CHECK_MS);
    addEventListener('pagehide', this.#leave);
    addEventListener('pageshow', this.#return);
    document.addEventListener('visibilitychange', this.#wake);
    this.#join();
  }

  /**
   * Calls the listener for each event of these topics, which are names, URI templates, or '*', with
   * { id, type, data, topics, selectors, replayed }: topics are the event's own, selectors those of the topics asked for here that
   * have selected it, and replayed says that it is of the past. A gap comes as type 'gap'.
   *
   * @param topics one, or an array of them
   * @param options.since 'earliest' for all that the hub holds, or the id of an event for all that came after; without it, what
   *   comes from now on
   * @param options.onerror called with a HubError if the hub refuses
   * @returns { ready, close() }: ready is a promise, fulfilled when the past has been delivered and it is live, and rejected if the hub
   *   refuses it
   */
  subscribe(topics, listener, options = {}) {
    const selectors = typeof topics === 'string' ? [topics] : [...topics];
    const subscription = new Subscription(this.#url, selectors, listener, options, (closed) => {
      this.#subscriptions.delete(closed);
      this.#want();
    });
    this.#added.push(subscription);
    if (this.#added.length === 1) {
      queueMicrotask(() => this.#admit(this.#added.splice(0)));
    }
    return { ready: subscription.ready, close: () => subscription.close() };
  }

  /**
   * Publishes, and returns the id of the event. The fields are those of the hub's form: topic (one, or an array), data, type, id,
   * retry, private. Rejected with a HubError whose message is the hub's sentence, and whose status is 0 if it cannot be reached.
   */
  publish(fields) {
    return post(this.#url, fields);
  }

  /** Tries again at once, if it waits to do so. */
  reconnect() {
    this.#say({ kind: 'reconnect' });
  }

  /** Ends all subscriptions. The tab no longer takes part. */
  close() {
    clearInterval(this.#watch);
    removeEventListener('pagehide', this.#leave);
    removeEventListener('pageshow', this.#return);
    document.removeEventListener('visibilitychange', this.#wake);
    this.#leave();
    [...this.#subscriptions, ...this.#added].forEach((subscription) => subscription.close());
    this.#show({ name: 'closed', retryAt: null, reason: null });
  }

  /** What the hub refuses must not be asked for in the stream that others share. */
  async #admit(added) {
    let position;
    try {
      position = await ask(this.#url, [...new Set(added.flatMap((subscription) => subscription.selectors))]);
    } catch (error) {
      if (added.length === 1) {
        added[0].fail(error);
      } else {
        added.forEach((subscription) => this.#admit([subscription]));
      }
      return;
    }
    const open = added.filter((subscription) => !subscription.closed);
    for (const subscription of open) {
      subscription.begin(position);
      this.#subscriptions.add(subscription);
    }
    this.#want();
    open.forEach((subscription) => subscription.cover(this.#covers, this.#position));
  }

  /** A browser may keep a page that was left, and show it again. */
  #return = () => {
    if (!this.#tabs) {
      this.#join();
    }
  };

  async #join(alone = false) {
    const tabs = new Tabs(`sse-hub ${this.#url}`, {
      heard: (message) => this.#hear(message),
      leads: () => {
        this.#leader = new Leader(this.#url, tabs, this.#wants, this.#position);
        this.#want();
      },
      deposed: () => {
        this.#depose();
        this.#lose();
      },
      gone: (tab) => this.#leader?.gone(tab),
    });
    this.#tabs = tabs;
    this.#wants = new Map();
    await tabs.join(alone);
    if (this.#tabs === tabs) {
      this.#joined = true;
      this.#lose();
    }
  }

  #leave = () => {
    this.#joined = false;
    this.#depose();
    this.#tabs?.close();
    this.#tabs = null;
    this.#lose();
    this.#deadline = Infinity;
  };

  #depose() {
    this.#leader?.close();
    this.#leader = null;
  }

  /** This tab has been asleep, or whoever leads may be. */
  #wake = () => {
    if (document.visibilityState !== 'hidden') {
      this.#ask();
    }
  };

  /** Whoever leads says where things are. */
  #ask() {
    this.#want();
    this.#expect(ANSWER_MS);
  }

  /** It is not known any more where things are: the answer begins anew. */
  #lose() {
    this.#leads = null;
    this.#covers = new Set();
    this.#subscriptions.forEach((subscription) => subscription.uncover());
    this.#ask();
  }

  #want() {
    const selectors = [...this.#subscriptions].flatMap((subscription) => subscription.selectors);
    this.#say({ kind: 'want', tab: this.#tabs?.id, selectors: [...new Set(selectors)] });
  }

  #say(message) {
    if (this.#joined) {
      this.#tabs.say(message);
    }
  }

  #hear(message) {
    switch (message.kind) {
      case 'want':
        this.#wants.set(message.tab, message.selectors);
        this.#leader?.want(message.tab, message.selectors);
        break;
      case 'alone':
        if (message.tabs.includes(this.#tabs.id)) {
          this.#leave();
          this.#join(true);
        }
        break;
      case 'reconnect':
        this.#leader?.reconnect();
        break;
      case 'status':
        if (message.to === null || message.to === this.#tabs.id) {
          this.#hearStatus(message);
        }
        break;
      case 'frame':
        if (message.leader === this.#leads) {
          this.#hearFrame(message);
        }
        break;
      default: // what a newer version of this page may say
    }
  }

  #hearStatus(status) {
    if (this.#leader && status.leader !== this.#tabs.id) {
      return; // it has just been deposed by this tab
    }
    const isNews = status.leader !== this.#leads;
    const goesOn = !isNews && status.sequence === this.#sequence && status.covers.join('\n') === [...this.#covers].join('\n');
    this.#leads = status.leader;
    this.#sequence = status.sequence;
    this.#covers = new Set(status.covers);
    this.#position = status.position ?? this.#position;
    this.#heartbeat = status.heartbeat;
    this.#wants = new Map(status.wants);
    if (!goesOn) {
      this.#subscriptions.forEach((subscription) => subscription.cover(this.#covers, this.#position));
    }
    this.#show({ name: status.name, retryAt: status.retryAt, reason: status.reason, tabs: status.wants.length });
    this.#expect(this.#longestSilence(status));
    if (isNews || !this.#wants.has(this.#tabs.id)) {
      this.#want(); // whoever begins to lead knows only those that have spoken since it is there
    }
  }

  #hearFrame({ sequence, frame }) {
    this.#sequence++;
    if (sequence !== this.#sequence) {
      this.#lose(); // something was not heard here
      return;
    }
    this.#position = frame.at;
    if (frame.data !== null) {
      this.state.lastEventAt = Date.now();
    }
    this.#expect(this.#longestSilence(this.state));
    this.#subscriptions.forEach((subscription) => subscription.take(frame));
  }

  #longestSilence({ name, retryAt }) {
    const isIdle = [...this.#wants.values()].every((selectors) => selectors.length === 0);
    if (isIdle || (name === 'live' && this.#heartbeat === null)) {
      return Infinity;
    }
    return name === 'live' ? 3 * this.#heartbeat + READING_MS / 4 : Math.max(0, retryAt - Date.now()) + READING_MS;
  }

  /** The leader is heard of within so many milliseconds. */
  #expect(milliseconds) {
    this.#deadline = Date.now() + milliseconds * (1 + Math.random() / 4); // the others need not all take over
  }

  #takeOverFromWhoSleeps() {
    if (Date.now() > this.#deadline && !this.#leader) {
      this.#expect(ANSWER_MS);
      this.#tabs?.takeOver();
    }
  }

  #show(change) {
    const state = { ...this.state, ...change, leads: this.#leader !== null };
    const isNews = Object.keys(state).some((key) => state[key] !== this.state[key]);
    this.state = state;
    if (isNews) {
      this.dispatchEvent(new Event('state'));
    }
  }
}
