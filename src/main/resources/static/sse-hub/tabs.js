// The tabs of this browser that share something by this name: each hears what any of them says, one of them leads, and when it is
// closed, or has crashed, another does (Web Locks). Where a browser lacks these APIs, a tab is alone, and leads.

const MOST_ALONE = 3;

function canShare() {
  return 'locks' in (globalThis.navigator ?? {}) && 'BroadcastChannel' in globalThis;
}

export class Tabs {
  id = randomId();
  #name;
  #listener;
  #channel = null;
  #closing = new AbortController();
  #application = null;
  #resign = () => {};

  /** @param listener { heard(message), leads(), deposed(), gone(tab) } */
  constructor(name, listener) {
    this.#name = name;
    this.#listener = listener;
  }

  /**
   * Takes part; returns when the others can see that this tab is there.
   *
   * @param wantsToBeAlone if so, and if few enough are, it has a stream of its own
   * @returns whether it has
   */
  async join(wantsToBeAlone) {
    if (wantsToBeAlone && await this.#takePlaceOfItsOwn()) {
      this.#listener.leads();
      return true;
    }
    try {
      await this.#live();
      if (this.#closing.signal.aborted) {
        return false;
      }
      this.#channel = new BroadcastChannel(this.#name);
      this.#channel.onmessage = (event) => this.#listener.heard(event.data);
    } catch (error) {
      console.info('this tab has a stream of its own:', error.message);
      this.#listener.leads();
      return true;
    }
    this.#apply();
    return false;
  }

  /** All tabs hear it, this one before it returns. */
  say(message) {
    if (!this.#closing.signal.aborted) {
      this.#channel?.postMessage(message);
      this.#listener.heard(message);
    }
  }

  /** Leads from now on: whoever does so by now seems to be asleep. */
  takeOver() {
    if (this.#channel) {
      this.#application?.abort();
      this.#apply({ steal: true });
    }
  }

  /** From now on, gone(tab) is called when that tab is no more. */
  watch(tab) {
    this.#hold(this.#lifeOf(tab), { signal: this.#closing.signal }, () => this.#listener.gone(tab));
  }

  close() {
    this.#closing.abort();
    this.#application?.abort();
    this.#channel?.close();
    this.#resign();
  }

  /** Holds a lock for as long as it is there. Returns when it does, and throws where that is not possible. */
  #live() {
    return new Promise((lives, fails) => {
      if (!canShare()) {
        throw new Error('the browser shares nothing between tabs here (it does on https and on localhost)');
      }
      navigator.locks.request(this.#lifeOf(this.id), () => {
        lives();
        return this.#untilClosed();
      }).catch(fails);
    });
  }

  /** Browsers open six connections to an origin, and pages need some to be loaded and to publish. */
  async #takePlaceOfItsOwn() {
    for (let place = 1; place <= MOST_ALONE; place++) {
      const taken = await new Promise((taken) => {
        navigator.locks.request(`${this.#name} alone ${place}`, { ifAvailable: true }, (lock) => {
          taken(lock !== null);
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
    return new Promise((closed) => {
      if (this.#closing.signal.aborted) {
        closed();
      }
      this.#closing.signal.addEventListener('abort', closed);
    });
  }

  #lifeOf(tab) {
    return `${this.#name} ${tab}`;
  }

  /** Leads when nobody else does any more. */
  async #apply(options = null) {
    if (this.#closing.signal.aborted) {
      return;
    }
    this.#application = new AbortController();
    let leads = false;
    const ended = await this.#hold(`${this.#name} leads`, options ?? { signal: this.#application.signal }, () => {
      if (this.#closing.signal.aborted) {
        return null;
      }
      leads = true;
      const reign = new Promise((resign) => (this.#resign = resign));
      this.#listener.leads();
      return reign;
    });
    if (leads && !ended) {
      this.#listener.deposed();
      this.#apply();
    }
  }

  /** Whether the lock was held to the end; not if the wait for it was given up, or another tab has taken it away. */
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

/** crypto.randomUUID is only there on pages from https or this machine. */
function randomId() {
  return [...crypto.getRandomValues(new Uint32Array(3))].map((part) => part.toString(36)).join('');
}
