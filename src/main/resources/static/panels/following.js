// A list that keeps the newest items and stays scrolled to the end, unless the reader has scrolled up. Then a button shows the
// number of new items and scrolls to the end. The button is added to the parent of the list element.

import { element } from './text.js';
import { soon } from './soon.js';

const PINNED_PX = 40; // this close to the end, the list keeps following

export class FollowingList {
  #list;
  #kept;
  #noun;
  #button = element('button', 'new small');
  #waiting = [];
  #follows = true;
  #unread = 0;
  #flushSoon = soon(() => this.#flush());

  // noun: the singular and the plural for the items
  constructor(list, kept, noun) {
    this.#list = list;
    this.#kept = kept;
    this.#noun = noun;
    this.#button.type = 'button';
    this.#button.hidden = true;
    this.#button.addEventListener('click', () => {
      this.#list.focus({ preventScroll: true }); // the button is about to be hidden
      this.follow();
    });
    list.parentElement.append(this.#button);
    list.addEventListener('scroll', () => this.#settle(this.#atEnd()), { passive: true });
    new ResizeObserver(() => this.#follows && this.follow()).observe(list);
  }

  append(...items) {
    this.#waiting.push(...items);
    if (this.#waiting.length > this.#kept) {
      this.#waiting.splice(0, this.#waiting.length - this.#kept);
    }
    this.#flushSoon();
  }

  clear() {
    this.#waiting = [];
    this.#list.replaceChildren();
    this.#settle(true);
  }

  follow() {
    this.#list.scrollTop = this.#list.scrollHeight;
    this.#settle(true);
  }

  get size() {
    return this.#list.childElementCount;
  }

  #flush() {
    const items = this.#waiting;
    this.#waiting = [];
    const follows = this.#atEnd(); // before the list grows
    this.#list.append(...items);
    while (this.#list.childElementCount > this.#kept) {
      this.#list.firstElementChild.remove();
    }
    if (follows) {
      this.follow();
    } else {
      this.#unread = Math.min(this.#unread + items.length, this.#kept);
      this.#settle(false);
    }
  }

  #atEnd() {
    return this.#list.scrollHeight - this.#list.scrollTop - this.#list.clientHeight < PINNED_PX;
  }

  #settle(follows) {
    this.#follows = follows;
    if (follows) {
      this.#unread = 0;
    }
    this.#button.hidden = this.#unread === 0;
    this.#button.textContent = `${this.#unread} new ${this.#noun[this.#unread === 1 ? 0 : 1]} ↓`;
  }
}
