// A chat between all open pages. A message is an event whose data is JSON; other data is shown unchanged.

import { drawing } from './drawing.js';
import { FollowingList } from './following.js';
import { recall, remember } from './storage.js';
import { subscribe, tellRefusal } from './subscribing.js';
import { clip, clock, element, gap, shorten } from './text.js';
import { refusalOf } from './token.js';

const TOPIC = 'chat';
const KEPT = 200;
const SENT_KEPT = 500;
const ANNOUNCED = 3;
const NAME_LENGTH = 40;
const NAME_KEY = 'sse-hub.chat.name';
const SENT_KEY = 'sse-hub.chat.sent';

export function showChat(hub) {
  const sent = new Sent();
  const list = new FollowingList(document.getElementById('chat-messages'), KEPT, ['message', 'messages']);
  const news = new News(document.getElementById('chat-news'));
  const { ready } = subscribe(hub, document.getElementById('chat'), [TOPIC], (event) => {
    if (event.type === 'gap') {
      list.append(() => gap('messages'));
      return;
    }
    const { id, at, replayed } = event;
    const message = read(event.data);
    list.append(() => item(message, sent.has(id), at));
    if (!replayed && !sent.has(id)) {
      news.add(message);
    }
  }, { since: 'earliest' });
  list.holdUntil(ready);
  sendFrom(document.getElementById('chat-form'), hub, sent);
}

// The ids of the messages sent from any tab of this browser. Those messages are marked "(you)": names are not unique.
class Sent {
  #ids = new Set();
  #stored = null;

  has(id) {
    this.#load();
    return this.#ids.has(id);
  }

  add(id) {
    this.#load();
    this.#ids.delete(id);
    this.#ids = new Set([...this.#ids, id].slice(-SENT_KEPT));
    remember(SENT_KEY, JSON.stringify([...this.#ids]));
  }

  #load() {
    const stored = recall(SENT_KEY);
    if (stored === this.#stored) {
      return;
    }
    this.#stored = stored;
    try {
      const ids = JSON.parse(stored ?? '[]');
      this.#ids = new Set([...this.#ids, ...Array.isArray(ids) ? ids : []].slice(-SENT_KEPT));
    } catch (error) {
      console.debug('the ids of sent messages cannot be read', error);
    }
  }
}

function read(data) {
  try {
    const { name, text } = JSON.parse(data);
    if (typeof name === 'string' && typeof text === 'string') {
      return { name: shorten(name.trim(), NAME_LENGTH) || 'anonymous', text: clip(text) };
    }
  } catch {
    // not JSON, so not sent by a chat page
  }
  return { name: 'anonymous', text: clip(data) };
}

function item({ name, text }, own, at) {
  const made = element('li', own ? 'message own' : 'message');
  const by = element('p', 'by');
  by.append(element('bdi', 'name', name));
  if (own) {
    by.append(element('span', 'quiet', ' (you)'));
  }
  by.append(timeOf(at));
  const said = element('p', 'text', text);
  said.dir = 'auto';
  made.append(by, said);
  return made;
}

// The hub's ids begin with the time at which the hub received the event.
function timeOf(at) {
  const time = new Date(parseInt(at, 10));
  const shown = element('time', 'quiet', clock(time));
  shown.dateTime = time.toISOString();
  return shown;
}

// Announces the newest messages to screen readers. Of many messages in one frame, only the last ones are announced.
class News {
  #waiting = [];
  #draw;

  constructor(place) {
    this.#draw = drawing(document.body, () => {
      const said = this.#waiting.splice(0).map(({ name, text }) => element('p', '', `${name}: ${clip(text, 300)}`));
      place.append(...said);
      while (place.childElementCount > ANNOUNCED) {
        place.firstElementChild.remove();
      }
    });
  }

  add(message) {
    this.#waiting = [...this.#waiting, message].slice(-ANNOUNCED);
    this.#draw();
  }
}

function sendFrom(form, hub, sent) {
  const name = document.getElementById('chat-name');
  const text = document.getElementById('chat-text');
  const button = form.querySelector('button');
  const alert = form.querySelector('[role=alert]');
  let failed = null; // sent again unchanged, it keeps its id: if the hub has it already, nobody receives it twice

  name.value = recall(NAME_KEY) ?? '';
  name.addEventListener('change', () => remember(NAME_KEY, name.value));
  text.addEventListener('input', () => {
    alert.textContent = '';
  });
  text.addEventListener('keydown', (event) => {
    if (event.key === 'Enter' && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      form.requestSubmit();
    }
  });
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    if (text.value.trim() === '' || text.readOnly) {
      return;
    }
    const data = JSON.stringify({ name: name.value.trim(), text: text.value });
    const id = failed?.data === data ? failed.id : randomId();
    sent.add(id); // the event may arrive before the response
    text.readOnly = true;
    button.disabled = true;
    alert.textContent = '';
    try {
      await hub.publish({ topic: TOPIC, type: 'chat', id, data });
      failed = null;
      text.value = '';
    } catch (error) {
      failed = { id, data };
      alert.replaceChildren('Not sent: ', ...refusalOf(error));
      if (error.status === 401) {
        tellRefusal(hub, error);
      }
    } finally {
      text.readOnly = false;
      button.disabled = false;
    }
  });
}

// Browsers offer crypto.randomUUID only on https and on localhost.
function randomId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = bytes[6] & 0x0f | 0x40;
  bytes[8] = bytes[8] & 0x3f | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  return `chat-${hex.replace(/(.{8})(.{4})(.{4})(.{4})(.{12})/, '$1-$2-$3-$4-$5')}`;
}
