// What this tab does as one of those that share a stream: it says what its subscriptions want, hears from whoever leads, and leads
// itself when that is its turn.

import { Leader } from './leader.js';
import { HubError } from './request.js';
import { ask } from './subscription.js';
import { Tabs } from './tabs.js';

const ANSWER_MS = 2_000; // a leader that has said nothing for so long after it was asked is asleep
const READING_MS = 40_000; // as is one that opens its stream for so long
const CHECK_MS = 1_000;

export class Member {
  #endpoint;
  #listener;
  #subscriptions = new Set();
  #tabs = null;
  #joined = false;
  #leader = null; // this tab's
  #leads = null; // which tab does, as far as is known here
  #status = { name: 'idle', retryAt: null, heartbeat: null };
  #sequence = 0;
  #covers = new Set(); // the topics of the stream, while it is open
  #position = null; // where it is
  #accepted = []; // the topics with which it was last open
  #wants = new Map(); // what each tab wants
  #deadline = Infinity;
  #closed = false;
  #watch;

  /** @param listener { state(change), event() } */
  constructor(endpoint, listener) {
    this.#endpoint = endpoint;
    this.#listener = listener;
    this.#watch = setInterval(() => this.#takeOverFromWhoSleeps(), CHECK_MS);
    addEventListener('pagehide', this.#leave);
    addEventListener('pageshow', this.#return);
    document.addEventListener('visibilitychange', this.#wake);
    this.#join();
  }

  /**
   * Takes these in, unless the hub refuses them, by themselves or with those that are there: that must not be asked for in the stream
   * that others share.
   */
  async add(subscriptions) {
    let position;
    try {
      position = await ask(this.#endpoint, topicsOf([...this.#subscriptions, ...subscriptions]));
    } catch (error) {
      if (subscriptions.length === 1) {
        subscriptions[0].fail(error);
        return;
      }
      for (const subscription of subscriptions) {
        await this.add([subscription]);
      }
      return;
    }
    if (this.#closed) {
      subscriptions.forEach((subscription) => subscription.close());
    }
    const open = subscriptions.filter((subscription) => !subscription.closed);
    for (const subscription of open) {
      subscription.begin(position);
      this.#subscriptions.add(subscription);
    }
    this.#want();
    open.forEach((subscription) => subscription.cover(this.#covers, this.#position));
  }

  remove(subscription) {
    if (this.#subscriptions.delete(subscription)) {
      this.#want();
    }
  }

  /** Tries again at once, if whoever leads waits to do so. */
  reconnect() {
    this.#say({ kind: 'reconnect' });
  }

  close() {
    this.#closed = true;
    clearInterval(this.#watch);
    removeEventListener('pagehide', this.#leave);
    removeEventListener('pageshow', this.#return);
    document.removeEventListener('visibilitychange', this.#wake);
    this.#leave();
    this.#subscriptions.forEach((subscription) => subscription.close());
  }

  /** A browser may keep a page that was left, and show it again. */
  #return = () => {
    if (!this.#tabs) {
      this.#join();
    }
  };

  /** Returns whether it has a stream of its own. */
  async #join(wantsToBeAlone = false) {
    const tabs = new Tabs(this.#endpoint.name, {
      heard: (message) => this.#hear(message),
      leads: () => {
        this.#leader = new Leader(this.#endpoint, tabs, this.#wants, this.#position, this.#accepted);
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
    const isAlone = await tabs.join(wantsToBeAlone);
    if (this.#tabs === tabs) {
      this.#joined = true;
      this.#lose();
    }
    return isAlone;
  }

  /** The stream of all cannot have what this tab wants besides. */
  async #separate(accepted, reason) {
    this.#leave();
    if (!await this.#join(true)) {
      const refused = [...this.#subscriptions].filter(({ selectors }) => selectors.some((selector) => !accepted.includes(selector)));
      refused.forEach((subscription) => subscription.fail(new HubError(400, `with what other tabs want, ${reason}`)));
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
    this.#say({ kind: 'want', tab: this.#tabs?.id, selectors: topicsOf([...this.#subscriptions]) });
  }

  #say(message) {
    if (this.#joined) {
      this.#tabs.say(message);
    }
  }

  #hear(message) {
    if (this.#tabs === null) {
      return; // it was said before this tab left
    }
    switch (message.kind) {
      case 'want':
        this.#wants.set(message.tab, message.selectors);
        this.#leader?.want(message.tab, message.selectors);
        break;
      case 'alone':
        if (message.tabs.includes(this.#tabs.id)) {
          this.#separate(message.accepted, message.reason);
        }
        break;
      case 'alive':
        if (message.leader === this.#leads) {
          this.#expect(this.#longestSilence());
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
    this.#accepted = status.accepted;
    this.#status = status;
    this.#wants = new Map(status.wants);
    this.#position = status.position ?? (this.#isIdle() ? null : this.#position);
    if (!goesOn) {
      this.#subscriptions.forEach((subscription) => subscription.cover(this.#covers, this.#position));
    }
    const { name, retryAt, reason } = status;
    this.#listener.state({ name, retryAt, reason, tabs: status.wants.length, leads: this.#leader !== null });
    this.#expect(this.#longestSilence());
    if (this.#tabs !== null && (isNews || !this.#wants.has(this.#tabs.id))) {
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
      this.#listener.event();
    }
    this.#expect(this.#longestSilence());
    this.#subscriptions.forEach((subscription) => subscription.take(frame));
  }

  #longestSilence() {
    const { name, retryAt, heartbeat } = this.#status;
    if (this.#isIdle() || (name === 'live' && heartbeat === null)) {
      return Infinity;
    }
    return name === 'live' ? 3 * heartbeat + READING_MS / 4 : Math.max(0, retryAt - Date.now()) + READING_MS;
  }

  #isIdle() {
    return [...this.#wants.values()].every((selectors) => selectors.length === 0);
  }

  /** The leader is heard of within so many milliseconds. */
  #expect(milliseconds) {
    this.#deadline = performance.now() + milliseconds * (1 + Math.random() / 4); // the others need not all take over
  }

  #takeOverFromWhoSleeps() {
    if (performance.now() > this.#deadline && !this.#leader) {
      this.#expect(ANSWER_MS);
      this.#tabs?.takeOver();
    }
  }
}

function topicsOf(subscriptions) {
  return [...new Set(subscriptions.flatMap((subscription) => subscription.selectors))];
}
