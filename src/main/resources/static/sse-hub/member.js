// This tab's part in the shared stream: it tells the leader which topics its subscriptions need, receives the leader's
// messages, and becomes the leader when its turn comes.

import { Leader } from './leader.js';
import { HubError } from './request.js';
import { ask } from './subscription.js';
import { Tabs } from './tabs.js';

const ANSWER_MS = 2_000; // a leader that does not answer for this long is taken to be asleep
const PROOF_MS = 3_000; // how long a leader may take to show that its stream is alive
const OPENING_MS = 40_000; // how long a leader may take to open its stream
const MAX_DEPOSED = 10;
const CHECK_MS = 1_000;
const WAKING = ['visibilitychange', 'resume']; // resume ends the freezing of a page (Page Lifecycle)

export class Member {
  #endpoint;
  #listener;
  #subscriptions = new Set();
  #tabs = null;
  #joined = false;
  #leader = null; // a Leader while this tab leads, otherwise null
  #leaderId = null; // the leader of all tabs, or null if it is unknown
  #deposed = []; // the last leaders that fell asleep
  #status = { name: 'idle', retryAt: null, reason: null, heartbeat: null, wants: [[]] };
  #sequence = 0;
  #covers = new Set(); // the selectors of the stream while it is open
  #position = null; // the position of the stream
  #accepted = []; // the selectors of the stream when it was last open
  #wants = new Map(); // the selectors of each tab
  #deadline = Infinity; // when the leader counts as asleep, in the time of performance.now()
  #proofDeadline = Infinity; // when a leader that answers, but has not shown that its stream is alive, is replaced
  #asking = 0; // how many times the hub is being asked about new subscriptions
  #closed = false;
  #watch;

