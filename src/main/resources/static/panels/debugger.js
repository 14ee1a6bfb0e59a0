// Subscribes to any topics and shows the frames field by field, publishes any event, and shows both requests as curl commands.

import { copy } from './clipboard.js';
import { publishCommand, subscribeCommand } from './curl.js';
import { drawing } from './drawing.js';
import { FollowingList } from './following.js';
import { clip, element, shorten } from './text.js';
import { hasToken, showToken } from './token.js';

const KEPT = 500;
const PER_SECOND = 40;
const LINES = 100; // shown per frame

export function showDebugger(hub, hubUrl) {
  const frames = new Frames();
  showToken(hub);
  subscribeFrom(document.getElementById('subscribe-form'), hub, hubUrl, frames);
  publishFrom(document.getElementById('publish-form'), hub, hubUrl);
}

// The list of the newest frames. While it is paused, new frames are held back.
class Frames {
  #list = new FollowingList(document.getElementById('frames'), KEPT, ['frame', 'frames'], PER_SECOND);
  #count = document.getElementById('frames-count');
  #pause = document.getElementById('frames-pause');
  #paused = false;
  #received = 0;
  #source = 'not subscribed';
  #drawCount = drawing(this.#count, () => this.#showCount());

  constructor() {
    this.#pause.addEventListener('click', () => this.#setPaused(!this.#paused));
    document.getElementById('frames-clear').addEventListener('click', () => this.clear());
  }

  add(event) {
    this.#received++;
    const shown = { ...event, data: clip(event.data) };
    this.#list.append(() => frame(shown));
    this.#drawCount();
  }

  clear() {
    this.#list.clear();
    this.#received = 0;
    this.#showCount();
  }

  showSource(source) {
    this.#source = source;
    this.#showCount();
  }

  #setPaused(paused) {
    this.#paused = paused;
    this.#pause.setAttribute('aria-pressed', `${paused}`);
    if (paused) {
      this.#list.hold();
    } else {
      this.#list.release();
    }
    this.#showCount();
  }

  #showCount() {
    const held = this.#paused ? `, ${this.#list.waiting} held back` : '';
    this.#count.textContent = `${this.#source}, ${this.#received} received${held}`;
  }
}

// Shows a frame as it is sent: one line for each field, followed by the additional fields of the hub.
function frame({ id, type, data, retry, at, topics, selectors }) {
  const item = element('li', type === 'gap' ? 'frame gap' : 'frame');
  const put = (name, value, className) => {
    const field = element('div', `field ${className}`);
    field.append(element('span', 'field-name', name), element('bdi', 'field-value', clip(value)));
    item.append(field);
  };
  const texts = data.split('\n');
  put('id', id, '');
  put('event', type, type === 'message' ? 'implied' : '');
  if (retry !== null) {
    put('retry', `${retry}`, '');
  }
  texts.slice(0, LINES).forEach((text) => put('data', text, 'data'));
  if (texts.length > LINES) {
    put('', `… (and ${texts.length - LINES} more lines)`, 'beside');
  }
  if (at !== id) {
    put('at', at, 'beside');
  }
  for (const [one, many, names] of [['topic', 'topics', topics], ['selector', 'selectors', selectors]]) {
    if (names.length > 0) {
      put(names.length === 1 ? one : many, names.join(', '), 'beside');
    }
  }
  return item;
}

function subscribeFrom(form, hub, hubUrl, frames) {
  const topics = document.getElementById('subscribe-topics');
  const from = document.getElementById('subscribe-from');
  const after = document.getElementById('subscribe-after');
  const id = document.getElementById('subscribe-id');
  const alert = form.querySelector('[role=alert]');
  const stop = form.querySelector('[data-do=stop]');
  let subscription = null;
  let current = null; // identifies the subscription shown, so that late events and errors of an earlier one are ignored

  const since = () => ({ now: undefined, earliest: 'earliest', id: id.value || undefined })[from.value];
  const end = () => {
    current = null;
    subscription?.close();
    subscription = null;
    stop.disabled = true;
    frames.showSource('not subscribed');
  };

  from.addEventListener('change', () => {
    after.hidden = from.value !== 'id';
  });
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    end();
    frames.clear();
    alert.textContent = '';
    const selectors = lines(topics.value);
    if (selectors.length === 0) {
      alert.textContent = 'Enter a topic, or * for all topics';
      return;
    }
    const turn = {};
    current = turn;
    stop.disabled = false;
    subscription = hub.subscribe(selectors, (received) => current === turn && frames.add(received), {
      since: since(),
      onerror: (error) => {
        if (current === turn) {
          alert.textContent = `Refused: ${error.message}`;
          end();
        }
      },
    });
    frames.showSource(`subscribed to ${selectors.length === 1 ? shorten(selectors[0], 60) : `${selectors.length} selectors`}`);
  });
  stop.addEventListener('click', () => {
    form.querySelector('[type=submit]').focus(); // a disabled button cannot keep the focus
    end();
  });
  copiesFrom(form, () => subscribeCommand(hubUrl,
    [...lines(topics.value).map((topic) => ['topic', topic]), ...filled([['lastEventID', since() ?? '']])], hasToken()));
}

function publishFrom(form, hub, hubUrl) {
  const field = (name) => document.getElementById(`publish-${name}`);
  const alert = form.querySelector('[role=alert]');
  const answer = form.querySelector('.answer');
  const button = form.querySelector('[type=submit]');
  const values = () => filled(['type', 'id', 'retry', 'data'].map((name) => [name, field(name).value]));
  const flags = () => ['private', 'end'].filter((name) => field(name).checked);

  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    if (button.getAttribute('aria-disabled') === 'true') {
      return;
    }
    alert.textContent = '';
    answer.textContent = '';
    button.setAttribute('aria-disabled', 'true');
    try {
      const id = await hub.publish({
        topic: lines(field('topics').value), ...Object.fromEntries([...values(), ...flags().map((name) => [name, true])]),
      });
      answer.textContent = `Published as ${id}`;
    } catch (error) {
      alert.textContent = `Refused${error.status ? `, ${error.status}` : ''}: ${error.message}`;
    } finally {
      button.removeAttribute('aria-disabled');
    }
  });
  copiesFrom(form, () => publishCommand(hubUrl, [
    ...lines(field('topics').value).map((topic) => ['topic', topic]), ...values(), ...flags().map((name) => [name, 'on']),
  ], hasToken()));
}

function lines(text) {
  return text.split('\n').filter((line) => line !== '');
}

function filled(pairs) {
  return pairs.filter(([, value]) => value !== '');
}

function copiesFrom(form, command) {
  const shown = form.querySelector('.copied');
  form.querySelector('[data-do=copy]').addEventListener('click', async () => {
    const text = command();
    shown.hidden = false;
    shown.querySelector('pre').textContent = text;
    shown.querySelector('p').textContent = await copy(text) ? 'Copied:' : 'The browser blocked copying. Select the command:';
  });
}
