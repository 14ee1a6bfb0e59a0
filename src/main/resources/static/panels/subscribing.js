// Subscribes for a section, which says that it is busy while its past is filled in, and why it stays empty. A refusal concerns others
// as well, so the hub dispatches 'refused' then, with the error as detail.

import { refusalOf } from './token.js';

export function subscribe(hub, section, topics, listener, options = {}) {
  section.setAttribute('aria-busy', 'true');
  const settled = () => section.removeAttribute('aria-busy');
  const refused = (error) => {
    settled();
    section.classList.add('refused');
    notice(section, ...refusalOf(error));
    tellRefusal(hub, error);
  };
  const subscription = hub.subscribe(topics, listener, { ...options, onerror: refused });
  subscription.ready.then(settled, () => {}); // onerror says it
  return subscription;
}

export function tellRefusal(hub, error) {
  hub.dispatchEvent(new CustomEvent('refused', { detail: error }));
}

export function notice(section, ...sentence) {
  const place = section.querySelector('.notice');
  place.replaceChildren(...sentence);
  place.hidden = false;
}
