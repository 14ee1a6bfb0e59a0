// The nodes of the hub, if there are several: how they are, and the one that the lists are about.

import { element } from '../panels/text.js';
import { count, duration } from './format.js';
import { sentence } from './list.js';

const SHOWN_LAG = 1; // seconds
const COLUMNS = ['Node', 'State', 'Open streams', 'Newest event'];

export class Nodes {
  #section;
  #choice;

  /** @param changed called when the operator has chosen another node */
  constructor(section, changed) {
    this.#section = section;
    this.#choice = section.querySelector('select');
    this.#choice.addEventListener('change', changed);
  }

  /** The name of the node that the lists are about; empty for all nodes. */
  get chosen() {
    return this.#choice.value;
  }

  /** Shows the nodes of an answer about open streams. */
  show({ nodes, missing }) {
    const all = [...nodes, ...missing].sort((one, other) => (one.name < other.name ? -1 : 1));
    const areSeveral = all.length > 1 || this.chosen !== '';
    this.#section.hidden = !areSeveral;
    document.body.classList.toggle('several', areSeveral);
    if (this.chosen === '') {
      this.#choice.replaceChildren(this.#choice.options[0], ...all.map(({ name }) => new Option(name)));
    }
    const newest = Math.max(...nodes.map(millis));
    this.#section.querySelector('tbody').replaceChildren(...all.map((node) => row(node, newest)));
  }
}

// When the newest event of a node was published; 0 if it has had none.
function millis({ newest }) {
  return Number.parseInt(newest, 10) || 0;
}

function row(node, newest) {
  const made = element('tr');
  [element('bdi', '', node.name), ...node.reason ? silent(node) : answering(node, newest)].forEach((content, at) => {
    const cell = element('td');
    cell.dataset.name = COLUMNS[at];
    cell.append(...[content].flat());
    made.append(cell);
  });
  return made;
}

function silent({ reason }) {
  return [[element('span', 'mark bad', 'no answer'), element('span', 'quiet', sentence(reason))], '–', '–'];
}

function answering(node, newest) {
  const lag = (newest - millis(node)) / 1_000;
  const late = millis(node) > 0 && lag >= SHOWN_LAG ? [element('span', 'quiet', `${duration(lag)} older than another node's`)] : [];
  return [element('span', 'mark good', 'answers'), count(node.total),
    millis(node) > 0 ? [element('bdi', 'code', node.newest), ...late] : 'none'];
}
