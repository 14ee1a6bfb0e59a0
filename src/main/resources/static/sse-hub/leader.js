// The leader's side: reads one stream with the selectors of all tabs, and sends its frames to every tab.

import { Stream } from './stream.js';

const UNION_REFUSED = [400, 414, 431]; // the hub has accepted the selectors of each tab, but refuses all of them together
const ALIVE_INTERVAL_MS = 2_000;

let leaders = 0; // how many leaders this page has had

export class Leader {
  /** A tab that leads again has a new leader with another id. */
  id;
  #tabs;
  #wants;
  #stream;
  #deposed;
  #sequence = 0;
  #selectors = [];
  #accepted;
  #lastAlive = 0;
  #status = { name: 'idle', retryAt: null, reason: null, heartbeat: null, covers: [] };

  /**
   * @param wants the selectors of each known tab: a Map of arrays
   * @param position the position of the previous leader's stream, or null
   * @param accepted the selectors of the previous leader's stream when it was last open
   * @param deposed the ids of leaders that fell asleep, which the tabs must ignore
   */
  constructor(endpoint, tabs, wants, position, accepted, deposed) {
    this.id = `${tabs.id} ${++leaders}`;
    this.#deposed = deposed;
    this.#tabs = tabs;
    this.#wants = new Map(wants);
    this.#accepted = accepted;
    this.#stream = new Stream(endpoint, this.#union().length === 0 ? null : position, {
      // a stream that is reopened because its selectors have changed stays 'live' for the page
      connecting: (failure) => this.#sendStatus({
        name: this.#isLive() && !failure ? 'live' : 'connecting', covers: [], retryAt: null,
        reason: failure?.message ?? this.#status.reason,
      }),
      opened: (from, covers, heartbeat) => {
        this.#accepted = covers;
        this.#sendStatus({ name: 'live', covers, retryAt: null, reason: null, heartbeat }, from);
        this.#sendAlive(0);
      },
      bytes: () => this.#sendAlive(ALIVE_INTERVAL_MS),
      alive: () => this.#sendAlive(0),
      waiting: (retryAt, failure) => {
        if (!failure.isFinal || !UNION_REFUSED.includes(failure.status) || !this.#splitOff(failure.message)) {
          this.#sendStatus({ name: 'waiting', covers: [], retryAt, reason: failure.message });
        }
      },
      ended: (selectors) => this.#end(selectors),
      frame: (frame) => tabs.send({ kind: 'frame', leader: this.id, sequence: ++this.#sequence, frame }),
    });
    [...wants.keys()].filter((tab) => tab !== tabs.id).forEach((tab) => tabs.watch(tab));
    this.#sendStatus({});
    this.#select();
  }

  want(tab, selectors) {
    const isNew = !this.#wants.has(tab);
    if (isNew && tab !== this.#tabs.id) {
      this.#tabs.watch(tab);
    }
    this.#wants.set(tab, selectors);
    this.#select();
    this.#sendStatus({}, this.#stream.position, isNew ? null : tab);
  }

  gone(tab) {
    if (this.#wants.delete(tab)) {
      this.#select();
      this.#sendStatus({});
    }
  }

  reconnect() {
    this.#stream.reconnect();
  }

  wake() {
    this.#stream.wake();
  }

  close() {
    this.#stream.close();
  }

  #union() {
    return [...new Set([...this.#wants.values()].flat())].sort();
  }

  #select() {
    const selectors = this.#union();
    if (selectors.join('\n') !== this.#selectors.join('\n')) {
      this.#selectors = selectors;
      this.#stream.select(selectors);
      if (selectors.length === 0) {
        this.#sendStatus({ name: 'idle', covers: [], retryAt: null, reason: null });
      }
    }
  }

  /** Tells all tabs that these topics have ended. A tab that still wants them, or wants them again, has to say so. */
  #end(selectors) {
    this.#tabs.send({ kind: 'ended', leader: this.id, selectors });
    this.#wants.forEach((wanted, tab) => this.#wants.set(tab, wanted.filter((selector) => !selectors.includes(selector))));
    this.#select();
  }

  /** Moves the tabs that made the union too large to streams of their own. Returns false if that applies to all tabs or none. */
  #splitOff(reason) {
    const accepted = this.#accepted.length > 0 ? this.#accepted : this.#wants.get(this.#tabs.id) ?? [];
    const kept = new Set(accepted);
    const tabs = [...this.#wants.keys()].filter((tab) => this.#wants.get(tab).some((selector) => !kept.has(selector)));
    if (tabs.length === 0 || tabs.length === this.#wants.size) {
      return false;
    }
    tabs.forEach((tab) => this.#wants.delete(tab));
    this.#select();
    this.#stream.reconnect();
    this.#tabs.send({ kind: 'alone', tabs, accepted, reason });
    return true;
  }

  #isLive() {
    return this.#status.name === 'live';
  }

  /**
   * Tells the other tabs that the stream is alive: a large event may take a long time to arrive before its frame is complete.
   *
   * @param interval does nothing if the tabs were told within this time, in milliseconds
   */
  #sendAlive(interval) {
    const now = performance.now();
    if (now - this.#lastAlive >= interval) {
      this.#lastAlive = now;
      this.#tabs.send({ kind: 'alive', leader: this.id });
    }
  }

  /** @param to the tab that needs the status, or null for all tabs */
  #sendStatus(change, position = this.#stream?.position ?? null, to = null) {
    this.#status = { ...this.#status, ...change };
    this.#tabs.send({
      kind: 'status', leader: this.id, deposed: this.#deposed, to, sequence: this.#sequence, position,
      wants: [...this.#wants], accepted: this.#accepted, ...this.#status,
    });
  }
}
