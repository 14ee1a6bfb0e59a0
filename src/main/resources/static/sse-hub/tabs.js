// The tabs of this browser that share a name. Each tab receives the messages of all others (BroadcastChannel). One tab leads;
// when it is closed or crashes, another takes its place (Web Locks). Without these APIs, each tab is on its own and leads.

const MAX_OWN_STREAMS = 3; // of the six connections to an origin, some must stay free to load pages and to publish

function canShare() {
  return 'locks' in (globalThis.navigator ?? {}) && 'BroadcastChannel' in globalThis;
}

export class Tabs {
  id = randomId();
  #name;
  #listener;
  #channel = null;
  #closing = new AbortController();
  #leadRequest = null;
  #releaseLead = () => {};

  /** @param listener { received(message), leads(), deposed(), gone(tab) } */
  constructor(name, listener) {
    this.#name = name;
    this.#listener = listener;
  }

  /**
   * Joins the other tabs. Returns when they can see this tab.
   *
   * @param ownStream whether this tab should read a stream of its own, if few enough tabs do
   * @returns whether this tab reads a stream of its own
   */
  async join(ownStream) {
    if (ownStream && await this.#reserveOwnStream()) {
      this.#listener.leads();
      return true;
    }
    try {
      await this.#holdPresence();
      if (this.#closing.signal.aborted) {
        return false;
      }
      this.#channel = new BroadcastChannel(this.#name);
      this.#channel.onmessage = (event) => this.#listener.received(event.data);
    } catch (error) {
      console.info('this tab opens a stream of its own:', error.message);
      this.#listener.leads();
      return true;
    }
    this.#requestLead();
    return false;
  }

  /** Sends a message to all tabs. This tab receives it before send returns. */
  send(message) {
    if (!this.#closing.signal.aborted) {
      this.#channel?.postMessage(message);
      this.#listener.received(message);
    }
  }

  /** Takes the lead from the current leader, which seems to be asleep. */
  takeOver() {
    if (this.#channel) {
      this.#leadRequest?.abort();
      this.#requestLead({ steal: true });
    }
  }

  /** Calls gone(tab) when that tab is closed or crashes. */
  watch(tab) {
    this.#hold(this.#presenceLock(tab), { signal: this.#closing.signal }, () => this.#listener.gone(tab));
  }

  close() {
    this.#closing.abort();
    this.#leadRequest?.abort();
    this.#channel?.close();
    this.#releaseLead();
  }

  /** Holds a lock until this tab closes or crashes. Returns when the lock is held; throws if tabs cannot share a stream. */
  #holdPresence() {
    return new Promise((resolve, reject) => {
      if (!canShare()) {
        throw new Error('it needs Web Locks and BroadcastChannel, which browsers have on https and on localhost');
      }
      navigator.locks.request(this.#presenceLock(this.id), () => {
        resolve();
        return this.#untilClosed();
      }).catch(reject);
    });
  }

  async #reserveOwnStream() {
    for (let slot = 1; slot <= MAX_OWN_STREAMS; slot++) {
      const taken = await new Promise((resolve) => {
        navigator.locks.request(`${this.#name} alone ${slot}`, { ifAvailable: true }, (lock) => {
          resolve(lock !== null);
          return lock && this.#untilClosed();
        });
      });
      if (taken) {
        return true;
      }
    }
    return false;
  }

  #untilClosed() {
    return new Promise((resolve) => {
      if (this.#closing.signal.aborted) {
        resolve();
      }
      this.#closing.signal.addEventListener('abort', resolve);
    });
  }

  #presenceLock(tab) {
    return `${this.#name} ${tab}`;
  }

  /** Leads as soon as no other tab does. */
  async #requestLead(options = null) {
    if (this.#closing.signal.aborted) {
      return;
    }
    this.#leadRequest = new AbortController();
    let leads = false;
    const ended = await this.#hold(`${this.#name} leads`, options ?? { signal: this.#leadRequest.signal }, () => {
      if (this.#closing.signal.aborted) {
        return null;
      }
      leads = true;
      const released = new Promise((resolve) => (this.#releaseLead = resolve));
      this.#listener.leads();
      return released;
    });
    if (leads && !ended) {
      this.#listener.deposed();
      this.#requestLead();
    }
  }

  /** Holds a lock until whileHeld is done. Returns false if the request for it was aborted, or another tab has stolen it. */
  async #hold(lock, options, whileHeld) {
    try {
      await navigator.locks.request(lock, options, whileHeld);
      return true;
    } catch (error) {
      if (error?.name !== 'AbortError') {
        throw error;
      }
      return false;
    }
  }
}

/** Browsers offer crypto.randomUUID only on https and on localhost. */
function randomId() {
  return [...crypto.getRandomValues(new Uint32Array(3))].map((part) => part.toString(36)).join('');
}
