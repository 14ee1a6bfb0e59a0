// The tab that leads: it reads the one stream of all that any tab wants, and tells them all that comes.

import { Stream } from './stream.js';

const TOO_MUCH = [400, 414, 431]; // of what each tab was told before that it may have it

export class Leader {
  #tabs;
  #wants;
  #stream;
  #sequence = 0;
  #selectors = [];
  #accepted = [];
  #status = { name: 'idle', retryAt: null, reason: null, heartbeat: null, covers: [] };

  /**
   * @param wants what each tab wants, as far as that is known: a Map of arrays
   * @param position where the stream of the one who led before was, or null
   */
  constructor(url, tabs, wants, position) {
    this.#tabs = tabs;
    this.#wants = new Map(wants);
    this.#stream = new Stream(url, position, {
      // to read more or fewer topics, it is opened anew: that is nothing that a reader should be told
      connecting: () => this.#tell({ name: this.#isLive() ? 'live' : 'connecting', covers: [], retryAt: null }),
      opened: (from, heartbeat) => {
        this.#accepted = this.#selectors;
        this.#tell({ name: 'live', covers: this.#selectors, retryAt: null, reason: null, heartbeat }, from);
      },
      waiting: (retryAt, failure) => {
        if (!TOO_MUCH.includes(failure.status) || !this.#letGo()) {
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

  #select() {
    const selectors = [...new Set([...this.#wants.values()].flat())].sort();
    if (selectors.join('\n') !== this.#selectors.join('\n')) {
      this.#selectors = selectors;
      this.#stream.select(selectors);
      if (selectors.length === 0) {
        this.#tell({ name: 'idle', covers: [], retryAt: null, reason: null });
      }
    }
  }

  /** Together they want more than a subscription may have: who came last goes on alone. Returns whether there is someone. */
  #letGo() {
    const kept = new Set(this.#accepted.length > 0 ? this.#accepted : this.#wants.get(this.#tabs.id));
    const tabs = [...this.#wants.keys()].filter((tab) => this.#wants.get(tab).some((selector) => !kept.has(selector)));
    if (tabs.length === 0 || tabs.length === this.#wants.size) {
      return false;
    }
    tabs.forEach((tab) => this.#wants.delete(tab));
    this.#select();
    this.#stream.reconnect();
    this.#tabs.say({ kind: 'alone', tabs });
    return true;
  }

  #isLive() {
    return this.#status.name === 'live';
  }

  /** @param to the tab that needs to know, null for all */
  #tell(change, position = this.#stream?.position ?? null, to = null) {
    this.#status = { ...this.#status, ...change };
    this.#tabs.say({
      kind: 'status', leader: this.#tabs.id, to, sequence: this.#sequence, position, wants: [...this.#wants], ...this.#status,
    });
  }
}
