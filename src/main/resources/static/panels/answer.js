// Shows an answer that comes word by word. The address of the page names it, so that a reload or another tab shows the same answer.

import { HubError } from '../sse-hub.js';
import { drawing } from './drawing.js';
import { notice, subscribe } from './subscribing.js';
import { clip } from './text.js';
import { refusalOf, tokenOptions } from './token.js';

const PATH = 'answers';
const PARAMETER = 'answer';
const NAME = /^[0-9a-z]+-[0-9a-z]+$/;
const MAX_WORDS = 10_000; // others may publish to the topic, too
const MISSING = '… ';
const SILENCE_MS = 3_000;
const RETRY_MS = 1_000;

const STATES = {
  opening: () => 'opening the answer',
  streaming: () => 'streaming',
  lost: () => 'the connection is lost; the answer goes on by itself',
  complete: (words) => `complete: ${words} words`,
  stopped: (words) => `stopped after ${words} words`,
  refused: () => 'not shown',
};
const UNFINISHED = ['opening', 'streaming', 'lost'];

export function showAnswer(hub, topic) {
  const section = document.getElementById('answer');
  if (topic === null) {
    notice(section, 'This hub writes no answers. Set sse-hub.feeds.answers.enabled to true to turn them on.');
    section.querySelector('.answering').hidden = true;
    return;
  }
  const alert = section.querySelector('.alert');
  const stop = document.getElementById('answer-stop');
  const view = viewOf(section, stop);
  let answer = null;

  const open = (run) => {
    answer?.close();
    answer = new Answer(hub, section, `${topic}/${run}`, run, view, alert);
  };
  const act = async (what, action) => {
    alert.textContent = '';
    try {
      await action();
    } catch (error) {
      alert.replaceChildren(`${what}: `, ...refusalOf(error));
    }
  };
  document.getElementById('answer-ask').addEventListener('click', () => act('Not asked', async () => {
    const run = (await send('POST')).slice(topic.length + 1);
    history.replaceState(null, '', addressOf(run));
    open(run);
  }));
  stop.addEventListener('click', () => act('Not stopped', () => send('DELETE', answer.run)));

  const run = new URL(location.href).searchParams.get(PARAMETER);
  if (run !== null && NAME.test(run)) {
    open(run);
  }
}

function addressOf(run) {
  const address = new URL(location.href);
  address.searchParams.set(PARAMETER, run);
  address.hash = PARAMETER;
  return address.href;
}

async function send(method, run = '') {
  const { token } = tokenOptions();
  let response;
  try {
    response = await fetch(`${PATH}${run && `/${run}`}`, { method, headers: token ? { Authorization: `Bearer ${token}` } : {} });
  } catch {
    throw new HubError(0, 'the hub cannot be reached');
  }
  const isFromHub = response.headers.has('Sse-Hub'); // not from a proxy while the hub restarts
  const text = isFromHub ? (await response.text()).trim() : '';
  if (!response.ok || !isFromHub) {
    throw new HubError(response.status, text || `HTTP ${response.status}`, null, isFromHub);
  }
  return text;
}

/** Returns a function that shows the words and the state of an answer. */
function viewOf(section, stop) {
  const text = document.getElementById('answer-text');
  const said = document.getElementById('answer-state');
  const link = document.getElementById('answer-link');
  let shown;
  const draw = drawing(section, () => {
    const { run, words, state } = shown;
    text.textContent = clip(Array.from(words, (word) => word ?? MISSING).join(''));
    text.dataset.state = state;
    const sentence = STATES[state](words.length);
    if (said.textContent !== sentence) { // screen readers announce each assignment, even of the same text
      said.textContent = sentence;
    }
    said.dataset.state = state;
    stop.disabled = !UNFINISHED.includes(state);
    link.hidden = false;
    link.href = addressOf(run);
  });
  return (answer) => {
    shown = answer;
    draw();
  };
}

class Answer {
  // After a restart of the hub, perhaps nothing writes the answer any more. So the page asks the hub to go on: when it opens the
  // answer, when the connection is live again, and when no word has come for a while. That changes nothing if the answer is being
  // written. A hub without a past writes the answer from its beginning; the page knows each word by its number, and skips those
  // that it has.

  run;
  words = [];
  state = 'opening';
  #hub;
  #view;
  #alert;
  #subscription;
  #timer = null;
  #isOpen = false; // whether the past is here
  #isLive;
  #closed = false;
  #watch = () => this.#connectionChanged();

  constructor(hub, section, topic, run, view, alert) {
    this.run = run;
    this.#hub = hub;
    this.#view = view;
    this.#alert = alert;
    this.#isLive = hub.state.name === 'live';
    this.#subscription = subscribe(hub, section, [topic], (event) => this.#take(event), { since: 'earliest', onend: () => this.#end('complete') });
    this.#subscription.ready.then(() => this.#opened(), () => this.#end('refused')); // subscribe says why
    hub.addEventListener('state', this.#watch);
    view(this);
  }

  close() {
    this.#closed = true;
    this.#subscription.close();
    this.#hub.removeEventListener('state', this.#watch);
    clearTimeout(this.#timer);
  }

  get #isOver() {
    return !UNFINISHED.includes(this.state);
  }

  #opened() {
    this.#isOpen = true;
    if (!this.#isOver) {
      this.#show(this.#isLive ? 'streaming' : 'lost');
      this.#goOn();
    }
  }

  #take({ id, type, data }) {
    const place = id?.slice(this.run.length + 1);
    const number = /^\d+$/.test(place) ? Number(place) : MAX_WORDS;
    if (type === 'end') {
      this.#show(data === 'stopped' ? 'stopped' : 'complete');
    } else if (type === 'message' && number < MAX_WORDS) {
      this.words[number] ??= wordOf(data);
      this.#goOnAfter(SILENCE_MS);
      this.#show(this.state);
    }
  }

  #end(state) {
    this.#show(this.#isOver ? this.state : state);
    this.close();
  }

  #connectionChanged() {
    const wasLive = this.#isLive;
    this.#isLive = this.#hub.state.name === 'live';
    if (this.#isOver || !this.#isOpen || this.#isLive === wasLive) {
      return;
    }
    this.#show(this.#isLive ? 'streaming' : 'lost');
    if (this.#isLive) {
      this.#goOn();
    }
  }

  #show(state) {
    if (!this.#closed) { // otherwise, another answer may be in view
      this.state = state;
      this.#view(this);
    }
  }

  #goOnAfter(milliseconds) {
    clearTimeout(this.#timer);
    if (!this.#isOver && !this.#closed) {
      this.#timer = setTimeout(() => this.#goOn(), milliseconds);
    }
  }

  /** Asks the hub to go on, and asks again if that fails or nothing comes. */
  async #goOn() {
    clearTimeout(this.#timer);
    if (this.#isOver || !this.#isLive) {
      return;
    }
    try {
      await send('PUT', this.run);
      this.#goOnAfter(SILENCE_MS);
    } catch (error) {
      if (!error.isFinal) {
        this.#goOnAfter(RETRY_MS);
      } else if (!this.#closed) {
        this.#alert.replaceChildren('The answer does not go on: ', ...refusalOf(error));
      }
    }
  }
}

function wordOf(data) {
  try {
    const word = JSON.parse(data);
    return typeof word === 'string' ? word : null;
  } catch {
    return null; // not written by the hub
  }
}
