// A list that keeps the newest rows and stays scrolled to the end, unless the reader has scrolled up. Then a button shows the
// number of new rows and scrolls to the end. The button is added to the parent of the list element.
//
// The list bounds the work of the browser. A frame adds only so many rows; the others wait for the next frame, or until the list
// is in view. If rows arrive for long at a higher rate than a reader can follow, the list skips some. It says how many, in a note
// above the rows while it skips, and in a row of its own wherever some are missing.

import { drawing } from './drawing.js';
import { element } from './text.js';

const PINNED_PX = 40; // a reader who scrolls down to within this distance of the end follows the list again
const ROWS_PER_SECOND = 100; // after a burst of as many rows as the list keeps
const DRAWN_PER_SECOND = 4; // how often the list is drawn when rows arrive at a higher rate
const SECONDS_PER_FRAME = .5; // a frame adds at most as many rows as are allowed in this time
const NOTE_MS = 2_000; // the note is shown until nothing has been skipped for this long

export class FollowingList {
  #list;
  #kept;
  #noun;
  #perSecond;
  #button = element('button', 'new');
  #note = new Note();
  #waiting = []; // functions that make the rows to be added
  #skipped = 0;
  #allowance; // the rows that may be added now
  #refilledAt = performance.now();
  #held = false;
  #timer = null;
  #follows = true;
  #top = 0; // the last known scroll position
  #unread = 0;
  #draw;

  // noun: the singular and the plural for the rows; perSecond: fewer for rows that are large
  constructor(list, kept, noun, perSecond = ROWS_PER_SECOND) {
    this.#list = list;
    this.#kept = kept;
    this.#noun = noun;
    this.#perSecond = perSecond;
    this.#allowance = kept;
    this.#draw = drawing(list, () => this.#addRows());
    this.#button.type = 'button';
    this.#button.addEventListener('click', () => {
      this.#list.focus({ preventScroll: true }); // the button is about to be hidden
      this.#follow();
    });
    list.parentElement.append(this.#button, this.#note.element);
    list.addEventListener('scroll', () => this.#scrolled(), { passive: true });
    new ResizeObserver(() => this.#follows && this.#follow()).observe(list);
    this.#settle(true);
  }

  /** Adds rows. Each is a function that returns the row, and is called only if the row is drawn. */
  append(...rows) {
    this.#waiting.push(...rows);
    if (this.#waiting.length > 2 * this.#kept) {
      this.#skip(this.#waiting.length - this.#kept);
    }
    this.#request();
  }

  clear() {
    this.#waiting = [];
    this.#skipped = 0;
    this.#allowance = this.#kept;
    this.#list.replaceChildren();
    this.#note.hide();
    this.#settle(true);
  }

  /** Adds no rows until they are released. */
  hold() {
    this.#held = true;
  }

  release() {
    this.#held = false;
    this.#allowance = this.#kept;
    this.#request();
  }

  /** Adds no rows until the promise is settled. Of a long past, only the rows that the list keeps are then drawn. */
  holdUntil(promise) {
    this.hold();
    promise.then(() => this.release(), () => this.release());
  }

  /** The number of rows that wait to be drawn. */
  get waiting() {
    return Math.min(this.#waiting.length, this.#kept);
  }

  #request() {
    this.#refill();
    const missing = this.#perSecond / DRAWN_PER_SECOND - this.#allowance;
    if (this.#held || this.#waiting.length === 0 || this.#timer !== null) {
      return;
    }
    if (missing <= 0) {
      this.#draw();
    } else {
      this.#timer = setTimeout(() => {
        this.#timer = null;
        this.#request();
      }, missing / this.#perSecond * 1000);
    }
  }

  #refill() {
    const now = performance.now();
    this.#allowance = Math.min(this.#kept, this.#allowance + (now - this.#refilledAt) / 1000 * this.#perSecond);
    this.#refilledAt = now;
  }

  #skip(count) {
    this.#waiting.splice(0, count);
    this.#skipped += count;
  }

  /** Returns a function that scrolls to the end. */
  #addRows() {
    if (this.#held) {
      return null;
    }
    this.#refill();
    this.#skip(Math.max(0, this.#waiting.length - Math.floor(this.#allowance)));
    if (this.#waiting.length === this.#kept && this.#list.childElementCount === 0) {
      this.#skipped = 0; // these rows fill the empty list, so none is missing between its rows
    }
    const rows = this.#waiting.splice(0, this.#perSecond * SECONDS_PER_FRAME).map((make) => make());
    this.#allowance -= rows.length;
    const added = rows.length + this.#skipped;
    if (this.#skipped > 0) {
      rows.unshift(element('li', 'skipped', this.#skippedText(this.#skipped)));
      this.#note.add(this.#skipped, (sum) => this.#skippedText(sum));
      this.#skipped = 0;
    }
    this.#list.append(...rows);
    while (this.#list.childElementCount > this.#kept) {
      this.#list.firstElementChild.remove();
    }
    this.#request();
    if (this.#follows) {
      return () => this.#follow();
    }
    this.#unread = Math.min(this.#unread + added, this.#kept);
    this.#settle(false);
    return null;
  }

  #skippedText(count) {
    return `${count.toLocaleString('en')} ${this.#noun[count === 1 ? 0 : 1]} skipped: more than ${this.#perSecond} a second`;
  }

  #follow() {
    this.#list.scrollTop = this.#list.scrollHeight;
    this.#top = this.#list.scrollTop;
    this.#settle(true);
  }

  /** A reader who scrolls up, however little, stops the list from following. */
  #scrolled() {
    const { scrollTop: top, scrollHeight, clientHeight } = this.#list;
    const left = scrollHeight - top - clientHeight;
    if (left < 2 || top >= this.#top && left < PINNED_PX) {
      this.#settle(true);
    } else if (top < this.#top) {
      this.#settle(false);
    }
    this.#top = top;
  }

  #settle(follows) {
    this.#follows = follows;
    if (follows) {
      this.#unread = 0;
    }
    this.#list.classList.toggle('follows', follows);
    this.#button.hidden = this.#unread === 0;
    const text = `${this.#unread} new ${this.#noun[this.#unread === 1 ? 0 : 1]} ↓`;
    if (this.#button.textContent !== text) {
      this.#button.textContent = text;
    }
  }
}

/** Shows over the list how many rows have been skipped since it began to skip. */
class Note {
  element = element('p', 'note');
  #sum = 0;
  #timer = null;

  constructor() {
    this.element.hidden = true;
  }

  add(count, say) {
    this.#sum += count;
    this.element.textContent = say(this.#sum);
    this.element.hidden = false;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.hide(), NOTE_MS);
  }

  hide() {
    clearTimeout(this.#timer);
    this.#sum = 0;
    this.element.hidden = true;
  }
}