  /** @param listener { state(change), event() } */
  constructor(endpoint, listener) {
    this.#endpoint = endpoint;
    this.#listener = listener;
    this.#watch = setInterval(() => this.#takeOverFromSleeper(), CHECK_MS);
    addEventListener('pagehide', this.#leave);
    addEventListener('pageshow', this.#return);
    // a worker has no document, and cannot tell when it was frozen together with its page
    WAKING.forEach((type) => globalThis.document?.addEventListener(type, this.#wake));
    this.#join();
  }

  /**
   * Adds the subscriptions that the hub accepts together with the existing ones of this page. The hub is asked first, because
   * a refusal of the shared stream would affect the other tabs.
   */
  async add(subscriptions) {
    this.#asking++;
    this.#showState();
    await this.#askAndAdd(subscriptions);
    this.#asking--;
    this.#showState();
  }

  async #askAndAdd(subscriptions) {
    let position;
    try {
      position = await ask(this.#endpoint, topicsOf([...this.#subscriptions, ...subscriptions]));
    } catch (error) {
      if (subscriptions.length === 1) {
        subscriptions[0].fail(error);
        return;
      }
      for (const subscription of subscriptions) {
        await this.#askAndAdd([subscription]);
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
    this.#sendSelectors();
    open.forEach((subscription) => subscription.cover(this.#covers, this.#position));
  }

  remove(subscription) {
    if (this.#subscriptions.delete(subscription)) {
      this.#sendSelectors();
    }
  }

  /** Makes the leader connect at once instead of waiting for the next attempt, or test the open stream. */
  reconnect() {
    this.#askForProof('reconnect');
  }

  close() {
    this.#closed = true;
    clearInterval(this.#watch);
    removeEventListener('pagehide', this.#leave);
    removeEventListener('pageshow', this.#return);
    WAKING.forEach((type) => globalThis.document?.removeEventListener(type, this.#wake));
    this.#leave();
    this.#subscriptions.forEach((subscription) => subscription.close());
  }

  /** Joins again when the browser shows a page that it has kept in its back/forward cache. */
  #return = ({ persisted }) => {
    if (!this.#tabs) {
      this.#join();
    } else if (persisted) {
      this.#wake();
    }
  };

  /** Returns whether this tab now reads a stream of its own. */
  async #join(ownStream = false) {
    const tabs = new Tabs(this.#endpoint.name, {
      received: (message) => this.#receive(message),
      leads: () => {
        this.#leader = new Leader(this.#endpoint, tabs, this.#wants, this.#position, this.#accepted, this.#deposed);
        this.#sendSelectors();
      },
      deposed: () => {
        this.#depose();
        this.#reset();
      },
      gone: (tab) => this.#leader?.gone(tab),
    });
    this.#tabs = tabs;
    this.#wants = new Map();
    const hasOwnStream = await tabs.join(ownStream);
    if (this.#tabs === tabs) {
      this.#joined = true;
      this.#reset();
    }
    return hasOwnStream;
  }

  /** Leaves the shared stream, which cannot include this tab's selectors, and opens a stream for this tab alone. */
  async #splitOff(accepted, reason) {
    this.#leave();
    if (!await this.#join(true)) {
      const refused = [...this.#subscriptions].filter(({ selectors }) => selectors.some((s) => !accepted.includes(s)));
      refused.forEach((subscription) => subscription.fail(new HubError(400, `${reason} (with the topics of other tabs)`)));
    }
  }

  #leave = () => {
    this.#joined = false;
    this.#depose();
    this.#tabs?.close();
    this.#tabs = null;
    this.#reset();
    this.#deadline = Infinity;
  };

  #depose() {
    this.#leader?.close();
    this.#leader = null;
  }

  /** When the page becomes visible, this tab may have been asleep, and so may the leader. The network may be another one. */
  #wake = () => {
    if (document.visibilityState !== 'hidden') {
      this.#askForProof('wake');
    }
  };

  /** Has the leader test its stream. A tab whose timers and requests the browser has stopped may still answer messages. */
  #askForProof(kind) {
    this.#proofDeadline = performance.now() + PROOF_MS * (1 + Math.random() / 4);
    this.#send({ kind });
    this.#askLeader();
  }

  /** Asks the leader for its status. */
  #askLeader() {
    this.#sendSelectors();
    this.#expect(ANSWER_MS);
  }

  /** Forgets what is known about the shared stream, and asks the leader again. */
  #reset() {
    this.#leaderId = null;
    this.#covers = new Set();
    this.#subscriptions.forEach((subscription) => subscription.uncover());
    this.#askLeader();
  }

  #sendSelectors() {
    this.#send({ kind: 'want', tab: this.#tabs?.id, selectors: topicsOf([...this.#subscriptions].filter(({ ended }) => !ended)) });
  }

  #send(message) {
    if (this.#joined) {
      this.#tabs.send(message);
    }
  }

  #receive(message) {
    if (this.#tabs === null) {
      return; // sent before this tab left
    }
    switch (message.kind) {
      case 'want':
        this.#wants.set(message.tab, message.selectors);
        this.#leader?.want(message.tab, message.selectors);
        break;
      case 'alone':
        if (message.tabs.includes(this.#tabs.id)) {
          this.#splitOff(message.accepted, message.reason);
        }
        break;
      case 'alive':
        if (message.leader === this.#leaderId) {
          this.#proofDeadline = Infinity;
          this.#expect(this.#longestSilence());
        }
        break;
      case 'reconnect':
        this.#leader?.reconnect();
        break;
      case 'wake':
        this.#leader?.wake();
        break;
      case 'status':
        if (message.to === null || message.to === this.#tabs.id) {
          this.#receiveStatus(message);
        }
        break;
      case 'ended':
        if (message.leader === this.#leaderId) {
          [...this.#subscriptions].filter(({ selectors }) => selectors.every((selector) => message.selectors.includes(selector)))
            .forEach((subscription) => subscription.end());
        }
        break;
      case 'frame':
        if (message.leader === this.#leaderId) {
          this.#receiveFrame(message);
        }
        break;
      default: // from a newer version of this module in another tab
    }
  }

  #receiveStatus(status) {
    if (this.#leader && status.leader !== this.#leader.id) {
      return; // from the previous leader, which this tab has just deposed
    }
    if (this.#deposed.includes(status.leader)) {
      return; // a leader does not learn that it was deposed while the browser has frozen its tab
    }
    this.#deposed = [...new Set([...this.#deposed, ...status.deposed ?? []])].slice(-MAX_DEPOSED);
    const isNewLeader = status.leader !== this.#leaderId;
    const sameCovers = status.covers.join('\n') === [...this.#covers].join('\n');
    const continues = !isNewLeader && status.sequence === this.#sequence && sameCovers;
    this.#leaderId = status.leader;
    this.#sequence = status.sequence;
    this.#covers = new Set(status.covers);
    this.#accepted = status.accepted;
    this.#status = status;
    this.#wants = new Map(status.wants);
    this.#position = status.position ?? (this.#isIdle() ? null : this.#position);
    if (!continues) {
      this.#subscriptions.forEach((subscription) => subscription.cover(this.#covers, this.#position));
    }
    this.#showState();
    if (isNewLeader || status.name !== 'live') {
      this.#proofDeadline = Infinity;
    }
    this.#expect(this.#longestSilence());
    if (this.#tabs !== null && (isNewLeader || !this.#wants.has(this.#tabs.id))) {
      this.#sendSelectors(); // a new leader knows only the tabs that it has heard from since it joined
    }
  }

  /** While the hub is asked about the first subscriptions, no tab has one yet, but this page waits for the hub. */
  #showState() {
    if (!this.#closed) {
      const { name, retryAt, reason, wants } = this.#status;
      const shown = name === 'idle' && this.#asking > 0 ? 'connecting' : name;
      this.#listener.state({ name: shown, retryAt, reason, tabs: wants.length, leads: this.#leader !== null });
    }
  }

  #receiveFrame({ sequence, frame }) {
    this.#sequence++;
    if (sequence !== this.#sequence) {
      this.#reset(); // a frame was missed
      return;
    }
    this.#position = frame.at;
    this.#proofDeadline = Infinity;
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
    return name === 'live' ? 3 * heartbeat + OPENING_MS / 4 : Math.max(0, retryAt - Date.now()) + OPENING_MS;
  }

  #isIdle() {
    return [...this.#wants.values()].every((selectors) => selectors.length === 0);
  }

  /** Sets the time within which the leader must send something. */
  #expect(milliseconds) {
    this.#deadline = performance.now() + milliseconds * (1 + Math.random() / 4); // so that not all tabs take over at once
  }

  #takeOverFromSleeper() {
    if (performance.now() > Math.min(this.#deadline, this.#proofDeadline) && !this.#leader) {
      this.#proofDeadline = Infinity;
      this.#expect(ANSWER_MS);
      this.#deposed = [...this.#deposed, this.#leaderId].slice(-MAX_DEPOSED);
      this.#tabs?.takeOver();
    }
  }
}

function topicsOf(subscriptions) {
  return [...new Set(subscriptions.flatMap((subscription) => subscription.selectors))];
}
