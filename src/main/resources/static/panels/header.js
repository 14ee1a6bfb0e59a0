// Shows the state of the connection: its name, the age of the last event, the next attempt, and the tabs that share it.

import { example } from './curl.js';
import { shorten } from './text.js';
import { hasToken, TOKEN_STATUSES, tokenLink } from './token.js';

const REFRESH_MS = 200;
const REASON_LENGTH = 200;
const NAMES = { idle: 'connecting', waiting: 'reconnecting' };

export function showHeader(hub, hubUrl) {
  const state = document.getElementById('state');
  const tabs = document.getElementById('tabs');
  const lastEvent = document.getElementById('last-event');
  const away = document.getElementById('away');
  const reason = document.getElementById('reason');
  const countdown = document.getElementById('countdown');
  const enter = document.getElementById('enter');
  const now = away.querySelector('button');
  const sample = document.getElementById('example');
  let refusal = null;

  enter.append(tokenLink());
  now.addEventListener('click', () => {
    document.getElementById('main').focus({ preventScroll: true }); // the button is about to be hidden
    hub.reconnect();
  });

  function showState() {
    const { name, reason: why, tabs: count } = hub.state;
    const refused = name === 'idle' && refusal !== null;
    const shown = refused ? 'refused' : NAMES[name] ?? name;
    if (state.textContent !== shown) { // screen readers announce each assignment, even of the same text
      state.textContent = shown;
    }
    state.dataset.state = shown;
    document.body.classList.toggle('stale', name !== 'live' && hub.state.lastEventAt !== null);
    document.body.classList.toggle('locked', refused && TOKEN_STATUSES.includes(refusal.status));
    tabs.hidden = !(count > 1);
    tabs.textContent = `shared by ${count} tabs`;
    // the bar stays as it was while an attempt is made
    away.hidden = name === 'live' || name === 'idle' && !refused || name === 'connecting' && away.hidden;
    const said = refused ? reasonOf(refusal) : why;
    reason.textContent = said ? shorten(said, REASON_LENGTH) : (reason.textContent || 'the connection was lost');
    if (away.hidden) {
      reason.textContent = '';
    }
    countdown.hidden = refused;
    now.hidden = refused;
    enter.hidden = !/\btoken\b/.test(reason.textContent);
    showTimes();
  }

  function showTimes() {
    const { name, retryAt, lastEventAt } = hub.state;
    lastEvent.hidden = lastEventAt === null;
    lastEvent.lastElementChild.textContent = `${age(Date.now() - lastEventAt)} ago`;
    countdown.textContent = name === 'closed' ? 'reconnect'
      : name === 'waiting' && retryAt !== null ? `reconnecting in ${Math.max(0, Math.ceil((retryAt - Date.now()) / 1000))} s`
      : 'reconnecting …';
  }

  hub.addEventListener('state', showState);
  hub.addEventListener('refused', ({ detail }) => {
    refusal ??= detail;
    if (detail.status === 401) {
      sample.textContent = example(hubUrl, true);
    }
    showState();
  });
  setInterval(showTimes, REFRESH_MS);
  showState();
  sample.textContent = example(hubUrl, hasToken());
}

// The reason to show when all of the page's subscriptions were refused.
function reasonOf({ status, message }) {
  return status === 401 && !hasToken() ? 'this hub requires a token'
    : status === 403 ? 'the token grants none of the topics on this page'
    : message;
}

function age(ms) {
  const seconds = Math.max(0, ms) / 1000;
  return seconds < 10 ? `${seconds.toFixed(1)} s`
    : seconds < 100 ? `${Math.round(seconds)} s`
    : seconds < 6000 ? `${Math.round(seconds / 60)} min`
    : `${Math.round(seconds / 3600)} h`;
}
