// The tab that leads: it reads the one stream of all that any tab wants, and tells them all that comes.

import { Stream } from './stream.js';

const TOO_MUCH = [400, 414, 431]; // of what each tab was told before that it may have it
const ALIVE_MS = 2_000;

export class Leader {
  #tabs;
  #wants;
  #stream;
  #sequence = 0;
  #selectors = [];
  #accepted;
  #said = 0;
  #status = { name: 'idle', retryAt: null, reason: null, heartbeat: null, covers: [] };

  /**
   * @param wants what each tab wants, as far as that is known: a Map of arrays
   * @param position where the stream of the one who led before was, or null
   * @param accepted the topics with which that was last open
   */
  constructor(endpoint, tabs, wants, position, accepted) {
    this.#tabs = tabs;
    this.#wants = new Map(wants);
    this.#accepted = accepted;
    this.#stream = new Stream(endpoint, this.#union().length === 0 ? null : position, {
      // to read more or fewer topics, it is opened anew: that is nothing that a reader should be told
      connecting: () => this.#tell({ name: this.#isLive() ? 'live' : 'connecting', covers: [], retryAt: null }),
      opened: (from, covers, heartbeat) => {
        this.#accepted = covers;
        this.#tell({ name: 'live', covers, retryAt: null, reason: null, heartbeat }, from);
      },
      bytes: () => this.#live(),
      waiting: (retryAt, failure) => {
        if (!failure.isFinal || !TOO_MUCH.includes(failure.status) || !this.#letGo(failure.message)) {
          this.#tell({ name: 'waiting', covers: [], retryAt, reason: failure.message });
        }
      },
      frame: (frame) => tabs.say({ kind: 'frame', leader: tabs.id, sequence: ++this.#sequence, frame }),
    });
    [...wants.keys()].filter((tab) => tab !== tabs.id).forEach((tab) => tabs.watch(tab));
    this.#tell({});
    this.#select();
  }

  want(tab, selectors) {
    const isNew = !this.#wants.has(tab);
    if (isNew && tab !== this.#tabs.id) {
      this.#tabs.watch(tab);
    }
    this.#wants.set(tab, selectors);
    this.#select();
    this.#tell({}, this.#stream.position, isNew ? null : tab);
  }

  gone(tab) {
    if (this.#wants.delete(tab)) {
      this.#select();
      this.#tell({});
    }
  }

  reconnect() {
    this.#stream.reconnect();
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
        this.#tell({ name: 'idle', covers: [], retryAt: null, reason: null });
      }
    }
  }

  /** Together they want more than a subscription may have: who came last goes on alone. Returns whether there is someone. */
  #letGo(reason) {
    const accepted = this.#accepted.length > 0 ? this.#accepted : this.#wants.get(this.#tabs.id) ?? [];
    const kept = new Set(accepted);
    const tabs = [...this.#wants.keys()].filter((tab) => this.#wants.get(tab).some((selector) => !kept.has(selector)));
    if (tabs.length === 0 || tabs.length === this.#wants.size) {
      return false;
    }
    tabs.forEach((tab) => this.#wants.delete(tab));
    this.#select();
    this.#stream.reconnect();
    this.#tabs.say({ kind: 'alone', tabs, accepted, reason });
    return true;
  }

  #isLive() {
    return this.#status.name === 'live';
  }

  /** A large event comes in many pieces, for a long time. */
  #live() {
    const now = performance.now();
    if (now - this.#said > ALIVE_MS) {
      this.#said = now;
      this.#tabs.say({ kind: 'alive', leader: this.#tabs.id });
    }
  }

  /** @param to the tab that needs to know, null for all */
  #tell(change, position = this.#stream?.position ?? null, to = null) {
    this.#status = { ...this.#status, ...change };
    this.#tabs.say({
      kind: 'status', leader: this.#tabs.id, to, sequence: this.#sequence, position, wants: [...this.#wants],
      accepted: this.#accepted, ...this.#status,
    });
  }
}
