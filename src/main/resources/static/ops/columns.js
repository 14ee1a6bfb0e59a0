// The columns of the tables: the name, the field to sort by, and how a cell shows a stream.

import { element } from '../panels/text.js';
import { bytes, count, duration, time, words } from './format.js';

const STATES = { live: 'good', 'catching-up': 'wait', ending: 'bad' };
const OUTCOMES = { written: 'good', waiting: 'wait', missing: 'bad', filtered: 'bad', 'cut-off': 'bad' };

function mark(text, kind) {
  return element('span', `mark ${kind}`, words(text));
}

function withMore(text, more) {
  return more ? [text, element('span', 'quiet', more)] : [text];
}

function mono(text, title) {
  const code = element('bdi', 'code', text);
  code.title = title ?? text;
  return [code];
}

const client = {
  name: 'Client', sort: 'address', cell: ({ address, subject, key }) => {
    const more = subject === null ? '' : `${subject}${key?.id ? `, key ${key.id}` : ''}`;
    return withMore(address ?? 'unknown', more);
  },
};
const node = { name: 'Node', kind: 'node', cell: ({ node: name }) => [element('bdi', '', name)] }; // hidden if there is only one
const topics = {
  name: 'Topics', cell: ({ topics: shown, topicCount }) =>
    withMore(element('bdi', '', shown.join(', ')), topicCount > shown.length ? `and ${count(topicCount - shown.length)} more` : ''),
};
const state = {
  name: 'State', sort: 'state', kind: 'short', cell: ({ state: now, reason, stalled }) => {
    const why = stalled === null ? reason && words(reason) : `write stalled for ${duration(stalled)}`;
    return withMore(mark(now, STATES[now] ?? 'plain'), why);
  },
};
const behind = {
  name: 'Behind', sort: 'behind', descending: true, kind: 'number', cell: ({ behind: seconds }) => [seconds === 0 ? '–' : duration(seconds)],
};
const waiting = {
  name: 'Waiting', sort: 'waitingEvents', descending: true, kind: 'number', cell: ({ waitingEvents, waitingBytes }) => {
    if (waitingEvents === null) {
      return ['in the history'];
    }
    return waitingEvents === 0 ? ['–'] : withMore(count(waitingEvents), bytes(waitingBytes));
  },
};
const delivered = {
  name: 'Delivered', sort: 'deliveredEvents', descending: true, kind: 'number',
  cell: ({ deliveredEvents, deliveredBytes }) => (deliveredBytes === 0 ? ['–'] : withMore(count(deliveredEvents), bytes(deliveredBytes))),
};
const age = {
  name: 'Age', sort: 'age', descending: true, kind: 'number', cell: ({ age: seconds }) => [duration(seconds)],
};
const lastId = { name: 'Last id', cell: ({ lastId: id }) => mono(id) };
const outcome = { name: 'Outcome', kind: 'short', cell: ({ outcome: what }) => [mark(what, OUTCOMES[what] ?? 'plain')] };
const reason = { name: 'Reason', sort: 'reason', kind: 'short', cell: ({ reason: why }) => [why === null ? '' : words(why)] };
const endedAt = { name: 'Ended', sort: 'ended', descending: true, kind: 'short', cell: ({ ended }) => [ended ? time(ended) : ''] };

/** @param end called with the stream whose button was pressed */
function ending(end) {
  return {
    name: '', cell: (stream) => {
      const button = element('button', 'second', 'End');
      button.type = 'button';
      button.dataset.stream = stream.id;
      button.setAttribute('aria-label', `End the stream of ${stream.subject ?? stream.address ?? stream.id}`);
      button.addEventListener('click', () => end(stream));
      return [button];
    },
  };
}

export function columnsOfOpen(end) {
  return [client, node, topics, state, behind, waiting, delivered, age, lastId, ending(end)];
}

/** An answer about an event has an order of its own. */
export const COLUMNS_OF_EVENT = [outcome, client, node, topics, state, behind, delivered, age, lastId]
  .map((column) => ({ ...column, sort: undefined }));

export const COLUMNS_OF_ENDED = [endedAt, client, node, topics, reason, delivered, age, lastId];
