// A form with filters, a table that can be sorted, and its pages. The hub filters, sorts and pages.

import { element } from '../panels/text.js';
import { count } from './format.js';
import { Refused } from './request.js';

const PAGE = 50;
const MAX_OF_NODES = 1_000; // where the list of several nodes ends

export class List {
  #form;
  #alert;
  #table;
  #empty;
  #pages;
  #columns;
  #load;
  #offset = 0;
  #request = null;
  #sort;

  /**
   * @param section has the form, the table and the pages
   * @param load sends the request: called with the parameters and a signal, returns the answer
   * @param sort the order at the beginning; empty if the lists cannot be sorted
   */
  constructor(section, columns, load, sort = '') {
    this.#form = section.querySelector('.filters');
    this.#alert = section.querySelector('.alert');
    this.#table = section.querySelector('table');
    this.#empty = section.querySelector('.empty');
    this.#pages = section.querySelector('.pages');
    this.#columns = columns;
    this.#load = load;
    this.#sort = sort;
    this.#showHead();
    this.#form.addEventListener('submit', (event) => {
      event.preventDefault();
      this.refresh(0);
    });
  }

  /** Asks the hub again, and shows the answer or why there is none. A later call takes the place of an earlier one. */
  async refresh(offset = this.#offset) {
    this.#request?.abort();
    const request = new AbortController();
    this.#request = request;
    this.#table.setAttribute('aria-busy', 'true');
    try {
      const values = Object.fromEntries([...new FormData(this.#form)].map(([name, value]) => [name, value.trim()]));
      const answer = await this.#load({ ...values, sort: this.#sort, offset, limit: PAGE }, request.signal);
      if (answer.streams.length === 0 && offset > 0) { // fewer streams than before
        await this.refresh(Math.max(0, Math.floor((reach(answer) - 1) / PAGE) * PAGE));
        return;
      }
      this.#offset = offset;
      this.#alert.textContent = answer.missing.map(({ name, reason }) => `No answer from ${name}: ${reason}.`).join(' ');
      this.#show(answer);
    } catch (error) {
      if (error.name === 'AbortError') {
        return;
      }
      if (!(error instanceof Refused)) {
        throw error;
      }
      this.#alert.textContent = error.needsToken ? '' : sentence(error.message); // the panel for the token shows the others
    } finally {
      if (this.#request === request) {
        this.#table.removeAttribute('aria-busy');
      }
    }
  }

  #showHead() {
    const row = element('tr');
    for (const { name, sort, kind, descending } of this.#columns) {
      const head = element('th', kind ?? '', sort ? undefined : name);
      head.scope = 'col';
      if (sort) {
        const button = element('button', '', name);
        button.type = 'button';
        button.addEventListener('click', () => this.#sortBy(sort, descending));
        head.append(button);
        head.dataset.sort = sort;
      } else if (name === '') {
        head.append(element('span', 'unseen', 'Actions'));
      }
      row.append(head);
    }
    this.#table.tHead.replaceChildren(row);
    this.#showSort();
  }

  #sortBy(field, descending) {
    const first = descending ? `-${field}` : field;
    const second = descending ? field : `-${field}`;
    this.#sort = this.#sort === first ? second : first;
    this.#showSort();
    this.refresh(0);
  }

  #showSort() {
    for (const head of this.#table.tHead.querySelectorAll('th[data-sort]')) {
      if (head.dataset.sort === this.#sort.replace('-', '')) {
        head.setAttribute('aria-sort', this.#sort.startsWith('-') ? 'descending' : 'ascending');
      } else {
        head.removeAttribute('aria-sort');
      }
    }
  }

  #show(answer) {
    const focused = document.activeElement?.dataset?.stream;
    this.#table.hidden = answer.streams.length === 0;
    this.#empty.hidden = answer.streams.length > 0;
    this.#table.tBodies[0].replaceChildren(...answer.streams.map((stream) => this.#row(stream)));
    if (focused) { // the row may have another place now
      this.#table.querySelector(`[data-stream="${focused}"]`)?.focus({ preventScroll: true });
    }
    this.#showPages(answer);
  }

  #row(stream) {
    const row = element('tr');
    for (const { name, kind, cell } of this.#columns) {
      const data = element('td', kind ?? '');
      data.dataset.name = name;
      data.append(...cell(stream));
      row.append(data);
    }
    return row;
  }

  #showPages(answer) {
    const { matching, offset, streams } = answer;
    const end = reach(answer);
    const focused = document.activeElement?.dataset?.to;
    this.#pages.hidden = matching <= PAGE;
    const button = (text, to, enabled) => {
      const made = element('button', 'second', text);
      made.type = 'button';
      made.disabled = !enabled;
      made.dataset.to = text;
      made.addEventListener('click', () => this.refresh(to));
      return made;
    };
    this.#pages.replaceChildren(
      button('Previous', Math.max(0, offset - PAGE), offset > 0),
      button('Next', offset + PAGE, offset + streams.length < end),
      element('p', 'quiet', `${count(offset + 1)} to ${count(offset + streams.length)} of ${count(matching)}`),
    );
    if (end < matching && offset + PAGE >= end) {
      this.#pages.append(element('p', 'quiet', 'Choose fewer streams, or one node, to see the others.'));
    }
    if (focused) {
      this.#pages.querySelector(`[data-to="${focused}"]:enabled, button:enabled`)?.focus({ preventScroll: true });
    }
  }
}

// How many of the streams the pages can show.
function reach({ matching, nodes, missing }) {
  return nodes.length + missing.length > 1 ? Math.min(matching, MAX_OF_NODES) : matching;
}

export function sentence(text) {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
