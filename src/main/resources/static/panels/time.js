// Shows the server's time, and the list of received messages.

import { drawing } from './drawing.js';
import { FollowingList } from './following.js';
import { notice, subscribe } from './subscribing.js';
import { clip, element, gap } from './text.js';

const KEPT = 200;
const TICK = /(\d{4})-(\d\d)-(\d\d)T(\d\d:\d\d:\d\d)(?:\.\d+)?(Z|[+-]\d\d:\d\d)/;
const DAY = new Intl.DateTimeFormat('en-GB', { weekday: 'long', day: 'numeric', month: 'long', year: 'numeric', timeZone: 'UTC' });

export function showTime(hub, { time, messages }) {
  const section = document.getElementById('time');
  if (time === null) {
    notice(section, 'This hub does not publish the time. Set sse-hub.feeds.time.enabled to true to turn it on.');
    document.getElementById('date').hidden = true;
    document.querySelector('.clock').hidden = true;
  } else {
    let newest = null;
    const draw = drawing(document.querySelector('.clock'), () => showTick(newest));
    const take = ({ type, data }) => {
      if (type !== 'gap' && TICK.test(data)) {
        newest = data;
        draw();
      }
    };
    subscribe(hub, section, [time], take).ready.catch(() => {
      document.getElementById('date').textContent = ''; // instead of "waiting for the first tick"
    });
  }
  if (messages.length > 0) {
    showMessages(hub, section, messages);
  }
}

// Shows the local time of the server, as it was sent.
function showTick(data) {
  const [whole, year, month, day, clock, offset] = TICK.exec(data);
  const shown = document.getElementById('clock');
  shown.textContent = clock;
  shown.dateTime = whole;
  const date = DAY.format(Date.UTC(year, month - 1, day));
  document.getElementById('date').textContent = `${date}, ${offset === 'Z' ? 'UTC' : `UTC${offset.replace('-', '\u2212')}`}`;
}

function showMessages(hub, section, selectors) {
  const list = new FollowingList(document.getElementById('messages'), KEPT, ['message', 'messages']);
  const { ready } = subscribe(hub, section, selectors, ({ type, data }) => {
    const text = clip(data);
    list.append(() => type === 'gap' ? gap('messages') : element('li', 'message', text));
  }, { since: 'earliest' });
  list.holdUntil(ready);
}
