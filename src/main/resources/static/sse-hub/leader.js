// The tab that leads: it reads the one stream of all that any tab wants, and tells them all that comes.

import { Stream } from './stream.js';

export class Leader {
  #tabs;
  #wants;
  #stream;
  #sequence = 0;
  #selectors = [];
  #status = { name: 'connecting', retryAt: null, reason: null, heartbeat: null, covers: [] };

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
      opened: (from, heartbeat) =>
        this.#tell({ name: 'live', covers: this.#selectors, retryAt: null, reason: null, heartbeat }, from),
      waiting: (retryAt, reason) => this.#tell({ name: 'waiting', covers: [], retryAt, reason }),
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
        this.#tell({ covers: [] });
      }
    }
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
