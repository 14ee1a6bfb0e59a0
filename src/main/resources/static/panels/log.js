// Shows the last lines of the log topic, as a terminal would.

import { FollowingList } from './following.js';
import { subscribe } from './subscribing.js';
import { clip, element, gap } from './text.js';

const TOPIC = 'log'; // if the feed is off, `--stdin log` may still publish to this topic
const KEPT = 1_000;
const LINE_LENGTH = 10_000;
const ESCAPES = /\x1b\[[0-9;?]*[A-Za-z]/g; // terminal escape sequences, such as colours

export function showLog(hub, topic) {
  const list = new FollowingList(document.getElementById('log-lines'), KEPT, ['line', 'lines']);
  const { ready } = subscribe(hub, document.getElementById('log'), [topic ?? TOPIC], ({ type, data }) => {
    if (type === 'gap') {
      list.append(() => gap('lines'));
    } else {
      const lines = data.replace(/\n$/, '').split('\n').slice(-KEPT).map((line) => clip(line.replace(ESCAPES, ''), LINE_LENGTH));
      list.append(...lines.map((line) => () => element('li', 'line', line)));
    }
  }, { since: 'earliest' });
  list.holdUntil(ready);
}
