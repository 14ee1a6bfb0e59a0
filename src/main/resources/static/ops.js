// The operator's page: the open streams, what became of an event, and the streams that have ended last.

import { clock, element } from './panels/text.js';
import { COLUMNS_OF_ENDED, COLUMNS_OF_EVENT, columnsOfOpen } from './ops/columns.js';
import { endingDialog } from './ops/ending.js';
import { count, counted, time, words } from './ops/format.js';
import { List, sentence } from './ops/list.js';
import { Nodes } from './ops/nodes.js';
import { operatorToken, send, useToken } from './ops/request.js';

const REPEAT_MILLIS = 5_000;

const state = document.getElementById('state');
const updated = document.getElementById('updated');
const access = document.getElementById('access');
const [streamsSection, eventSection, endedSection] = ['streams', 'event', 'ended'].map((id) => document.getElementById(id));

function show(name, text) {
  state.dataset.state = name;
  state.textContent = text;
}

// Shows whether the hub has answered. A refusal leads to the field for the token.
async function tracked(request) {
  try {
    const answer = await request;
    show('live', 'up to date');
    updated.hidden = false;
    updated.textContent = clock(new Date());
    showAccess('');
    return answer;
  } catch (error) {
    if (error.needsToken) {
      show('refused', 'refused');
      showAccess(sentence(error.message));
    } else if (error.status === 0) {
      show('closed', 'no answer');
    }
    throw error;
  }
}

function showAccess(refusal) {
  const token = operatorToken();
  access.hidden = refusal === '' && token === '';
  access.querySelector('[role=alert]').textContent = refusal;
  access.querySelector('.hint').hidden = refusal === '';
  access.querySelector('[data-do=forget]').disabled = token === '';
  access.querySelector('input').placeholder = token === '' ? 'none' : refusal === '' ? 'a token is in use' : 'the token in use was refused';
}

const nodes = new Nodes(document.getElementById('nodes'), () => refresh());

const open = new List(streamsSection, columnsOfOpen((stream) => askToEnd(stream)), async (parameters, signal) => {
  const answer = await tracked(send('GET', 'streams', { ...parameters, node: nodes.chosen }, signal));
  nodes.show(answer);
  const chosen = answer.matching === answer.total ? '' : `, ${count(answer.matching)} match`;
  streamsSection.querySelector('.count').textContent = `${count(answer.total)}${chosen}`;
  return answer;
}, '-behind');

const event = new List(eventSection, COLUMNS_OF_EVENT, async ({ id, sort, ...parameters }, signal) => {
  eventSection.querySelector('.found').hidden = true;
  const answer = await tracked(send('GET', `events/${encodeURIComponent(id)}`, { ...parameters, node: nodes.chosen }, signal));
  showEvent(answer);
  return answer;
});

const ended = new List(endedSection, COLUMNS_OF_ENDED, async (parameters, signal) => {
  const answer = await tracked(send('GET', 'ended', { ...parameters, node: nodes.chosen }, signal));
  endedSection.querySelector('.count').textContent = `${count(answer.matching)}, since ${time(answer.since)}`;
  return answer;
}, '-ended');

const askToEnd = endingDialog(document.getElementById('ending'), (done) => {
  streamsSection.querySelector('.answer').textContent = done;
  refresh();
});

function showEvent({ id, topics, published, held, private: isPrivate, counts, endedSince }) {
  const found = eventSection.querySelector('.found');
  found.hidden = false;
  const about = [`published ${time(published)} to ${topics.join(', ')}`, ...isPrivate ? ['private'] : [],
    ...held ? [] : ['the history does not hold it any more']];
  found.querySelector('.about').replaceChildren(element('bdi', 'code', id), `: ${about.join('; ')}`);
  found.querySelector('.counts').replaceChildren(...Object.entries(counts).map(([outcome, number]) => {
    const entry = element('div');
    entry.append(element('dt', '', words(outcome)), element('dd', '', count(number)));
    return entry;
  }));
  found.querySelector('.since').textContent = `Streams that ended before ${time(endedSince)} are not known any more.`;
}

function refresh() {
  return Promise.all([open.refresh(), ended.refresh()]);
}

function repeat() {
  const isDue = document.getElementById('repeat').checked && !document.hidden && !document.getElementById('ending').open;
  if (isDue) {
    open.refresh();
  }
}

for (const form of document.querySelectorAll('.filters')) {
  form.querySelector('[data-do=clear]')?.addEventListener('click', () => {
    form.reset();
    open.refresh(0);
  });
}
document.getElementById('token-form').addEventListener('submit', (submitted) => {
  submitted.preventDefault();
  const field = document.getElementById('token');
  useToken(field.value.trim());
  field.value = '';
  refresh();
});
access.querySelector('[data-do=forget]').addEventListener('click', () => {
  useToken('');
  refresh();
});
setInterval(repeat, REPEAT_MILLIS);
showAccess('');
await refresh();
